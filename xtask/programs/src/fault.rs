// SPDX-License-Identifier: GPL-2.0

//! Allocations that fail: the first that an action makes, then the second, and so on, until it makes
//! no more.
//!
//! It takes a kernel with `CONFIG_FAILSLAB` and `CONFIG_FAIL_PAGE_ALLOC`; `Documentation/fault-injection/`
//! in the kernel tree tells how `fail-nth` works.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::{put, Cases, Errno, Outcome};

/// More places than any action here passes.
const MOST: u32 = 100_000;

/// What came of an action under failures.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sites {
    /// At how many places an allocation was made to fail.
    pub hit: u32,
    /// How often the action reported an error.
    pub refused: u32,
    /// The errors other than `ENOMEM`, each once.
    pub others: Vec<i32>,
}

impl Sites {
    /// The same, but for an error by which C says, too, that there was no memory.
    pub fn without(mut self, errno: i32) -> Self {
        self.others.retain(|other| *other != errno);
        self
    }
}

/// Whether this kernel can make allocations fail.
pub fn available() -> bool {
    std::path::Path::new("/proc/thread-self/fail-nth").exists()
        && std::path::Path::new("/sys/kernel/debug/failslab").exists()
}

/// Runs `action` once for each place in it that allocates, with a failure there, and at last without
/// one. After each success `undo` is called, without failures.
///
/// # Errors
///
/// When failures can't be injected; `ELOOP` when the places have no end; and the action's error when
/// it fails though no allocation did.
pub fn every_site<T>(action: impl FnMut() -> Outcome<T>, undo: impl FnMut(T)) -> Outcome<Sites> {
    every_nth_site(1, action, undo)
}

/// The same for each `step`th place, where an action has hundreds and takes long.
///
/// # Errors
///
/// As for [`every_site`].
pub fn every_nth_site<T>(
    step: usize,
    mut action: impl FnMut() -> Outcome<T>,
    mut undo: impl FnMut(T),
) -> Outcome<Sites> {
    for kind in ["failslab", "fail_page_alloc"] {
        put(&format!("/sys/kernel/debug/{kind}/ignore-gfp-wait"), "N")?;
        // A line in the log for each failure would drown the others.
        put(&format!("/sys/kernel/debug/{kind}/verbose"), "0")?;
    }
    put("/sys/kernel/debug/fail_page_alloc/min-order", "0")?;
    let switch = File::options()
        .read(true)
        .write(true)
        .open("/proc/thread-self/fail-nth")?;
    let mut sites = Sites::default();
    for nth in (1..MOST).step_by(step) {
        set(&switch, nth)?;
        let result = action();
        let left = get(&switch)?;
        set(&switch, 0)?;
        if left > 0 {
            // It made fewer allocations than that, so that none of them failed.
            result.map(&mut undo)?;
            return Ok(sites);
        }
        sites.hit += 1;
        match result {
            Ok(value) => undo(value),
            Err(Errno(errno)) => {
                sites.refused += 1;
                if errno != libc::ENOMEM && !sites.others.contains(&errno) {
                    sites.others.push(errno);
                }
            }
        }
    }
    Err(Errno(libc::ELOOP))
}

/// Reports what came of `action` under failures, as cases, and in a line `@faults HIT REFUSED ACTION` by
/// which they are counted.
pub fn report(cases: &mut Cases, action: &str, outcome: Outcome<Sites>) {
    let Some(sites) = cases.works(&format!("{action}: works once nothing fails"), outcome) else {
        return;
    };
    let Sites {
        hit,
        refused,
        others,
    } = sites;
    println!("@faults {hit} {refused} {action}");
    cases.check(
        &format!("{action}: {hit} allocations made to fail, {refused} times refused"),
        hit > 0,
    );
    cases.equal(
        &format!("{action}: refused for want of memory only"),
        others,
        Vec::new(),
    );
}

// The file can't be positioned, so that each call says where.

fn set(switch: &File, nth: u32) -> Outcome<()> {
    switch.write_all_at(format!("{nth}\n").as_bytes(), 0)?;
    Ok(())
}

fn get(switch: &File) -> Outcome<u32> {
    let mut text = [0; 16];
    let length = switch.read_at(&mut text, 0)?;
    std::str::from_utf8(&text[..length])
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .ok_or(Errno(libc::EPROTO))
}
