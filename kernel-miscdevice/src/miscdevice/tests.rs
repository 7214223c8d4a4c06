// SPDX-License-Identifier: GPL-2.0

//! Tests of registrations, and of what C calls.
//!
//! While these run there is no file system with `/dev` yet, so files are made by hand here and handed
//! to the operations as C does it. Real ones are in the tests of the drivers.

use super::*;
use crate::{
    fs::{File, Kiocb},
    iov::{IovIterDest, IovIterSource},
    mm::virt::VmaNew,
    seq_file::SeqFile,
    seq_print,
    sync::{
        atomic::{Atomic, Relaxed},
        poll::PollTable,
    },
};
use core::ptr;

/// How many [`Full`] files there are.
static FILES: Atomic<i32> = Atomic::new(0);
/// How many [`Full`] files were released by the operation of that name.
static RELEASED: Atomic<i32> = Atomic::new(0);

/// A device that can do everything, and lets its files be told what to answer.
struct Full {
    answer: Atomic<i64>,
    seen: Atomic<u64>,
}

impl Full {
    /// What a read or write answers.
    fn moved(&self) -> Result<usize> {
        match self.answer.load(Relaxed) {
            bytes if bytes >= 0 => Ok(bytes as usize),
            errno => Err(Error::from_errno(errno as i32)),
        }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        FILES.add(-1, Relaxed);
    }
}

/// The flag of a file that can't be opened.
const REFUSED: u32 = crate::fs::file::flags::O_EXCL;

#[vtable]
impl MiscDevice for Full {
    type Ptr = KBox<Self>;

    fn open(file: &File, device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        assert_eq!(device.device().name(), c"rust_misc_full");
        // SAFETY: The file is valid.
        let operations = unsafe { (*file.as_ptr()).f_op };
        // SAFETY: A file's operations are valid, too.
        let operations = unsafe { &*operations };
        // Whoever has the file now can't do anything with it.
        assert!(operations.unlocked_ioctl.is_none() && operations.read_iter.is_none());
        assert!(operations.release.is_none() && operations.owner.is_null());
        if file.flags() & REFUSED != 0 {
            return Err(EOVERFLOW);
        }
        let full = KBox::new(
            Full {
                answer: Atomic::new(0),
                seen: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        FILES.add(1, Relaxed);
        Ok(full)
    }

    fn release(full: KBox<Self>, _file: &File) {
        RELEASED.add(1, Relaxed);
        drop(full);
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let full = kiocb.file();
        let copied = iov.copy_to_iter(b"misc");
        *kiocb.ki_pos_mut() += copied as i64;
        full.moved()
    }

    fn write_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let full = kiocb.file();
        let mut bytes = [0; 8];
        let copied = iov.copy_from_iter(&mut bytes);
        full.seen.store(u64::from_le_bytes(bytes), Relaxed);
        *kiocb.ki_pos_mut() += copied as i64;
        full.moved()
    }

    fn poll(full: &Self, _file: &File, _table: PollTable<'_>) -> PollEvents {
        PollEvents::try_from(full.answer.load(Relaxed) as u32).unwrap_or(PollEvents::empty())
    }

    fn ioctl(full: &Self, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        full.seen.store(u64::from(cmd), Relaxed);
        full.answer.store(arg as i64, Relaxed);
        match cmd {
            0 => Err(ENOTTY),
            1 => Ok(isize::MAX),
            2 => Ok(isize::MIN),
            _ => Ok(arg as isize),
        }
    }

    fn mmap(full: &Self, _file: &File, _area: &VmaNew) -> Result {
        match full.answer.load(Relaxed) {
            0 => Ok(()),
            errno => Err(Error::from_errno(errno as i32)),
        }
    }

    fn show_fdinfo(full: &Self, seq: &SeqFile, _file: &File) {
        seq_print!(seq, "answer:\t{}\n", full.answer.load(Relaxed));
    }
}

/// A device that can only be opened, and keeps nothing.
struct Bare;

#[vtable]
impl MiscDevice for Bare {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }
}

