// SPDX-License-Identifier: GPL-2.0

//! Tests of files and descriptors.
//!
//! Kernel threads share the descriptor table of the first task. The tests take a copy each, which goes
//! away with the thread of the test.

use super::*;
use crate::{
    c_str,
    error::{from_err_ptr, to_result},
    fs::Kiocb,
    iov::{IovIterDest, IovIterSource},
    kthread::Thread,
    new_poll_condvar,
    prelude::*,
    security::SecurityCtx,
    seq_file::SeqFile,
    sync::{
        atomic::{Atomic, Relaxed},
        poll::PollTable,
        Arc,
    },
    task::{Kuid, Task},
};
use core::{marker::PhantomData, ptr};

/// Opens the root directory.
fn open(flags: u32) -> Result<ARef<File>> {
    // SAFETY: The path is a string.
    let file = unsafe { bindings::filp_open(c"/".as_char_ptr(), flags as i32, 0) };
    let file = NonNull::new(from_err_ptr(file)?).ok_or(ENOENT)?;
    // SAFETY: The file was just opened: the count of one is ours, and it has no descriptor.
    Ok(unsafe { ARef::from_raw(file.cast()) })
}

/// How many references there are.
fn count(file: &LocalFile) -> u64 {
    // SAFETY: The file exists.
    let count = unsafe { &raw const (*file.as_ptr()).f_ref.refcnt.counter };
    // SAFETY: As above; the count is read in one piece.
    let count = unsafe { count.read_volatile() };
    // C begins at zero.
    count as u64 + 1
}

/// Gives the thread of the test a table of its own.
fn own_table() -> Result {
    // SAFETY: The thread runs the test, and does nothing with descriptors meanwhile.
    to_result(unsafe { bindings::unshare_files() })
}

/// Takes the table of the current thread away, as its exit would.
fn give_up_table() {
    // SAFETY: The current task gives up its table at this point or, with nothing left to do, when it
    // exits.
    unsafe { bindings::exit_files(Task::current_raw()) };
}

/// Closes a descriptor; tells whether there was one.
fn close(fd: u32) -> bool {
    // SAFETY: The table is that of the test.
    unsafe { bindings::close_fd(fd) == 0 }
}

/// Whether the descriptor would be closed by `exec`.
fn closes_on_exec(fd: u32) -> bool {
    // SAFETY: The table is that of the test, and has room for the number.
    unsafe { bindings::get_close_on_exec(fd) }
}

fn reserve() -> Result<FileDescriptorReservation> {
    FileDescriptorReservation::get_unused_fd_flags(0)
}

/// Installs a file that was just opened, and returns the number.
fn install(file: ARef<File>) -> Result<u32> {
    let reservation = reserve()?;
    let fd = reservation.reserved_fd();
    reservation.fd_install(file);
    Ok(fd)
}

/// What the files of these tests keep.
struct Released {
    /// How many files are gone.
    files: Atomic<i32>,
    /// What looking up a descriptor came to in the release operation, and reserving one.
    results: [Atomic<i32>; 2],
}

impl Released {
    fn new() -> Result<Arc<Self>> {
        let released = Self {
            files: Atomic::new(0),
            results: [Atomic::new(1), Atomic::new(1)],
        };
        Ok(Arc::new(released, GFP_KERNEL)?)
    }
}

/// The release operation: looks for descriptors.
///
/// # Safety
///
/// `file` is being released, and its data came from an `Arc<Released>`.
unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: By this function's contract.
    let data = unsafe { (*file).private_data };
    // SAFETY: By this function's contract; a file is released once.
    let released = unsafe { Arc::from_raw(data.cast::<Released>()) };
    // SAFETY: The file is being released by this context.
    let file = unsafe { File::from_raw_file(file) };
    let errno = |result: Result| result.map_or_else(Error::to_errno, |()| 0);
    let found = LocalFile::fget(0).map(|_| ()).map_err(Error::from);
    released.results[0].store(errno(found), Relaxed);
    released.results[1].store(errno(reserve().map(|_| ())), Relaxed);
    // What is there can be looked at.
    let known = file.flags() & flags::O_ACCMODE == flags::O_RDWR;
    released.files.add(i32::from(known), Relaxed);
    0
}

