// SPDX-License-Identifier: GPL-2.0

//! Files that go while they are in use.

use super::process::Process;
use crate::{
    bindings,
    debugfs::{Dir, File},
    fmt,
    kthread::{yield_now, Thread},
    new_mutex,
    prelude::*,
    sync::{
        atomic::{Acquire, Atomic, Relaxed, Release},
        Arc, Completion,
    },
    uaccess::{UserPtr, UserSliceReader},
};

/// What a test and its data both know.
#[pin_data]
struct Events {
    /// A function for the file runs.
    #[pin]
    entered: Completion,
    /// It may return.
    #[pin]
    leave: Completion,
    /// The data was dropped.
    dropped: Atomic<bool>,
}

impl Events {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                entered <- Completion::new(),
                leave <- Completion::new(),
                dropped: Atomic::new(false),
            }),
            GFP_KERNEL,
        )
    }

    /// Waits inside of a function for the file, and fails if the data goes meanwhile.
    fn stay(&self) -> Result {
        self.entered.complete_all();
        self.leave.wait_for_completion();
        if self.dropped.load(Acquire) {
            Err(ENODEV)
        } else {
            // Not a result that could come from elsewhere.
            Err(EXDEV)
        }
    }
}

/// Data that tells when it is dropped.
struct Data {
    events: Arc<Events>,
}

impl Drop for Data {
    fn drop(&mut self) {
        self.events.dropped.store(true, Release);
    }
}

fn stay_and_show(data: &Data, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match data.events.stay() {
        Err(EXDEV) => f.write_str("was there\n"),
        _ => Err(fmt::Error),
    }
}

fn stay_and_take(data: &Data, _: &mut UserSliceReader) -> Result {
    data.events.stay()
}

/// Has `inside` run in a thread, drops `file` in another, and checks that this waits.
fn removal_waits<F>(file: Pin<KBox<File<Data>>>, events: &Arc<Events>, inside: F) -> Result
where
    F: FnOnce(&Process) -> Result + Send + 'static,
{
    let process = Process::new()?;
    let mut opened = process.open(c"rust_waits/file", bindings::O_RDONLY)?;
    let user = Thread::spawn(c"user", move |_| inside(&Process::new()?))?;
    events.entered.wait_for_completion();

    let removed = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let tell = removed.clone();
    let remover = Thread::spawn(c"remover", move |_| {
        drop(file);
        tell.store(true, Release);
        Ok(())
    })?;
    // Until the removal has begun. (Looking the file up would wait for the removal, which has locked
    // the folder.)
    while opened.seek(0) != Err(EIO) {
        yield_now();
    }
    // Time for it to go on, if it would.
    let mut early = false;
    for _ in 0..1000 {
        yield_now();
        early |= removed.load(Acquire) || events.dropped.load(Acquire);
    }

    events.leave.complete_all();
    let result = user.stop();
    remover.stop()?;
    check(!early)?;
    check(removed.load(Acquire) && events.dropped.load(Acquire))?;
    result
}

/// Returns an error if it is not so: in a thread that a test started, an assertion is not the test's.
fn check(holds: bool) -> Result {
    if holds {
        Ok(())
    } else {
        Err(EBADF)
    }
}

/// A number that must not be looked at once it was dropped.
struct Sound(Atomic<u32>);

impl Drop for Sound {
    fn drop(&mut self) {
        self.0.store(0xdead, Relaxed);
    }
}

fn show_sound(sound: &Sound, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let before = sound.0.load(Relaxed);
    // Time for the data to go, if it could.
    yield_now();
    write!(f, "{} {}", before, sound.0.load(Relaxed))
}

#[kunit_tests(rust_debugfs_removal)]
mod cases {
    use super::*;

    #[test]
    fn removal_waits_for_whoever_reads() -> Result {
        let events = Events::new()?;
        let data = Data {
            events: events.clone(),
        };
        let dir = Dir::new(c"rust_waits");
        let file = dir.read_callback_file(c"file", data, &stay_and_show);
        let file = KBox::pin_init(file, GFP_KERNEL)?;
        removal_waits(file, &events, |process| {
            // Opened before the file was removed, and closed after that.
            let mut file = process.open(c"rust_waits/file", bindings::O_RDONLY)?;
            check(file.read(100)?[..] == *b"was there\n")?;
            check(file.read(100).err() == Some(EIO))
        })
    }

    #[test]
    fn removal_waits_for_whoever_writes() -> Result {
        let events = Events::new()?;
        let data = Data {
            events: events.clone(),
        };
        let dir = Dir::new(c"rust_waits");
        let file = dir.write_callback_file(c"file", data, &stay_and_take);
        let file = KBox::pin_init(file, GFP_KERNEL)?;
        removal_waits(file, &events, |process| {
            check(process.write(c"rust_waits/file", b"x") == Err(EXDEV))
        })
    }

    #[test]
    fn open_files_are_dead_after_removal() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_dead");
        let text = dir.read_write_file(c"text", Atomic::new(1u32));
        let text = KBox::pin_init(text, GFP_KERNEL)?;
        let command = dir.write_only_file(c"command", Atomic::new(1u32));
        let command = KBox::pin_init(command, GFP_KERNEL)?;
        let blob = dir.read_write_binary_file(c"blob", new_mutex!([1u8; 4]));
        let blob = KBox::pin_init(blob, GFP_KERNEL)?;

