// SPDX-License-Identifier: GPL-2.0

//! Uses block devices, past the page cache (`O_DIRECT`), well and badly.
//!
//! - `disk fill DEV SEED [JOBS]`, `disk verify DEV SEED [JOBS]`: writes all blocks, each with a pattern of its
//!   own, and compares them.
//! - `disk race DEV JOBS ROUNDS`: jobs that write, read and discard the same blocks; none may be torn.
//! - `disk discard DEV OFFSET BYTES`, `disk zero DEV OFFSET BYTES`: discards bytes, and looks that they are 0.
//! - `disk bad DEV FIRST LAST`: whether I/O fails on these sectors, and on none around them.
//! - `disk minix DEV`: makes an empty file system of Minix's.
//! - `disk cycles DIR DEV TIMES [ATTRIBUTE=VALUE…]`: makes a null block device in configfs, takes its power
//!   and removes it while two jobs use it, many times.
//! - `disk bench ONE OTHER ROUNDS SCALE`: measures reads and writes on two devices by turns.
//! - `disk sites DIR DEV [ATTRIBUTE=VALUE…]`: makes each allocation fail that such a device makes.

use std::process::ExitCode;

use guest_programs::{Cases, Errno, Outcome};

mod bench;
mod blocks;
mod cycles;
mod minix;
mod race;

use blocks::Disk;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut cases = Cases::new();
    let outcome = run(&mut cases, &words);
    cases.works(&format!("disk {}", words.join(" ")), outcome);
    cases.finish("disk")
}

fn run(cases: &mut Cases, words: &[&str]) -> Outcome<()> {
    match *words {
        ["fill", device, seed] => Disk::open(device)?.fill(number(seed)?, 1),
        ["fill", device, seed, jobs] => Disk::open(device)?.fill(number(seed)?, number(jobs)?),
        ["verify", device, seed] => verify(cases, device, seed, 1),
        ["verify", device, seed, jobs] => verify(cases, device, seed, number(jobs)?),
        ["race", device, jobs, rounds] => race::run(cases, device, number(jobs)?, number(rounds)?),
        ["discard", device, offset, bytes] => {
            Disk::open(device)?.discard(number(offset)?, number(bytes)?)
        }
        ["zero", device, offset, bytes] => {
            let disk = Disk::open(device)?;
            let mut buffer = blocks::Buffer::new(number(bytes)? as usize);
            buffer.fill(0xff);
            disk.read(number(offset)?, &mut buffer)?;
            cases.check(
                &format!("{device}: {bytes} bytes at {offset} are 0"),
                buffer.iter().all(|byte| *byte == 0),
            );
            Ok(())
        }
        ["bad", device, first, last] => bad(cases, device, number(first)?, number(last)?),
        ["bench", one, other, rounds, scale] => {
            bench::run(one, other, number(rounds)?, number(scale)?)
        }
        ["minix", device] => minix::make(&Disk::open(device)?),
        ["cycles", folder, device, times, ref settings @ ..] => {
            cycles::run(cases, folder, device, number(times)?, settings)
        }
        ["sites", step, folder, device, ref settings @ ..] => cycles::sites(
            cases,
            number(step)?.max(1) as usize,
            folder,
            device,
            settings,
        ),
        _ => {
            eprintln!(
                "usage: disk fill|verify|race|discard|zero|bad|minix|cycles|sites|bench WHAT [WITH…]"
            );
            Err(Errno(libc::EINVAL))
        }
    }
}

fn number(text: &str) -> Outcome<u64> {
    text.parse().map_err(|_| Errno(libc::EINVAL))
}

fn verify(cases: &mut Cases, device: &str, seed: &str, jobs: u64) -> Outcome<()> {
    let wrong = Disk::open(device)?.verify(number(seed)?, jobs)?;
    cases.equal(
        &format!("{device}: blocks that are not as written"),
        wrong,
        0,
    );
    Ok(())
}

/// Reads and writes each sector around some bad ones, and all of them at once.
fn bad(cases: &mut Cases, device: &str, first: u64, last: u64) -> Outcome<()> {
    let disk = Disk::open(device)?;
    let sector = disk.block as u64;
    let start = first.saturating_sub(4);
    let mut buffer = blocks::Buffer::new(disk.block);
    let mut wrong = Vec::new();
    for at in start..=last + 4 {
        let expected = match (first..=last).contains(&at) {
            true => Err(Errno(libc::EIO)),
            false => Ok(()),
        };
        // What is read can be written back.
        if disk.read(at * sector, &mut buffer) != expected
            || disk.write(at * sector, &buffer) != expected
        {
            wrong.push(at);
        }
    }
    cases.equal(
        &format!("{device}: I/O fails on {first} to {last}, and nowhere else; not so on"),
        wrong,
        Vec::new(),
    );
    let mut buffer = blocks::Buffer::new(((last + 4 - start) * sector) as usize);
    cases.refused(
        "I/O on some that are bad and some that are not fails",
        disk.read(start * sector, &mut buffer),
        libc::EIO,
    );
    Ok(())
}