/// Makes a file that says what it finds when it is released.
fn watched(released: Arc<Released>) -> Result<ARef<File>> {
    /// Operations are shared, and constant.
    struct Operations(bindings::file_operations);

    // SAFETY: Nobody writes to it.
    unsafe impl Sync for Operations {}

    static OPERATIONS: Operations = Operations(bindings::file_operations {
        release: Some(release),
        // SAFETY: No owner, and no operations: null is what C takes for that.
        ..unsafe { core::mem::zeroed() }
    });

    let data = Arc::into_raw(released);
    // SAFETY: The name is a string; the operations live for ever.
    let file = unsafe {
        bindings::anon_inode_getfile(
            c"watched".as_char_ptr(),
            &OPERATIONS.0,
            data.cast_mut().cast(),
            flags::O_RDWR as i32,
        )
    };
    let Some(file) = from_err_ptr(file).ok().and_then(NonNull::new) else {
        // SAFETY: There is no file, so it is still ours.
        drop(unsafe { Arc::from_raw(data) });
        return Err(ENOMEM);
    };
    // SAFETY: The file was just made: the count of one is ours, and it has no descriptor.
    Ok(unsafe { ARef::from_raw(file.cast()) })
}

/// Drops a reference, and the file at once if it was the last.
fn drop_now(file: ARef<File>) {
    // SAFETY: The count belonged to the `ARef`.
    unsafe { bindings::__fput_sync(ARef::into_raw(file).cast().as_ptr()) };
}

/// Says of a type whether it is `Send`, and whether `Sync`: the constants of [`Otherwise`] are shadowed
/// where it is.
struct Probe<T>(PhantomData<T>);

impl<T: Send> Probe<T> {
    const SEND: bool = true;
}

impl<T: Sync> Probe<T> {
    const SYNC: bool = true;
}

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T> Otherwise for Probe<T> {}

#[kunit_tests(rust_fs_file)]
mod cases {
    use super::*;

    #[test]
    fn what_stays_on_its_thread() {
        assert!(Probe::<File>::SEND && Probe::<File>::SYNC);
        assert!(Probe::<ARef<File>>::SEND && Probe::<ARef<File>>::SYNC);
        assert!(!Probe::<LocalFile>::SEND && !Probe::<LocalFile>::SYNC);
        assert!(!Probe::<ARef<LocalFile>>::SEND && !Probe::<ARef<LocalFile>>::SYNC);
        assert!(!Probe::<FileDescriptorReservation>::SEND);
        assert!(!Probe::<FileDescriptorReservation>::SYNC);
        assert!(!Probe::<Kiocb<'_, KBox<u8>>>::SEND && !Probe::<Kiocb<'_, KBox<u8>>>::SYNC);
        assert!(!Probe::<IovIterSource<'_>>::SEND && !Probe::<IovIterSource<'_>>::SYNC);
        assert!(!Probe::<IovIterDest<'_>>::SEND && !Probe::<IovIterDest<'_>>::SYNC);
        assert!(!Probe::<SeqFile>::SEND && !Probe::<SeqFile>::SYNC);
        assert!(!Probe::<SecurityCtx>::SEND && !Probe::<SecurityCtx>::SYNC);
    }

