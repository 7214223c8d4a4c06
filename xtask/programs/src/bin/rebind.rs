// SPDX-License-Identifier: GPL-2.0

//! Takes a device from its driver and gives it back, many times, while others use what the driver
//! offers.
//!
//! `rebind DRIVER DEVICE TIMES [FILE…]`: the driver's folder in sysfs, the device's name on its bus, and
//! files that other threads open and read all the while: most of the time one of them is not there, or
//! goes in the middle.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use guest_programs::{open, put, read, Cases, Outcome};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [driver, device, times, files @ ..] = words.as_slice() else {
        eprintln!("usage: rebind DRIVER DEVICE TIMES [FILE…]");
        return ExitCode::from(2);
    };
    let Ok(times) = times.parse::<u32>() else {
        eprintln!("rebind: {times} is no number");
        return ExitCode::from(2);
    };
    let link = format!("{driver}/{device}");
    let mut cases = Cases::new();
    cases.check(
        &format!("{device} is bound at the start"),
        Path::new(&link).exists(),
    );

    let done = AtomicBool::new(false);
    let reads = AtomicU64::new(0);
    let (cycles, result) = thread::scope(|scope| {
        // What every device has, beside the files that were asked for.
        let own = format!("{driver}/{device}/uevent");
        for file in files.iter().cloned().chain([own]) {
            let (done, reads) = (&done, &reads);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    if read_all(&file).is_ok() {
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                    // The one that binds is to come to its turn, too.
                    thread::sleep(Duration::from_micros(100));
                }
            });
        }
        let outcome = (1..=times).try_fold(0, |_, cycles| {
            cycle(driver, device)?;
            if cycles % 100 == 0 {
                println!("rebind: {device}: {cycles} of {times}");
            }
            Ok(cycles)
        });
        done.store(true, Ordering::Relaxed);
        match outcome {
            Ok(cycles) => (cycles, Ok(())),
            Err(error) => (0, Err(error)),
        }
    });
    cases.works(&format!("{device} can be bound each time"), result);
    cases.equal(
        &format!("{device}: {times} times unbound and bound"),
        cycles,
        times,
    );
    cases.check(
        &format!("{device} is bound at the end"),
        Path::new(&link).exists(),
    );
    println!(
        "rebind: {device}: {cycles} cycles, {} reads in the meantime",
        reads.into_inner()
    );
    cases.finish("rebind")
}

fn cycle(driver: &str, device: &str) -> Outcome<()> {
    put(&format!("{driver}/unbind"), device)?;
    put(&format!("{driver}/bind"), device)
}

fn read_all(path: &str) -> Outcome<()> {
    // A folder is read for its names: files come and go in it.
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let _ = read_all(&entry.path().display().to_string());
            }
        }
        return Ok(());
    }
    let file = open(path, libc::O_RDONLY | libc::O_NONBLOCK)?;
    let mut buffer = [0; 4096];
    while read(&file, &mut buffer)? > 0 {}
    Ok(())
}
