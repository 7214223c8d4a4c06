// SPDX-License-Identifier: GPL-2.0

//! Uses `/dev/mailbox`, the driver in `drivers/mailbox`, well and badly.
//!
//! `mailbox all` goes through the cases; `mailbox race` has threads get in each other's way, and adds up;
//! `mailbox sites` makes allocations fail. The module is loaded before. `mailbox echo BOX BOX COUNT` and
//! `mailbox block BOX` are the other process of some cases.

use std::process::ExitCode;

use guest_programs::Cases;

mod calls;
mod limits;
mod memory;
mod messages;
mod race;
mod sites;
mod waiting;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut cases = Cases::new();
    let outcome = match words.as_slice() {
        ["all"] => messages::run(&mut cases)
            .and_then(|()| waiting::run(&mut cases))
            .and_then(|()| memory::run(&mut cases))
            .and_then(|()| limits::run(&mut cases)),
        ["race"] => race::run(&mut cases),
        ["sites"] => sites::run(&mut cases),
        ["echo", from, to, count] => {
            return done(waiting::echo(from, to, count.parse().unwrap_or(0)));
        }
        ["block", from] => return done(waiting::block(from)),
        _ => {
            eprintln!("usage: mailbox all|race|sites");
            return ExitCode::from(2);
        }
    };
    cases.works("nothing that has to work failed", outcome);
    cases.finish("mailbox")
}

/// The status of another process of a case.
fn done(outcome: guest_programs::Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