/// A device that only takes ioctls.
struct Ioctls;

#[vtable]
impl MiscDevice for Ioctls {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }

    fn ioctl(_device: (), _file: &File, _cmd: u32, _arg: usize) -> Result<isize> {
        Ok(0)
    }
}

type Registration<T> = Pin<KBox<MiscDeviceRegistration<T>>>;

fn register<T: MiscDevice>(name: &'static CStr) -> Result<Registration<T>> {
    let options = MiscDeviceOptions { name };
    KBox::pin_init(MiscDeviceRegistration::register(options), GFP_KERNEL)
}

/// The table of operations that a device was registered with.
fn operations<T: MiscDevice>(device: &MiscDeviceRegistration<T>) -> &bindings::file_operations {
    // SAFETY: The device is registered, so its structure is set up.
    let operations = unsafe { (*device.as_raw()).fops };
    // SAFETY: They are a constant.
    unsafe { &*operations }
}

/// An open file of a [`Full`] device.
struct Opened<'a> {
    file: KBox<Opaque<bindings::file>>,
    operations: &'a bindings::file_operations,
}

impl<'a> Opened<'a> {
    /// Opens a file as `misc_open` does.
    fn new(device: &'a MiscDeviceRegistration<Full>, flags: u32) -> Result<Self, (Error, i32)> {
        let operations = operations(device);
        let file = bindings::file {
            f_op: operations,
            f_flags: flags,
            private_data: device.as_raw().cast(),
            ..Default::default()
        };
        let file = KBox::new(Opaque::new(file), GFP_KERNEL).map_err(|_| (ENOMEM, 0))?;
        let open = operations.open.ok_or((ENXIO, 0))?;
        // SAFETY: The file is as `misc_open` has it, and the device stays registered. These tests are
        // no module, so nothing has to be kept from going.
        match unsafe { open(ptr::null_mut(), file.get()) } {
            0 => Ok(Self { file, operations }),
            errno => {
                // SAFETY: The file is still valid.
                let file = unsafe { file.get().read() };
                assert!(!ptr::eq(file.f_op, operations) && !file.f_op.is_null());
                assert!(ptr::eq(file.private_data, device.as_raw().cast()));
                Err((Error::from_errno(errno), errno))
            }
        }
    }

    /// Has the file answer `answer` from now on.
    fn answers(&self, answer: i64) -> &Self {
        assert_eq!(self.ioctl(77, answer as usize), answer as isize);
        self
    }

    fn full(&self) -> &Full {
        // SAFETY: The file is valid.
        let data = unsafe { (*self.file.get()).private_data };
        // SAFETY: `open` has put it there, and `release` does not take it before the drop.
        unsafe { <KBox<Full> as crate::types::ForeignOwnable>::borrow(data) }
    }

    fn ioctl(&self, cmd: u32, arg: usize) -> isize {
        let Some(ioctl) = self.operations.unlocked_ioctl else {
            return isize::MIN;
        };
        // SAFETY: The file is open.
        unsafe { ioctl(self.file.get(), cmd, arg) }
    }

    /// Reads into `buffer`; returns the result, and the position afterwards.
    fn read(&self, buffer: &mut [u8]) -> (isize, i64) {
        let vec = bindings::kvec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        self.transfer(&vec, bindings::ITER_DEST, self.operations.read_iter)
    }

