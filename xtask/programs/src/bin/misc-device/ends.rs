// SPDX-License-Identifier: GPL-2.0

//! Several at once, and ends in the middle: of files, of processes, of the module.

use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use guest_programs::{load, open, outcome, unload, write, Cases, Errno, Outcome};

use crate::files::{pread, text};
use crate::{device, get, set};

pub(crate) fn threads(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    let torn = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..4_u8 {
            let (file, torn) = (&file, &torn);
            scope.spawn(move || {
                for round in 0..100 {
                    let length = 1 + usize::from(number) * 5000;
                    let done = write(file, &vec![number; length]).is_ok_and(|it| it == length);
                    let mut back = vec![0xff; 20_000];
                    // Where this reads from depends on the others, but not that it is of one write.
                    let back = match pread(file, &mut back, round % 2) {
                        Ok(length) => &back[..length],
                        Err(_) => &[0, 1][..],
                    };
                    let of_one = back.iter().all(|byte| *byte == back[0]);
                    let value = set(file, i32::from(number) * 0x0101_0101)
                        .and_then(|_| get(file))
                        .unwrap_or(1);
                    let of_one_value = value.to_ne_bytes() == [value as u8; 4];
                    if !(done && of_one && of_one_value) {
                        torn.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    cases.equal(
        "four threads on one file see whole writes",
        torn.into_inner(),
        0,
    );
    Ok(())
}

/// A number that stands for one file after another.
struct Shared(AtomicI32);

impl AsRawFd for Shared {
    fn as_raw_fd(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn closing_under_an_ioctl(cases: &mut Cases, path: &str) -> Outcome<()> {
    let end = Instant::now() + Duration::from_millis(500);
    let (odd, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let shared = Shared(AtomicI32::new(-1));
    thread::scope(|scope| {
        for number in 0..2 {
            let (shared, odd, done) = (&shared, &odd, &done);
            scope.spawn(move || {
                while Instant::now() < end {
                    let result = match number {
                        0 => set(shared, 3),
                        _ => write(shared, b"some text"),
                    };
                    match result {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(Errno(libc::EBADF)) => 0,
                        Err(_) => odd.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        while Instant::now() < end {
            match device(path) {
                Ok(file) => {
                    shared.0.store(file.as_raw_fd(), Ordering::Relaxed);
                    thread::yield_now();
                }
                Err(_) => {
                    odd.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    cases.equal("files closed under an ioctl", odd.into_inner(), 0);
    cases.check("some of those got through", done.into_inner() > 0);
    Ok(())
}

pub(crate) fn killed(cases: &mut Cases, path: &str) -> Outcome<()> {
    let mut ends = 0;
    for round in 0..10 {
        // SAFETY: There are no other threads here, so the child may do what it likes.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let Ok(file) = device(path) else {
                std::process::exit(1)
            };
            let bytes = vec![0; 100_000];
            loop {
                let _ = write(&file, &bytes);
                let _ = set(&file, 1);
                let _ = text(&file);
            }
        }
        outcome(child as isize)?;
        thread::sleep(Duration::from_millis(5 + round));
        // SAFETY: The child is there until it is waited for.
        outcome(unsafe { libc::kill(child, libc::SIGKILL) } as isize)?;
        let mut status = 0;
        // SAFETY: The status is writable.
        outcome(unsafe { libc::waitpid(child, &mut status, 0) } as isize)?;
        let by_signal = libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL;
        ends += usize::from(by_signal);
    }
    cases.equal("processes killed while they use it", ends, 10);
    Ok(())
}

pub(crate) fn removal(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    let file = device(path)?;
    set(&file, 77)?;
    let refused = |cases: &mut Cases, what: &str| {
        cases.refused(
            &format!("no removal {what}"),
            unload(module),
            libc::EWOULDBLOCK,
        );
    };
    refused(cases, "with a file open");
    let other = device(path)?;
    drop(other);
    refused(cases, "when another one was closed");
    cases.equal("the file is as it was", get(&file), Ok(77));

    // A file that a child has inherited.
    // SAFETY: There are no other threads here.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }
    outcome(child as isize)?;
    drop(file);
    refused(cases, "with a file open in another process");
    // SAFETY: The child is there until it is waited for.
    outcome(unsafe { libc::kill(child, libc::SIGKILL) } as isize)?;
    // SAFETY: The status may be null.
    outcome(unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) } as isize)?;

    // An open that fails late must not leave a count behind, nor take one too many.
    for _ in 0..10 {
        let _ = open(path, libc::O_RDWR | libc::O_DIRECT);
    }
    let count = std::fs::read_to_string(format!("/sys/module/{module}/refcnt"))?;
    cases.equal("nobody uses the module", count.trim(), "0");
    Ok(())
}

/// Has some threads use the device while the module comes and goes.
pub(crate) fn race(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    let name = module.rsplit('/').next().unwrap_or(module);
    let name = name.trim_end_matches(".ko");
    let stop = AtomicBool::new(false);
    let (opened, odd) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (mut loads, mut removals, mut busy) = (0, 0, 0);
    let done = thread::scope(|scope| {
        for _ in 0..3 {
            let (stop, opened, odd) = (&stop, &opened, &odd);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let right = match device(path) {
                        Ok(file) => {
                            opened.fetch_add(1, Ordering::Relaxed);
                            set(&file, 9).and_then(|_| get(&file)) == Ok(9)
                                && write(&file, b"text") == Ok(4)
                                && text(&file) == Ok(b"text".to_vec())
                        }
                        // Not there, going, or not ready yet.
                        Err(Errno(errno)) => matches!(
                            errno,
                            libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::EBUSY
                        ),
                    };
                    odd.fetch_add(usize::from(!right), Ordering::Relaxed);
                    thread::yield_now();
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(3);
        let done = (|| {
            while Instant::now() < end {
                load(module, "")?;
                loads += 1;
                thread::sleep(Duration::from_millis(2));
                while let Err(error) = unload(name) {
                    if error.0 != libc::EWOULDBLOCK {
                        return Err(error);
                    }
                    busy += 1;
                    thread::yield_now();
                }
                removals += 1;
            }
            Ok(())
        })();
        stop.store(true, Ordering::Relaxed);
        done
    });
    cases.works("the module is loaded and removed under its users", done);
    cases.check(
        &format!("{loads} times loaded, {removals} removed, {busy} times in use"),
        loads > 1 && loads == removals,
    );
    cases.check(
        &format!(
            "{} files were opened meanwhile",
            opened.load(Ordering::Relaxed)
        ),
        opened.load(Ordering::Relaxed) > 0,
    );
    cases.equal("each worked as long as it was open", odd.into_inner(), 0);
    Ok(())
}
