// SPDX-License-Identifier: GPL-2.0

//! Does something once for each allocation that it makes, with that allocation failing.
//!
//! `every-site load MODULE.ko [PARAMETERS]`, `open FILE`, `read FILE`, `write FILE TEXT`, `mkdir DIR`,
//! `bind DRIVER DEVICE` with the driver's folder in sysfs. `--also ERRNO` before that: a number by which C
//! says, too, that there was no memory.

use std::fs;
use std::process::ExitCode;

use guest_programs::fault::{available, every_site, report, Sites};
use guest_programs::{load, open, put, read, unload, Cases, Errno, Outcome};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if !available() {
        println!("every-site: skipped: this kernel can't make allocations fail");
        return ExitCode::SUCCESS;
    }
    let (also, action) = match words.as_slice() {
        ["--also", errno, action @ ..] => match errno.parse() {
            Ok(errno) => (Some(errno), action),
            Err(_) => {
                eprintln!("every-site: {errno} is no number of an error");
                return ExitCode::from(2);
            }
        },
        action => (None, action),
    };
    let outcome = match action {
        ["load", path] => load_module(path, ""),
        ["load", path, parameters] => load_module(path, parameters),
        ["open", path] => every_site(|| open(path, libc::O_RDWR), drop),
        ["read", path] => every_site(|| read_all(path), drop),
        ["write", path, text] => every_site(|| put(path, text), drop),
        ["bind", driver, device] => every_site(
            || put(&format!("{driver}/bind"), device),
            |()| {
                // What stays bound makes the next attempt say so.
                let _ = put(&format!("{driver}/unbind"), device);
            },
        ),
        ["mkdir", path] => every_site(
            || fs::create_dir(path).map_err(Errno::from),
            |()| {
                // What stays makes the next attempt say so.
                let _ = fs::remove_dir(path);
            },
        ),
        _ => {
            eprintln!(
                "usage: every-site [--also ERRNO] load|open|read|write|mkdir|bind WHAT [WITH]"
            );
            return ExitCode::from(2);
        }
    };
    let mut cases = Cases::new();
    let outcome = outcome.map(|mut sites| {
        sites.others.retain(|errno| Some(*errno) != also);
        sites
    });
    report(&mut cases, &action.join(" "), outcome);
    cases.finish("every-site")
}

fn load_module(path: &str, parameters: &str) -> Outcome<Sites> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.trim_end_matches(".ko");
    every_site(
        || load(path, parameters),
        |()| {
            // What stays loaded makes the next attempt say so.
            let _ = unload(name);
        },
    )
}

fn read_all(path: &str) -> Outcome<()> {
    let file = open(path, libc::O_RDONLY)?;
    let mut buffer = [0; 4096];
    while read(&file, &mut buffer)? > 0 {}
    Ok(())
}