    /// Writes `bytes`; returns the result, and the position afterwards.
    fn write(&self, bytes: &[u8]) -> (isize, i64) {
        let vec = bindings::kvec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        };
        self.transfer(&vec, bindings::ITER_SOURCE, self.operations.write_iter)
    }

    fn transfer(
        &self,
        vec: &bindings::kvec,
        direction: u32,
        operation: Option<
            unsafe extern "C" fn(*mut bindings::kiocb, *mut bindings::iov_iter) -> isize,
        >,
    ) -> (isize, i64) {
        let mut iter = bindings::iov_iter::default();
        // SAFETY: The iterator is writable, and the vector outlives it.
        unsafe { bindings::iov_iter_kvec(&mut iter, direction, vec, 1, vec.iov_len) };
        let mut kiocb = bindings::kiocb {
            ki_filp: self.file.get(),
            ..Default::default()
        };
        let Some(operation) = operation else {
            return (isize::MIN, 0);
        };
        // SAFETY: The file is open; request and iterator are this call's, and the direction is that of
        // the operation.
        let result = unsafe { operation(&mut kiocb, &mut iter) };
        (result, kiocb.ki_pos)
    }

    fn poll(&self) -> u32 {
        let Some(poll) = self.operations.poll else {
            return !0;
        };
        // SAFETY: The file is open, and a table may be null.
        unsafe { poll(self.file.get(), ptr::null_mut()) }
    }

    fn mmap(&self) -> c_int {
        let Some(mmap) = self.operations.mmap else {
            return c_int::MIN;
        };
        let area = Opaque::<bindings::vm_area_struct>::zeroed();
        // SAFETY: The file is open. The operation above does not look at the area, which so need not
        // be one of a process.
        unsafe { mmap(self.file.get(), area.get()) }
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.operations.release {
            // SAFETY: The file is open, and nobody uses it any more.
            unsafe { release(ptr::null_mut(), self.file.get()) };
        }
        // SAFETY: The file is still valid.
        let left = unsafe { (*self.file.get()).f_op };
        // What C looks at next does not lie in a module.
        assert!(!ptr::eq(left, self.operations) && !left.is_null());
    }
}

#[crate::macros::kunit_tests(rust_misc_registration)]
mod registration_tests {
    use super::*;

    #[test]
    fn a_device_has_its_name() -> Result {
        for name in [c"rust_misc", c"r", c"rust misc-0.1", c"rust%s%n"] {
            assert_eq!(register::<Bare>(name)?.device().name(), name);
        }
        Ok(())
    }

    #[test]
    fn an_empty_name_is_refused() {
        assert_eq!(register::<Bare>(c"").err(), Some(EINVAL));
    }

    /// A slash stands for a directory in `/dev`, and for itself nowhere else.
    #[test]
    fn a_name_may_have_slashes() -> Result {
        assert_eq!(
            register::<Bare>(c"rust/misc")?.device().name(),
            c"rust!misc"
        );
        Ok(())
    }

    #[test]
    fn a_name_may_be_too_long_for_a_file() -> Result {
        const NAME: &CStr = c"rust_678901234567890123456789012345678901234567890123456789012345678901\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
        assert!(NAME.count_bytes() > 255);
        assert_eq!(register::<Bare>(NAME)?.device().name(), NAME);
        Ok(())
    }

    #[test]
    fn a_name_is_taken_once() -> Result {
        let first = register::<Bare>(c"rust_misc_taken")?;
        assert_eq!(register::<Bare>(c"rust_misc_taken").err(), Some(EEXIST));
        assert_eq!(register::<Full>(c"rust_misc_taken").err(), Some(EEXIST));
        // The one that was there first is as it was.
        assert_eq!(first.device().name(), c"rust_misc_taken");
        drop(first);
        register::<Bare>(c"rust_misc_taken").map(drop)
    }

    #[test]
    fn a_device_can_come_and_go() -> Result {
        let mut minor = None;
        for _ in 0..50 {
            let device = register::<Bare>(c"rust_misc_again")?;
            // SAFETY: The device is registered.
            let this = unsafe { (*device.as_raw()).minor };
            // Dynamic minor numbers are above the one that asks for them, and are given back.
            assert!(this > bindings::MISC_DYNAMIC_MINOR as i32);
            assert_eq!(*minor.get_or_insert(this), this);
        }
        Ok(())
    }

