// SPDX-License-Identifier: GPL-2.0

//! Null block devices that come and go.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep, yield_now};
use std::time::{Duration, Instant};

use guest_programs::fault::{available, every_nth_site, every_site, report};
use guest_programs::{put, Cases, Errno, Outcome};

use crate::blocks::{origin, pattern, Buffer, Disk};
use crate::race::Dice;

/// How long I/O may need to get to a new device.
const PATIENCE: Duration = Duration::from_secs(10);

/// What those who use the device did.
#[derive(Default)]
struct Sums {
    done: AtomicU64,
    refused: AtomicU64,
    wrong: AtomicU64,
    over: AtomicBool,
}

pub(crate) fn run(
    cases: &mut Cases,
    folder: &str,
    device: &str,
    times: u64,
    settings: &[&str],
) -> Outcome<()> {
    let sums = Sums::default();
    let sums = &sums;
    let outcome = scope(|scope| {
        for job in 0..2 {
            scope.spawn(move || {
                let mut dice = Dice::new(job + 1);
                while !sums.over.load(Ordering::Relaxed) {
                    if let Err(error) = use_device(sums, device, &mut dice) {
                        sums.refuse(error);
                        // Whoever makes the device is to come to its turn.
                        sleep(Duration::from_micros(200));
                    }
                }
            });
        }
        let outcome = (0..times).try_for_each(|time| {
            if time > 0 && time % 100 == 0 {
                println!("disk: {device}: {time} of {times}");
            }
            cycle(sums, folder, settings, time)
        });
        sums.over.store(true, Ordering::Relaxed);
        outcome
    });
    cases.works(
        &format!("{device} is made and removed {times} times"),
        outcome,
    );
    let get = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
    cases.equal(
        "no block was torn, no error unexpected",
        get(&sums.wrong),
        0,
    );
    println!(
        "disk: {device}: {times} cycles, {} reads and writes, {} refused",
        get(&sums.done),
        get(&sums.refused)
    );
    Ok(())
}

impl Sums {
    /// Counts an error.
    fn refuse(&self, Errno(errno): Errno) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        // A device that is gone has no bytes: what is read from it ends early, without an error of C's.
        let expected = [
            0,
            libc::EIO,
            libc::ENXIO,
            libc::ENODEV,
            libc::ENOENT,
            libc::ENOSPC,
        ];
        if !expected.contains(&errno) {
            println!("  | unexpected: {:?}", Errno(errno));
            self.wrong.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes and reads until the device is gone.
fn use_device(sums: &Sums, device: &str, dice: &mut Dice) -> Outcome<()> {
    let disk = Disk::open(device)?;
    if disk.blocks() == 0 {
        return Err(Errno(libc::ENXIO));
    }
    let mut block = Buffer::new(disk.block);
    while !sums.over.load(Ordering::Relaxed) {
        let number = dice.below(disk.blocks());
        if dice.below(2) == 0 {
            pattern(1 + dice.below(1 << 32), number, &mut block);
            disk.write(number * disk.block as u64, &block)?;
        } else {
            // A device without memory leaves it as it is.
            block.fill(0);
            disk.read(number * disk.block as u64, &mut block)?;
            if origin(number, &block).is_none() && block.iter().any(|byte| *byte != 0) {
                sums.wrong.fetch_add(1, Ordering::Relaxed);
            }
        }
        sums.done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Makes the device, waits until it is in use, and takes it away: its power, or all at once, or both by turns.
fn cycle(sums: &Sums, folder: &str, settings: &[&str], time: u64) -> Outcome<()> {
    make(folder, settings)?;
    let power = format!("{folder}/power");
    for round in 0..=time % 2 {
        put(&power, "1")?;
        let (start, before) = (Instant::now(), sums.done.load(Ordering::Relaxed));
        while sums.done.load(Ordering::Relaxed) < before + 4 {
            if start.elapsed() > PATIENCE {
                return Err(Errno(libc::ETIMEDOUT));
            }
            yield_now();
        }
        if round < time % 4 {
            put(&power, "0")?;
        }
    }
    Ok(fs::remove_dir(folder)?)
}

fn make(folder: &str, settings: &[&str]) -> Outcome<()> {
    fs::create_dir(folder)?;
    for setting in settings {
        let (attribute, value) = setting.split_once('=').ok_or(Errno(libc::EINVAL))?;
        put(&format!("{folder}/{attribute}"), value)?;
    }
    Ok(())
}

/// What undoes something may fail: then the next attempt says so.
fn ignore<T, E>(_: Result<T, E>) {}

/// Makes each allocation fail that making the device and its I/O take, and each `step`th of turning it on.
pub(crate) fn sites(
    cases: &mut Cases,
    step: usize,
    folder: &str,
    device: &str,
    settings: &[&str],
) -> Outcome<()> {
    if !available() {
        println!("disk: skipped: this kernel can't make allocations fail");
        return Ok(());
    }
    let made = every_site(
        || Ok(fs::create_dir(folder)?),
        |()| ignore(fs::remove_dir(folder)),
    );
    report(cases, &format!("mkdir {folder}"), made);

    make(folder, settings)?;
    let bad_blocks = format!("{folder}/badblocks");
    let marked = every_site(
        || put(&bad_blocks, "+0-1"),
        |()| ignore(put(&bad_blocks, "-0-1")),
    );
    report(cases, "bad blocks", marked);

    let power = format!("{folder}/power");
    let powered = every_nth_site(step, || put(&power, "1"), |()| ignore(put(&power, "0")));
    // C says EINVAL of a folder in sysfs that it had no memory for.
    let powered = powered.map(|sites| sites.without(libc::EINVAL));
    report(cases, "power on", powered);

    put(&power, "1")?;
    let disk = Disk::open(device)?;
    let (mut written, mut read) = (Buffer::new(16 * 4096), Buffer::new(16 * 4096));
    pattern(1, 0, &mut written);
    let length = written.len() as u64;
    let io = every_site(
        || {
            // It is to be allocated again.
            disk.discard(0, length)?;
            disk.write(0, &written)?;
            disk.read(0, &mut read)?;
            match written[..] == read[..] {
                true => Ok(()),
                false => Err(Errno(libc::EILSEQ)),
            }
        },
        drop,
    );
    report(cases, "I/O", io);
    cases.works("what was written is there", disk.write(0, &written));
    drop(disk);
    Ok(fs::remove_dir(folder)?)
}
