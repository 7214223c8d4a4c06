// SPDX-License-Identifier: GPL-2.0

//! Threads that get in each other's way, for a number of rounds, after which everything must add up.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, yield_now};

use guest_programs::{Cases, Errno, Outcome};

use crate::calls::*;

const SENDERS: u64 = 3;
const RECEIVERS: u64 = 3;
const ROUNDS: u64 = 400;
const NAMES: [&str; 3] = ["red", "green", "blue"];

/// What the threads did.
#[derive(Default)]
struct Sums {
    sent: AtomicU64,
    received: AtomicU64,
    flushed: AtomicU64,
    /// Of all bytes that were received, those that are not what was sent.
    broken: AtomicU64,
    /// Errors that nobody expects.
    unexpected: AtomicU64,
}

impl Sums {
    fn add(to: &AtomicU64, number: u64) {
        to.fetch_add(number, Ordering::Relaxed);
    }

    fn get(of: &AtomicU64) -> u64 {
        of.load(Ordering::Relaxed)
    }

    /// Counts an error, unless it is one of those.
    fn expect<T>(&self, outcome: Outcome<T>, errors: &[i32]) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(Errno(errno)) => {
                if !errors.contains(&errno) {
                    println!("  | unexpected: {:?}", Errno(errno));
                    Self::add(&self.unexpected, 1);
                }
                None
            }
        }
    }
}

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    let before = totals()?;
    let (sums, over) = (Sums::default(), AtomicBool::new(false));
    // These stay, so that nothing is discarded before the end.
    let held: Vec<Endpoint> = NAMES
        .iter()
        .map(|name| Endpoint::nonblocking(name))
        .collect::<Outcome<_>>()?;
    scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| {
                scope.spawn({
                    let sums = &sums;
                    move || send(sums, n)
                })
            })
            .collect();
        for number in 0..RECEIVERS {
            let (sums, over) = (&sums, &over);
            scope.spawn(move || receive(sums, over, number));
        }
        scope.spawn(|| disturb(&sums, &over));
        scope.spawn(|| reopen(&sums, &over));
        scope.spawn(|| directories(&sums, &over));
        for sender in senders {
            let _ = sender.join();
        }
        over.store(true, Ordering::Relaxed);
    });
    set_limit("max_messages", "16")?;
    let mut left = 0;
    for endpoint in &held {
        left += endpoint.flush()? as u64;
    }
    drop(held);

    let after = totals()?;
    let found: Vec<u64> = after
        .iter()
        .zip(&before)
        .map(|(after, before)| after - before)
        .collect();
    let (received, flushed) = (Sums::get(&sums.received), Sums::get(&sums.flushed) + left);
    cases.equal(
        "every message was sent once",
        Sums::get(&sums.sent),
        SENDERS * ROUNDS,
    );
    cases.equal("debugfs has counted them", found[0], SENDERS * ROUNDS);
    cases.equal("and what was received", found[1], received);
    cases.equal("and what was flushed", found[2], flushed);
    cases.equal("none is lost", received + flushed, SENDERS * ROUNDS);
    cases.equal("nothing expired or was discarded", found[3] + found[4], 0);
    cases.equal("no message was broken", Sums::get(&sums.broken), 0);
    cases.equal(
        "no call failed that should not",
        Sums::get(&sums.unexpected),
        0,
    );
    cases.equal("no message is left", count("waiting")?, 0);
    cases.equal("all files are closed", count("endpoints")?, 0);
    cases.equal("all boxes are gone", boxes()?, String::new());
    println!("race: {received} received, {flushed} flushed");
    Ok(())
}

fn totals() -> Outcome<Vec<u64>> {
    ["sent", "received", "flushed", "expired", "discarded"]
        .iter()
        .map(|name| count(name))
        .collect()
}

/// What a message of a sender looks like: its length depends on the number, its bytes as well.
fn text(number: u64) -> Vec<u8> {
    vec![number as u8; 1 + (number % 50) as usize]
}

/// Sends all its messages, to one box after the other.
fn send(sums: &Sums, sender: u64) {
    for number in 0..ROUNDS {
        let name = NAMES[((sender + number) % 3) as usize];
        loop {
            let Some(endpoint) = sums.expect(Endpoint::nonblocking(name), &[]) else {
                return;
            };
            if sums
                .expect(endpoint.write(&text(number)), &[libc::EAGAIN])
                .is_some()
            {
                Sums::add(&sums.sent, 1);
                break;
            }
            yield_now();
        }
    }
}

/// Receives whatever there is, until all was sent and nothing is left.
fn receive(sums: &Sums, over: &AtomicBool, receiver: u64) {
    let endpoints: Vec<Endpoint> = NAMES
        .iter()
        .filter_map(|name| sums.expect(Endpoint::nonblocking(name), &[]))
        .collect();
    loop {
        let last = over.load(Ordering::Relaxed);
        let mut any = false;
        for endpoint in &endpoints {
            // Some have too little room at first.
            let room = if receiver == 0 { 5 } else { 64 };
            let mut result = endpoint.read(room);
            if result == Err(Errno(libc::EMSGSIZE)) {
                result = endpoint.read(64);
            }
            if let Some(bytes) = sums.expect(result, &[libc::EAGAIN]) {
                any = true;
                Sums::add(&sums.received, 1);
                let first = bytes.first().copied().unwrap_or(0);
                if !(0..ROUNDS).any(|number| number as u8 == first && text(number) == bytes) {
                    Sums::add(&sums.broken, 1);
                }
            }
        }
        if last && !any {
            return;
        }
        yield_now();
    }
}

/// Changes limits and flushes boxes.
fn disturb(sums: &Sums, over: &AtomicBool) {
    let Some(endpoint) = sums.expect(Endpoint::nonblocking("green"), &[]) else {
        return;
    };
    let mut round = 0u32;
    while !over.load(Ordering::Relaxed) {
        round += 1;
        sums.expect(
            set_limit("max_messages", &(1 + round % 20).to_string()),
            &[],
        );
        if round.is_multiple_of(16) {
            if let Some(messages) = sums.expect(endpoint.flush(), &[]) {
                Sums::add(&sums.flushed, messages as u64);
            }
        }
        sums.expect(boxes(), &[]);
        yield_now();
    }
}

/// Opens, binds, polls and closes, with boxes of its own that come and go.
fn reopen(sums: &Sums, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        for name in ["red", "one", "two"] {
            if let Some(endpoint) = sums.expect(Endpoint::nonblocking(name), &[]) {
                sums.expect(endpoint.poll(libc::POLLIN | libc::POLLOUT, 0), &[]);
                sums.expect(endpoint.counts(), &[]);
            }
        }
        yield_now();
    }
}

/// Makes and removes directories.
fn directories(sums: &Sums, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        for name in ["blue", "two", "three"] {
            if sums.expect(make(name), &[]).is_some() {
                sums.expect(remove(name), &[]);
            }
        }
        yield_now();
    }
}