        let mut files = KVec::new();
        for path in [c"rust_dead/text", c"rust_dead/command", c"rust_dead/blob"] {
            files.push(process.open(path, bindings::O_RDWR)?, GFP_KERNEL)?;
        }
        // One has shown its text, and could show the rest of it.
        assert_eq!(&files[0].read(1)?[..], b"1");
        drop((text, command, blob));

        for file in &mut files {
            assert_eq!(file.read(4).err(), Some(EIO));
            assert_eq!(file.write(b"2"), Err(EIO));
            assert_eq!(file.seek(0), Err(EIO));
        }
        // They are closed after the folder is gone, too.
        drop(dir);
        assert!(!process.exists(c"rust_dead"));
        Ok(())
    }

    #[test]
    fn the_file_is_gone_before_the_data() -> Result {
        struct Looks {
            process: Arc<Shared>,
        }
        struct Shared {
            process: Process,
            gone: Atomic<bool>,
        }
        // SAFETY: The mount may be used by any task, and the memory of the process is used by this
        // test only.
        unsafe impl Send for Shared {}
        // SAFETY: As above.
        unsafe impl Sync for Shared {}
        impl Drop for Looks {
            fn drop(&mut self) {
                let exists = self.process.process.exists(c"rust_before/file");
                self.process.gone.store(!exists, Relaxed);
            }
        }

        let shared = Shared {
            process: Process::new()?,
            gone: Atomic::new(false),
        };
        let shared = Arc::new(shared, GFP_KERNEL)?;
        let looks = || Looks {
            process: shared.clone(),
        };
        let dir = Dir::new(c"rust_before");
        let file = dir.read_callback_file(c"file", looks(), &|_, _| Ok(()));
        let file = KBox::pin_init(file, GFP_KERNEL)?;
        assert!(shared.process.exists(c"rust_before/file"));
        drop(file);
        assert!(shared.gone.load(Relaxed));

        shared.gone.store(false, Relaxed);
        drop(dir);
        let scope = crate::debugfs::Scope::dir(looks(), c"rust_before", |looks, dir| {
            dir.read_callback_file(c"file", looks, &|_, _| Ok(()));
        });
        let scope = KBox::pin_init(scope, GFP_KERNEL)?;
        assert!(shared.process.exists(c"rust_before/file"));
        drop(scope);
        assert!(shared.gone.load(Relaxed));
        Ok(())
    }

    #[test]
    fn files_come_and_go_while_they_are_read() -> Result {
        const ROUNDS: u32 = 300;
        let reads = Arc::new(Atomic::new(0u32), GFP_KERNEL)?;
        let mut readers = KVec::new();
        for _ in 0..3 {
            let reads = reads.clone();
            let reader = Thread::spawn(c"reader", move |context| {
                let process = Process::new()?;
                while !context.should_stop() {
                    match process.read(c"rust_races/file") {
                        Ok(text) => {
                            check(text[..] == *b"7 7")?;
                            reads.add(1, Relaxed);
                        }
                        // Gone before it was opened; or after that.
                        Err(ENOENT | EIO) => {}
                        Err(error) => return Err(error),
                    }
                    context.yield_now();
                }
                Ok(())
            })?;
            readers.push(reader, GFP_KERNEL)?;
        }

        let dir = Dir::new(c"rust_races");
        for _ in 0..ROUNDS {
            let sound = Sound(Atomic::new(7));
            let file = dir.read_callback_file(c"file", sound, &show_sound);
            let file = KBox::pin_init(file, GFP_KERNEL)?;
            for _ in 0..3 {
                yield_now();
            }
            drop(file);
        }
        // Somebody has to have seen one of them.
        let sound = Sound(Atomic::new(7));
        let last = dir.read_callback_file(c"file", sound, &show_sound);
        let last = KBox::pin_init(last, GFP_KERNEL)?;
        while reads.load(Relaxed) == 0 {
            yield_now();
        }
        drop(last);
        for reader in readers {
            reader.stop()?;
        }
        Ok(())
    }

    #[test]
    fn data_may_be_dropped_by_another_task() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_elsewhere");
        let file = dir.read_write_file(c"file", Atomic::new(1u32));
        let file = KBox::pin_init(file, GFP_KERNEL)?;
        let thread = Thread::spawn(c"elsewhere", move |_| {
            let process = Process::new()?;
            check(process.write(c"rust_elsewhere/file", b"2") == Ok(1))?;
            check(file.load(Relaxed) == 2)?;
            drop(file);
            drop(dir);
            Ok(())
        })?;
        thread.stop()?;
        assert!(!process.exists(c"rust_elsewhere"));
        let unmapped = UserPtr::from_addr(8);
        // A folder can be opened, and is no file.
        let dir = Dir::new(c"rust_elsewhere");
        let mut opened = process.open(c"rust_elsewhere", bindings::O_RDONLY)?;
        assert_eq!(opened.read_to(unmapped, 1), Err(EISDIR));
        drop(dir);
        Ok(())
    }
}
