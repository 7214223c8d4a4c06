// SPDX-License-Identifier: GPL-2.0

//! Several at once on one file, and processes that end in the middle.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use guest_programs::{outcome, Cases, Errno, Outcome};

use crate::calls::{Card, Node};

/// Two threads close the same handle, while a third one asks for it.
pub(crate) fn closing(cases: &mut Cases, node: &Node) -> Outcome<()> {
    const ROUNDS: usize = 100;
    let card = node.open()?;
    let (handle, barrier) = (AtomicU32::new(0), Barrier::new(4));
    let (closed, odd) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let made = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    barrier.wait();
                    match card.close(handle.load(Ordering::Relaxed)) {
                        Ok(()) => closed.fetch_add(1, Ordering::Relaxed),
                        Err(Errno(libc::EINVAL)) => 0,
                        Err(_) => odd.fetch_add(1, Ordering::Relaxed),
                    };
                    barrier.wait();
                }
            });
        }
        scope.spawn(|| {
            for round in 0..ROUNDS {
                barrier.wait();
                let handle = handle.load(Ordering::Relaxed);
                let right = match round % 3 {
                    0 => card.size(handle).map(|size| size == 8192),
                    1 => card.name(handle).map(|name| name > 0),
                    _ => card.export(handle, libc::O_CLOEXEC).map(|_| true),
                };
                if !matches!(right, Ok(true) | Err(Errno(libc::ENOENT))) {
                    odd.fetch_add(1, Ordering::Relaxed);
                }
                barrier.wait();
            }
        });
        let mut made = 0;
        for _ in 0..ROUNDS {
            let new = card.create(8192);
            made += usize::from(new.is_ok());
            handle.store(new.unwrap_or(0), Ordering::Relaxed);
            barrier.wait();
            barrier.wait();
        }
        made
    });
    cases.equal("buffers were made for two to close", made, ROUNDS);
    cases.equal("each was closed once", closed.into_inner(), ROUNDS);
    cases.equal("nothing else came of it", odd.into_inner(), 0);
    cases.equal("no handle is left", card.create(4096), Ok(1));
    Ok(())
}

/// Threads that make, name, export and close buffers, on one file.
pub(crate) fn crowd(cases: &mut Cases, node: &Node) -> Outcome<()> {
    const ROUNDS: u64 = 50;
    let (card, other) = (node.open()?, node.open()?);
    let odd = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 1..=4u64 {
            let (card, other, odd) = (&card, &other, &odd);
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    let size = 4096 * number * round;
                    if life(card, other, size) != Ok(true) {
                        odd.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    cases.equal("four threads get what they asked for", odd.into_inner(), 0);
    cases.equal("no handle is left", card.create(4096), Ok(1));
    cases.equal("nor in the other file", other.create(4096), Ok(1));
    Ok(())
}

/// A buffer, from its beginning to its end; whether it was always as long as it should be.
fn life(card: &Card, other: &Card, size: u64) -> Outcome<bool> {
    let handle = card.create(size)?;
    let name = card.name(handle)?;
    let descriptor = card.export(handle, libc::O_CLOEXEC)?;
    let (theirs, found) = other.open_name(name)?;
    card.close(handle)?;
    drop(descriptor);
    let right = found == size && other.size(theirs) == Ok(size);
    other.close(theirs)?;
    Ok(right)
}

/// Processes that are killed while they use a file.
pub(crate) fn killed(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let mut ends = 0;
    for round in 0..5 {
        // SAFETY: There are no other threads here, so the child may do what it likes.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let Ok(card) = node.open() else {
                std::process::exit(1)
            };
            loop {
                let made = card.create(1 << 20).and_then(|handle| {
                    let name = card.name(handle)?;
                    card.open_name(name)
                });
                if made.is_err() {
                    std::process::exit(1)
                }
            }
        }
        outcome(child as isize)?;
        thread::sleep(Duration::from_millis(50 + round * 7));
        // SAFETY: The child is there until it is waited for.
        outcome(unsafe { libc::kill(child, libc::SIGKILL) } as isize)?;
        let mut status = 0;
        // SAFETY: The status is writable.
        outcome(unsafe { libc::waitpid(child, &mut status, 0) } as isize)?;
        let by_signal = libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL;
        ends += usize::from(by_signal);
    }
    cases.equal("processes killed while they make buffers", ends, 5);
    Ok(())
}