    #[test]
    fn devices_have_minor_numbers_of_their_own() -> Result {
        let devices = [
            register::<Bare>(c"rust_misc_0")?,
            register::<Bare>(c"rust_misc_1")?,
            register::<Bare>(c"rust_misc_2")?,
        ];
        // SAFETY: The devices are registered.
        let [a, b, c] = devices
            .each_ref()
            .map(|device| unsafe { (*device.as_raw()).minor });
        assert!(a != b && b != c && a != c);
        Ok(())
    }

    #[test]
    fn the_device_can_be_kept() -> Result {
        let registration = register::<Bare>(c"rust_misc_kept")?;
        let device = crate::sync::aref::ARef::from(registration.device());
        drop(registration);
        assert_eq!(device.name(), c"rust_misc_kept");
        Ok(())
    }

    #[test]
    fn a_registration_is_c_s_structure() {
        use core::mem::{align_of, size_of};

        assert_eq!(
            size_of::<MiscDeviceRegistration<Full>>(),
            size_of::<bindings::miscdevice>()
        );
        assert_eq!(
            align_of::<MiscDeviceRegistration<Full>>(),
            align_of::<bindings::miscdevice>()
        );
    }

    #[test]
    fn options_become_c_s_structure() {
        const RAW: bindings::miscdevice = MiscDeviceOptions { name: c"raw" }.into_raw::<Bare>();
        assert_eq!(RAW.minor, 255);
        assert!(RAW.parent.is_null() && RAW.this_device.is_null() && RAW.nodename.is_null());
        // SAFETY: It is the name from above.
        assert_eq!(unsafe { CStr::from_char_ptr(RAW.name) }, c"raw");
        // Each device of a type has the same table.
        let again = MiscDeviceOptions { name: c"other" }.into_raw::<Bare>();
        // SAFETY: Tables are constants.
        assert!(unsafe { (*again.fops).open }.is_some());
    }

    #[test]
    fn what_is_not_there_is_not_in_the_table() -> Result {
        let device = register::<Bare>(c"rust_misc_bare")?;
        let table = operations(&device);
        assert!(table.open.is_some() && table.release.is_some());
        assert!(table.read_iter.is_none() && table.write_iter.is_none());
        assert!(table.unlocked_ioctl.is_none() && table.compat_ioctl.is_none());
        assert!(table.poll.is_none() && table.mmap.is_none() && table.show_fdinfo.is_none());
        assert!(table.llseek.is_none() && table.splice_read.is_none() && table.owner.is_null());
        Ok(())
    }

    #[test]
    fn what_is_there_is_in_the_table() -> Result {
        let device = register::<Full>(c"rust_misc_full_table")?;
        let table = operations(&device);
        assert!(table.open.is_some() && table.release.is_some());
        assert!(table.read_iter.is_some() && table.write_iter.is_some());
        assert!(table.unlocked_ioctl.is_some());
        assert!(table.poll.is_some() && table.mmap.is_some() && table.show_fdinfo.is_some());
        Ok(())
    }

    #[test]
    fn a_part_of_what_there_is_is_in_the_table() -> Result {
        let device = register::<Ioctls>(c"rust_misc_ioctls")?;
        let table = operations(&device);
        assert!(table.unlocked_ioctl.is_some() && table.read_iter.is_none());
        assert!(table.poll.is_none() && table.mmap.is_none());
        // 32-bit processes get there too, where there are any.
        assert_eq!(table.compat_ioctl.is_some(), cfg!(CONFIG_COMPAT));
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_misc_operations)]
mod operation_tests {
    use super::*;

    fn full() -> Result<Registration<Full>> {
        register(c"rust_misc_full")
    }