    #[test]
    fn flags_are_those_of_opening() -> Result {
        let file = open(flags::O_RDONLY | flags::O_NONBLOCK | flags::O_DIRECTORY)?;
        assert_eq!(file.flags() & flags::O_ACCMODE, flags::O_RDONLY);
        assert!(file.flags() & flags::O_NONBLOCK != 0);
        assert!(file.flags() & flags::O_DIRECTORY != 0);
        assert_eq!(file.flags() & flags::O_APPEND, 0);
        let file = open(flags::O_RDONLY)?;
        assert_eq!(file.flags() & flags::O_NONBLOCK, 0);
        // A directory can't be opened for writing, nor be created over.
        assert_eq!(open(flags::O_RDWR).err(), Some(EISDIR));
        assert_eq!(open(flags::O_CREAT | flags::O_EXCL).err(), Some(EEXIST));
        Ok(())
    }

    #[test]
    fn flags_may_change() -> Result {
        let file = open(flags::O_RDONLY)?;
        let changed = file.flags() | flags::O_NONBLOCK;
        // SAFETY: Nobody else has the file; this is what `fcntl` does.
        unsafe { (*file.as_ptr()).f_flags = changed };
        assert_eq!(file.flags(), changed);
        Ok(())
    }

    #[test]
    fn flags_do_not_overlap() {
        let single = [
            flags::O_APPEND,
            flags::O_ASYNC,
            flags::O_CLOEXEC,
            flags::O_CREAT,
            flags::O_DIRECT,
            flags::O_DIRECTORY,
            flags::O_DSYNC,
            flags::O_EXCL,
            flags::O_NOATIME,
            flags::O_NOCTTY,
            flags::O_NOFOLLOW,
            flags::O_NONBLOCK,
            flags::O_PATH,
            flags::O_TRUNC,
        ];
        let mut all = flags::O_ACCMODE;
        for flag in single {
            assert_eq!(flag.count_ones(), 1);
            assert_eq!(all & flag, 0);
            all |= flag;
        }
        assert_eq!(flags::O_RDONLY, 0);
        assert_eq!(flags::O_ACCMODE, flags::O_WRONLY | flags::O_RDWR);
        assert_eq!(flags::O_NDELAY, flags::O_NONBLOCK);
        // Those that stand for more than one bit.
        assert_eq!(flags::O_SYNC & flags::O_DSYNC, flags::O_DSYNC);
        assert_eq!(flags::O_TMPFILE & flags::O_DIRECTORY, flags::O_DIRECTORY);
    }

    #[test]
    fn who_opened_it() -> Result {
        let file = open(flags::O_RDONLY)?;
        assert!(file.cred().euid() == Kuid::current_euid());
        let cred: ARef<Credential> = file.cred().into();
        drop(file);
        assert!(cred.euid() == Kuid::current_euid());
        Ok(())
    }

    #[test]
    fn references_are_counted() -> Result {
        let file = open(flags::O_RDONLY)?;
        assert_eq!(count(&file), 1);
        let again = file.clone();
        assert_eq!(count(&file), 2);
        assert!(ptr::eq(file.as_ptr(), again.as_ptr()));
        let local: ARef<LocalFile> = ARef::from(&**file);
        assert_eq!(count(&file), 3);
        drop(again);
        drop(file);
        assert_eq!(count(&local), 1);
        Ok(())
    }

    #[test]
    fn both_views_are_one_file() -> Result {
        let file = open(flags::O_RDONLY)?;
        let raw = file.as_ptr();
        // SAFETY: `file` keeps it open, and no system call looks at its position.
        assert!(ptr::eq(unsafe { File::from_raw_file(raw) }.as_ptr(), raw));
        // SAFETY: As above.
        let local = unsafe { LocalFile::from_raw_file(raw) };
        assert!(ptr::eq(local.as_ptr(), raw));
        assert_eq!(count(local), 1);
        let local = ARef::from(local);
        // SAFETY: This thread is part of no system call.
        let shared = unsafe { LocalFile::assume_no_fdget_pos(local) };
        assert_eq!(count(&shared), 2);
        assert!(ptr::eq(shared.as_ptr(), raw));
        Ok(())
    }

