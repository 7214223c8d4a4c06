// SPDX-License-Identifier: GPL-2.0

//! Uses nodes of DRM's, well and badly: those of Nova's DRM driver, ours or the tree's, and that of Tyr.
//!
//! With the modules loaded, for the driver that has Nova's device and is in that file:
//!
//! - `drm nova MODULE.ko`: all cases;
//! - `drm sites MODULE.ko`: makes allocations fail;
//! - `drm races TIMES MODULE.ko`: unbinds, binds and removes the driver under its users, so often;
//! - `drm gem TIMES`: makes buffers and gives them back, so often.
//!
//! `drm tyr MODULE.ko` does the same as `nova` for Tyr. `drm registers on|off` has the memory that stands
//! for the registers of Tyr's GPU look like one, or be empty. `drm cost ROUNDS TIMES ONE OTHER` measures what
//! buffers cost with two drivers, by their names.

use std::{process::ExitCode, str::FromStr};

use guest_programs::{Cases, Errno, Outcome};

mod addresses;
mod buffers;
mod calls;
mod common;
mod cost;
mod ends;
mod parameters;
mod races;
mod rights;
mod shared;
mod sites;
mod threads;
mod tyr;

use calls::{Node, Target, NOVA};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut cases = Cases::new();
    let outcome = match words.as_slice() {
        ["nova", module] => nova(&mut cases, module),
        ["sites", module] => sites::run(&mut cases, module),
        ["races", times, module] => {
            number(times).and_then(|times| races::run(&mut cases, times, module))
        }
        ["gem", times] => return done(number(times).and_then(gem)),
        ["cost", rounds, times, one, other] => {
            let run = |rounds| cost::run(rounds, number(times)?, one, other);
            return done(number(rounds).and_then(run));
        }
        ["tyr", module] => tyr::run(&mut cases, module),
        ["registers", "on"] => return done(tyr::registers(true)),
        ["registers", "off"] => return done(tyr::registers(false)),
        _ => {
            eprintln!(
                "usage: drm nova|sites|tyr MODULE.ko, races TIMES MODULE.ko, gem TIMES, \
                 cost ROUNDS TIMES ONE OTHER, registers on|off"
            );
            return ExitCode::from(2);
        }
    };
    cases.works("nothing that has to work failed", outcome);
    cases.finish("drm")
}

fn nova(cases: &mut Cases, module: &str) -> Outcome<()> {
    let target = Target::new(NOVA, module)?;
    let node = target.card()?;
    common::version(cases, &node, "nova-drm", [0, 0, 0])?;
    common::unknown_numbers(cases, &node, 3)?;
    common::what_is_not_offered(cases, &node)?;
    common::files(cases, &node)?;
    parameters::values(cases, &target, &node)?;
    parameters::sizes(cases, &node)?;
    parameters::directions(cases, &node)?;
    addresses::run(cases, &node)?;
    buffers::sizes(cases, &target, &node)?;
    buffers::handles(cases, &target, &node)?;
    buffers::arguments(cases, &node)?;
    buffers::maps(cases, &node)?;
    shared::names(cases, &node)?;
    shared::descriptors(cases, &node)?;
    rights::run(cases, &node)?;
    threads::closing(cases, &node)?;
    threads::crowd(cases, &node)?;
    threads::killed(cases, &node)?;
    ends::run(cases, &target)
}

/// What a word on the command line says.
fn number<T: FromStr>(word: &str) -> Outcome<T> {
    word.parse().map_err(|_| Errno(libc::EINVAL))
}

/// Makes a buffer and gives it back, `times` times.
fn gem(times: u32) -> Outcome<()> {
    let card = Node::of_driver("nova-drm")?.open()?;
    for _ in 0..times {
        let handle = card.create(4096)?;
        card.close(handle)?;
    }
    println!("drm: {times} buffers made and given back");
    Ok(())
}

/// The status of what has no cases.
fn done(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("drm: {error:?}");
            ExitCode::FAILURE
        }
    }
}
