// SPDX-License-Identifier: GPL-2.0

//! The driver leaves while files are open, buffers are there, and calls are under way.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use guest_programs::{load, read, unload, Cases, Errno, Outcome};

use crate::calls::{map_shared, Card, Node, Target, Version, VRAM_BAR_SIZE};

pub(crate) fn run(cases: &mut Cases, target: &Target) -> Outcome<()> {
    open_files(cases, target)?;
    under_way(cases, target)?;
    removal(cases, target)
}

/// What is open when the driver leaves.
fn open_files(cases: &mut Cases, target: &Target) -> Outcome<()> {
    let node = target.card()?;
    let (card, other) = (node.open()?, node.open()?);
    let handle = card.create(8192)?;
    let name = card.name(handle)?;
    let (theirs, _) = other.open_name(name)?;
    let descriptor = card.export(handle, libc::O_CLOEXEC | libc::O_RDWR)?;

    cases.equal(
        "the driver is unbound with files open",
        target.unbind(),
        Ok(()),
    );
    gone(cases, "the first", &node, &card, handle, &descriptor);
    gone(cases, "the other", &node, &other, theirs, &descriptor);
    cases.refused("the node is not there", node.open(), libc::ENOENT);
    drop(other);
    cases.refused(
        "the first file has nothing yet",
        card.driver(),
        libc::ENODEV,
    );

    cases.equal(
        "the driver is bound with a file open",
        target.bind(),
        Ok(()),
    );
    let node = target.card()?;
    let new = node.open()?;
    cases.check("a new file works", new.parameter(VRAM_BAR_SIZE).is_ok());
    let fresh = new.create(4096);
    cases.equal(
        "it has buffers",
        fresh.and_then(|it| new.size(it)),
        Ok(4096),
    );
    cases.refused("the old one does not", card.create(4096), libc::ENODEV);
    cases.refused("the name is not known", new.open_name(name), libc::ENOENT);
    cases.check(
        "the buffer of the old one is none of the new one",
        new.import(descriptor.as_raw_fd()).is_err(),
    );
    drop(card);
    drop(descriptor);
    cases.check("the new file still works", new.create(4096).is_ok());
    Ok(())
}

/// Whether nothing more can be done with a file than to close it.
fn gone(
    cases: &mut Cases,
    what: &str,
    node: &Node,
    card: &Card,
    handle: u32,
    descriptor: &OwnedFd,
) {
    let file = format!("{what} file of {}", node.0);
    let results = [
        ("its driver", card.driver().map(|_| ())),
        ("a parameter", card.parameter(VRAM_BAR_SIZE).map(|_| ())),
        ("an unknown parameter", card.parameter(9).map(|_| ())),
        ("a buffer", card.create(4096).map(|_| ())),
        ("a size", card.size(handle).map(|_| ())),
        ("a strange size", card.size(u32::MAX).map(|_| ())),
        ("a name", card.name(handle).map(|_| ())),
        ("a descriptor", card.export(handle, 0).map(|_| ())),
        ("a handle", card.import(descriptor.as_raw_fd()).map(|_| ())),
        ("a close", card.close(handle)),
        ("a map", card.map(4096, 0).map(|_| ())),
        (
            "a map of the buffer",
            map_shared(descriptor, 4096, 0).map(|_| ()),
        ),
    ];
    for (what, result) in results {
        cases.refused(&format!("{file}: no {what}"), result, libc::ENODEV);
    }
}

/// Calls that are under way when the driver leaves: they end well, or with `ENODEV`, and after the first
/// that does, all do.
fn under_way(cases: &mut Cases, target: &Target) -> Outcome<()> {
    let card = target.card()?.open()?;
    let (calls, late, odd) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let over = AtomicBool::new(false);
    let unbound = thread::scope(|scope| {
        for number in 0..3 {
            let (card, calls, late, odd, over) = (&card, &calls, &late, &odd, &over);
            scope.spawn(move || {
                let mut left = false;
                while !over.load(Ordering::Relaxed) {
                    let result = match number {
                        0 => card.parameter(VRAM_BAR_SIZE).map(|_| ()),
                        1 => card.create(4096).and_then(|handle| card.close(handle)),
                        _ => card.version(&mut Version::default()).map(|_| ()),
                    };
                    match result {
                        Ok(()) if left => late.fetch_add(1, Ordering::Relaxed),
                        Ok(()) => calls.fetch_add(1, Ordering::Relaxed),
                        Err(Errno(libc::ENODEV)) => {
                            left = true;
                            thread::yield_now();
                            0
                        }
                        Err(_) => odd.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        let start = Instant::now();
        while calls.load(Ordering::Relaxed) < 30 && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(10));
        }
        let unbound = target.unbind();
        thread::sleep(Duration::from_millis(50));
        over.store(true, Ordering::Relaxed);
        unbound
    });
    cases.equal("the driver is unbound under calls", unbound, Ok(()));
    cases.check("some of them were answered", calls.into_inner() > 0);
    cases.equal("none once one was not", late.into_inner(), 0);
    cases.equal("there was no other error", odd.into_inner(), 0);
    cases.refused("the file has nothing any more", card.driver(), libc::ENODEV);
    drop(card);
    target.bind()
}

/// The module is there for as long as something is open that came from it.
fn removal(cases: &mut Cases, target: &Target) -> Outcome<()> {
    let refused = |cases: &mut Cases, what: &str| {
        cases.refused(
            &format!("no removal {what}"),
            unload(&target.module),
            libc::EWOULDBLOCK,
        );
    };
    let node = target.card()?;
    let card = node.open()?;
    refused(cases, "with a file open");
    let descriptor = card.export(card.create(4096)?, libc::O_CLOEXEC)?;
    cases.check(
        "the file still works",
        card.parameter(VRAM_BAR_SIZE).is_ok(),
    );
    drop(card);
    refused(cases, "with a descriptor open");
    let card = node.open()?;
    drop(descriptor);
    target.unbind()?;
    refused(cases, "with a file open and the driver unbound");
    cases.refused("the file has nothing any more", card.driver(), libc::ENODEV);
    drop(card);
    // An open that fails must not leave a count behind, nor take one too many.
    target.bind()?;
    let node = target.card()?;
    for _ in 0..10 {
        let _ = node.open_with(libc::O_RDWR | libc::O_EXCL);
    }
    let quiet = node.open_with(libc::O_RDWR | libc::O_NONBLOCK)?;
    let _ = read(&quiet, &mut [0; 8]);
    drop(quiet);
    let count = fs::read_to_string(format!("/sys/module/{}/refcnt", target.module))?;
    cases.equal("nobody uses the module", count.trim(), "0");
    cases.equal("it is removed", unload(&target.module), Ok(()));
    cases.refused("the node is gone", node.open(), libc::ENOENT);
    cases.equal("it is loaded", load(&target.file, ""), Ok(()));
    let card = target.card()?.open()?;
    cases.check("it works as before", card.parameter(VRAM_BAR_SIZE).is_ok());
    Ok(())
}