    #[test]
    fn the_last_reference_releases() -> Result {
        let released = Released::new()?;
        let file = watched(released.clone())?;
        let again = file.clone();
        drop_now(file);
        assert_eq!(released.files.load(Relaxed), 0);
        drop_now(again);
        assert_eq!(released.files.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn another_thread_may_drop_a_file() -> Result {
        let released = Released::new()?;
        let file = watched(released.clone())?;
        let other = Thread::spawn(c_str!("drops"), move |_| {
            drop_now(file);
            Ok(())
        })?;
        other.stop()?;
        assert_eq!(released.files.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn numbers_that_are_no_descriptors() -> Result {
        own_table()?;
        for fd in [1000, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            assert_eq!(LocalFile::fget(fd).err(), Some(BadFdError));
        }
        assert_eq!(Error::from(BadFdError), EBADF);
        Ok(())
    }

    #[test]
    fn a_descriptor_leads_to_its_file() -> Result {
        own_table()?;
        let file = open(flags::O_RDONLY)?;
        let fd = install(file.clone())?;
        assert_eq!(count(&file), 2);
        let found = LocalFile::fget(fd)?;
        assert!(ptr::eq(found.as_ptr(), file.as_ptr()));
        assert_eq!(count(&file), 3);
        drop(found);
        assert_eq!(count(&file), 2);

        assert!(close(fd));
        assert_eq!(LocalFile::fget(fd).err(), Some(BadFdError));
        Ok(())
    }

    #[test]
    fn what_was_looked_up_survives_the_descriptor() -> Result {
        own_table()?;
        let fd = install(open(flags::O_RDONLY)?)?;
        let found = LocalFile::fget(fd)?;
        assert!(close(fd));
        assert!(!close(fd));
        assert_eq!(count(&found), 1);
        assert_eq!(found.flags() & flags::O_ACCMODE, flags::O_RDONLY);
        Ok(())
    }

    #[test]
    fn a_place_without_a_file_is_not_found() -> Result {
        own_table()?;
        let fd = install(open(flags::O_PATH)?)?;
        assert_eq!(LocalFile::fget(fd).err(), Some(BadFdError));
        assert!(close(fd));
        Ok(())
    }

    #[test]
    fn a_reservation_is_no_descriptor_yet() -> Result {
        own_table()?;
        let reservation = reserve()?;
        let fd = reservation.reserved_fd();
        assert_eq!(LocalFile::fget(fd).err(), Some(BadFdError));
        // Nor can somebody else close it.
        assert!(!close(fd));
        let other = reserve()?;
        assert!(other.reserved_fd() != fd);
        reservation.fd_install(open(flags::O_RDONLY)?);
        assert!(LocalFile::fget(fd).is_ok());
        assert!(close(fd));
        Ok(())
    }

    #[test]
    fn a_dropped_reservation_is_free_again() -> Result {
        own_table()?;
        let first = reserve()?;
        let fd = first.reserved_fd();
        let second = reserve()?;
        drop(first);
        // The lowest number that is free is taken first.
        assert_eq!(reserve()?.reserved_fd(), fd);
        drop(second);
        assert_eq!(reserve()?.reserved_fd(), fd);
        Ok(())
    }

    #[test]
    fn an_installed_descriptor_is_not_given_back() -> Result {
        own_table()?;
        let fd = install(open(flags::O_RDONLY)?)?;
        assert!(reserve()?.reserved_fd() != fd);
        assert!(close(fd));
        assert_eq!(reserve()?.reserved_fd(), fd);
        Ok(())
    }

    #[test]
    fn reservations_remember_their_flags() -> Result {
        own_table()?;
        let keeps = reserve()?;
        let closes = FileDescriptorReservation::get_unused_fd_flags(flags::O_CLOEXEC)?;
        assert!(!closes_on_exec(keeps.reserved_fd()));
        assert!(closes_on_exec(closes.reserved_fd()));
        Ok(())
    }

    #[test]
    fn no_reservation_beyond_the_limit() -> Result {
        own_table()?;
        // SAFETY: The current task has a signal structure until it exits.
        let signal = unsafe { (*Task::current_raw()).signal };
        // SAFETY: As above. A kernel thread shares it with nobody.
        let limit = unsafe { &raw mut (*signal).rlim[bindings::RLIMIT_NOFILE as usize].rlim_cur };
        let first = reserve()?;
        let next = first.reserved_fd() as usize + 1;
        // SAFETY: The limit is that of this thread.
        let before = unsafe { limit.read() };
        // SAFETY: As above.
        unsafe { limit.write(next) };
        let refused = reserve().err();
        drop(first);
        let taken = reserve();
        // SAFETY: As above.
        unsafe { limit.write(0) };
        let none = reserve().err();
        // SAFETY: As above.
        unsafe { limit.write(before) };
        assert_eq!(refused, Some(EMFILE));
        assert_eq!(taken?.reserved_fd() as usize + 1, next);
        assert_eq!(none, Some(EMFILE));
        assert!(reserve().is_ok());
        Ok(())
    }

    #[test]
    fn the_table_grows() -> Result {
        own_table()?;
        let mut reservations = KVec::new();
        for _ in 0..200 {
            reservations.push(reserve()?, GFP_KERNEL)?;
        }
        for (index, one) in reservations.iter().enumerate() {
            let others = &reservations[index + 1..];
            assert!(others
                .iter()
                .all(|other| other.reserved_fd() != one.reserved_fd()));
        }
        Ok(())
    }

    /// Upstream, safe code follows a null pointer here.
    #[test]
    fn a_task_without_a_table_has_no_descriptors() -> Result {
        own_table()?;
        let fd = install(open(flags::O_RDONLY)?)?;
        assert!(LocalFile::fget(fd).is_ok());
        give_up_table();
        for fd in [0, fd, u32::MAX] {
            assert_eq!(LocalFile::fget(fd).err(), Some(BadFdError));
        }
        assert_eq!(reserve().err(), Some(EBADF));
        Ok(())
    }

    /// What a release operation meets in a process that exits.
    #[test]
    fn a_release_after_the_table_is_gone() -> Result {
        let released = Released::new()?;
        let exiting = {
            let released = released.clone();
            Thread::spawn(c_str!("exits"), move |_| {
                let file = watched(released)?;
                own_table()?;
                give_up_table();
                drop_now(file);
                Ok(())
            })?
        };
        exiting.stop()?;
        assert_eq!(released.files.load(Relaxed), 1);
        let results = released
            .results
            .each_ref()
            .map(|result| result.load(Relaxed));
        assert_eq!(results, [EBADF.to_errno(); 2]);
        Ok(())
    }

    /// The exit of a task closes its files, and gives back what was reserved in between.
    #[test]
    fn a_thread_that_exits_closes_its_files() -> Result {
        let released = Released::new()?;
        let exiting = {
            let released = released.clone();
            Thread::spawn(c_str!("exits"), move |_| {
                own_table()?;
                let reservation = reserve()?;
                install(watched(released)?)?;
                drop(reservation);
                give_up_table();
                Ok(())
            })?
        };
        exiting.stop()?;
        // A kernel thread leaves the release to a work item.
        //
        // SAFETY: May be called where sleeping is allowed.
        unsafe { bindings::flush_delayed_fput() };
        assert_eq!(released.files.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn files_can_be_polled_for() -> Result {
        let file = open(flags::O_RDONLY)?;
        let condvar = KBox::pin_init(new_poll_condvar!("file test"), GFP_KERNEL)?;
        // SAFETY: A table may be null.
        let table = unsafe { PollTable::from_raw(ptr::null_mut()) };
        let local: &LocalFile = &file;
        table.register_wait(&*file, &condvar);
        table.register_wait(local, &condvar);
        table.register_wait(&file, &condvar);
        condvar.notify_all();
        Ok(())
    }
}
