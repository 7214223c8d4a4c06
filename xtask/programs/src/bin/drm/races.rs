// SPDX-License-Identifier: GPL-2.0

//! Threads that open, ask, map and close, while the driver is unbound and bound, and the module removed
//! and loaded.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use guest_programs::{load, unload, Cases, Errno, Outcome};

use crate::calls::{Card, Target, Version, NOVA, VRAM_BAR_SIZE};

/// What the threads share.
#[derive(Default)]
struct Shared {
    over: AtomicBool,
    /// Nobody is to open anything.
    hold: AtomicBool,
    opened: AtomicUsize,
    calls: AtomicUsize,
    /// Files whose driver has left while they were open.
    left: AtomicUsize,
    odd: AtomicUsize,
}

fn add(to: &AtomicUsize) {
    to.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn run(cases: &mut Cases, times: u32, module: &str) -> Outcome<()> {
    let target = Target::new(NOVA, module)?;
    let parent = target.parent()?;
    let shared = Shared::default();
    let (cycles, removals, done) = thread::scope(|scope| {
        for number in 0..3 {
            let (shared, target) = (&shared, &target);
            scope.spawn(move || user(shared, target, number));
        }
        let (mut cycles, mut removals) = (0, 0);
        let done = (|| {
            for round in 1..=times {
                // The device above takes its part with it.
                let which = if round % 4 == 0 { &parent } else { &target };
                which.unbind()?;
                which.bind()?;
                cycles += 1;
                if round % 5 == 0 {
                    remove(&shared, &target)?;
                    load(&target.file, "")?;
                    removals += 1;
                }
                if round % 100 == 0 {
                    println!("drm races: {round} of {times}");
                }
                // The others are to come to their turn.
                thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        })();
        shared.over.store(true, Ordering::Relaxed);
        (cycles, removals, done)
    });
    let get = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    println!(
        "drm races: {} files opened, {} left by the driver, {} calls",
        get(&shared.opened),
        get(&shared.left),
        get(&shared.calls)
    );
    cases.works("the driver can be unbound and bound each time", done);
    cases.equal(&format!("{times} times unbound and bound"), cycles, times);
    cases.equal("it was removed and loaded", removals, times / 5);
    cases.check("files were opened meanwhile", get(&shared.opened) > 0);
    cases.check("calls were answered meanwhile", get(&shared.calls) > 0);
    if times >= 50 {
        cases.check(
            "files were open when the driver left",
            get(&shared.left) > 0,
        );
    }
    cases.equal("nothing else came of it", get(&shared.odd), 0);
    let card = target.card()?.open()?;
    cases.check(
        "at the end all is there",
        card.parameter(VRAM_BAR_SIZE).is_ok(),
    );
    Ok(())
}

/// Removes the module as soon as nobody uses it.
fn remove(shared: &Shared, target: &Target) -> Outcome<()> {
    /// How often it may be in use before nobody opens it any more.
    const PATIENCE: u32 = 20;
    let mut busy = 0;
    let outcome = loop {
        match unload(&target.module) {
            Err(Errno(libc::EWOULDBLOCK)) if busy < 100 * PATIENCE => {
                busy += 1;
                shared.hold.store(busy > PATIENCE, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
            outcome => break outcome,
        }
    };
    shared.hold.store(false, Ordering::Relaxed);
    outcome
}

/// Opens a file, again and again, and uses it for some rounds, or until the driver leaves.
fn user(shared: &Shared, target: &Target, number: usize) {
    let mut kept: Option<OwnedFd> = None;
    let mut turn = number;
    while !shared.over.load(Ordering::Relaxed) {
        turn += 1;
        if shared.hold.load(Ordering::Relaxed) {
            kept = None;
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        let card = match target.card().and_then(|node| node.open()) {
            Ok(card) => card,
            // Not there, going, or not ready yet; the last of these while the module is initialised.
            Err(Errno(libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::EBUSY)) => {
                thread::sleep(Duration::from_micros(200));
                continue;
            }
            Err(error) => {
                println!("  | a file can't be opened: {error:?}");
                add(&shared.odd);
                continue;
            }
        };
        add(&shared.opened);
        for _ in 0..=turn % 7 {
            match round(&card, turn) {
                Ok(descriptor) => {
                    add(&shared.calls);
                    // This one may outlive the file, and the driver's being bound.
                    kept = descriptor;
                }
                Err(Errno(libc::ENODEV)) => {
                    add(&shared.left);
                    // Whoever leaves does not come back to the same file.
                    if !is_left(&card) {
                        add(&shared.odd);
                    }
                    break;
                }
                Err(error) => {
                    println!("  | a call failed: {error:?}");
                    add(&shared.odd);
                }
            }
        }
        drop(card);
        thread::yield_now();
    }
    drop(kept);
}

/// One round of calls.
fn round(card: &Card, turn: usize) -> Outcome<Option<OwnedFd>> {
    card.version(&mut Version::default())?;
    card.parameter(VRAM_BAR_SIZE)?;
    let handle = card.create(4096 + turn as u64)?;
    card.size(handle)?;
    let mapped = card.map(4096, 1 << 32);
    if mapped != Err(Errno(libc::EINVAL)) {
        return Err(mapped.err().unwrap_or(Errno(libc::EPROTO)));
    }
    let descriptor = match turn % 3 {
        0 => None,
        1 => {
            let name = card.name(handle)?;
            card.open_name(name)?;
            None
        }
        _ => Some(card.export(handle, libc::O_CLOEXEC)?),
    };
    // What is not closed goes with the file.
    if turn.is_multiple_of(2) {
        card.close(handle)?;
    }
    Ok(descriptor)
}

/// Whether no call is answered.
fn is_left(card: &Card) -> bool {
    const GONE: Errno = Errno(libc::ENODEV);
    card.driver() == Err(GONE)
        && card.parameter(VRAM_BAR_SIZE) == Err(GONE)
        && card.create(4096) == Err(GONE)
        && card.close(1) == Err(GONE)
        && card.map(4096, 0) == Err(GONE)
}