    fn open(device: &MiscDeviceRegistration<Full>) -> Result<Opened<'_>> {
        Opened::new(device, 0).map_err(|(error, _)| error)
    }

    #[test]
    fn a_file_has_its_own_data() -> Result {
        let device = full()?;
        let files = FILES.load(Relaxed);
        let (one, two) = (open(&device)?, open(&device)?);
        assert_eq!(FILES.load(Relaxed), files + 2);
        one.answers(1);
        two.answers(2);
        assert_eq!(one.full().answer.load(Relaxed), 1);
        assert_eq!(two.full().answer.load(Relaxed), 2);
        drop(one);
        assert_eq!(FILES.load(Relaxed), files + 1);
        drop(two);
        assert_eq!(FILES.load(Relaxed), files);
        Ok(())
    }

    #[test]
    fn an_open_that_fails_leaves_nothing() -> Result {
        let device = full()?;
        let files = FILES.load(Relaxed);
        let refused = Opened::new(&device, REFUSED).err();
        assert_eq!(refused, Some((EOVERFLOW, -75)));
        assert_eq!(FILES.load(Relaxed), files);
        Ok(())
    }

    #[test]
    fn release_is_called_once() -> Result {
        let device = full()?;
        let released = RELEASED.load(Relaxed);
        let file = open(&device)?;
        assert_eq!(RELEASED.load(Relaxed), released);
        drop(file);
        assert_eq!(RELEASED.load(Relaxed), released + 1);
        Ok(())
    }

    /// What a file has does not depend on the registration.
    #[test]
    fn a_file_outlives_the_registration() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let operations: *const bindings::file_operations = file.operations;
        // SAFETY: Tables are constants, so they outlive the registration.
        let operations = unsafe { &*operations };
        let file = Opened {
            file: core::mem::replace(
                &mut core::mem::ManuallyDrop::new(file).file,
                KBox::new(Opaque::zeroed(), GFP_KERNEL)?,
            ),
            operations,
        };
        drop(device);
        file.answers(5);
        assert_eq!(file.full().seen.load(Relaxed), 77);
        let files = FILES.load(Relaxed);
        drop(file);
        assert_eq!(FILES.load(Relaxed), files - 1);
        Ok(())
    }

    #[test]
    fn ioctl_passes_what_it_gets() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for (cmd, arg) in [(3, 0), (u32::MAX, 1), (1 << 31, usize::MAX >> 1)] {
            assert_eq!(file.ioctl(cmd, arg), arg as isize);
            assert_eq!(file.full().seen.load(Relaxed), u64::from(cmd));
        }
        assert_eq!(file.ioctl(4, usize::MAX), -1);
        assert_eq!(file.full().answer.load(Relaxed), -1);
        Ok(())
    }

    #[test]
    fn ioctl_returns_all_of_it() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.ioctl(0, 0), ENOTTY.to_errno() as isize);
        assert_eq!(file.ioctl(1, 0), isize::MAX);
        assert_eq!(file.ioctl(2, 0), isize::MIN);
        Ok(())
    }

    #[test]
    fn reads_move_what_they_say() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let mut buffer = [0; 8];
        assert_eq!(file.answers(4).read(&mut buffer), (4, 4));
        assert_eq!(&buffer, b"misc\0\0\0\0");
        assert_eq!(file.answers(0).read(&mut buffer), (0, 4));
        assert_eq!(file.answers(3).read(&mut buffer[..3]), (3, 3));
        assert_eq!(file.answers(0).read(&mut []), (0, 0));
        Ok(())
    }

    #[test]
    fn reads_never_move_more_than_asked() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let mut buffer = [0; 2];
        for answer in [3, 4096, i64::from(u32::MAX) + 1, i64::MAX] {
            assert_eq!(file.answers(answer).read(&mut buffer).0, 2);
            assert_eq!(file.answers(answer).read(&mut []).0, 0);
        }
        Ok(())
    }

    #[test]
    fn writes_move_what_they_say() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.answers(3).write(b"abc"), (3, 3));
        assert_eq!(file.full().seen.load(Relaxed), 0x63_62_61);
        // It may take fewer than it has looked at.
        assert_eq!(file.answers(1).write(b"xyz"), (1, 3));
        assert_eq!(file.answers(0).write(b""), (0, 0));
        Ok(())
    }

    #[test]
    fn writes_never_move_more_than_asked() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for answer in [4, 4096, i64::MAX] {
            assert_eq!(file.answers(answer).write(b"abc").0, 3);
            assert_eq!(file.answers(answer).write(b"").0, 0);
        }
        Ok(())
    }

    #[test]
    fn errors_of_reads_and_writes_get_through() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for error in [EPERM, EFAULT, EAGAIN, ERESTARTSYS] {
            let errno = error.to_errno();
            file.answers(errno.into());
            assert_eq!(file.read(&mut [0; 2]).0, errno as isize);
            assert_eq!(file.write(b"ab").0, errno as isize);
        }
        Ok(())
    }

    /// C would wait for a completion that nobody sends, or call it a bug.
    #[test]
    fn nothing_is_queued() -> Result {
        let device = full()?;
        let file = open(&device)?;
        file.answers(EIOCBQUEUED.to_errno().into());
        assert_eq!(file.read(&mut [0; 2]).0, EIO.to_errno() as isize);
        assert_eq!(file.write(b"ab").0, EIO.to_errno() as isize);
        Ok(())
    }

    #[test]
    fn poll_reports_events() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for events in [
            PollEvents::empty(),
            PollEvent::In.into(),
            PollEvent::Out | PollEvent::Hup,
            PollEvent::Pri | PollEvent::RdHup | PollEvent::Err,
            !PollEvents::empty(),
        ] {
            assert_eq!(file.answers(u32::from(events).into()).poll(), events.into());
        }
        Ok(())
    }

    #[test]
    fn events_are_no_other_bits() {
        assert_eq!(PollEvents::try_from(0x41), Ok(PollEvent::In.into()));
        assert_eq!(PollEvents::try_from(0x8000_0000), Err(EINVAL));
        assert_eq!(PollEvents::try_from(0x0020), Err(EINVAL));
        assert!(!PollEvents::empty() == PollEvents::try_from(0x215f).unwrap_or_default());
    }

    #[test]
    fn mmap_gets_its_error_through() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.answers(0).mmap(), 0);
        for error in [EACCES, EINVAL, ENODEV] {
            assert_eq!(
                file.answers(error.to_errno().into()).mmap(),
                error.to_errno()
            );
        }
        Ok(())
    }

    #[test]
    fn fdinfo_is_shown() -> Result {
        let device = full()?;
        let file = open(&device)?;
        file.answers(-42);
        let mut buffer = [0; 64];
        let mut seq = bindings::seq_file {
            buf: buffer.as_mut_ptr().cast(),
            size: buffer.len(),
            ..Default::default()
        };
        let show = file.operations.show_fdinfo.ok_or(ENXIO)?;
        // SAFETY: The sequence file is set up for printing, and the file is open.
        unsafe { show(&mut seq, file.file.get()) };
        assert_eq!(&buffer[..seq.count], b"answer:\t-42\n");
        Ok(())
    }

    /// These tests lie in the kernel itself: there is no module to keep.
    #[test]
    fn the_kernel_is_no_module() -> Result {
        let device = full()?;
        // SAFETY: Any address may be looked up.
        let module = unsafe { bindings::module_at(ptr::from_ref(operations(&device)).cast()) };
        assert!(module.is_null());
        // SAFETY: A module may be null.
        assert!(!unsafe { bindings::module_is_coming(module) });
        // SAFETY: A module may be null.
        assert!(unsafe { bindings::try_module_get(module) });
        // SAFETY: As above.
        unsafe { bindings::module_put(module) };
        Ok(())
    }
}
