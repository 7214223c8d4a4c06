// SPDX-License-Identifier: GPL-2.0

//! `SetOnce`'s protocol (src/sync/set_once.rs), in every interleaving and under weak memory.
//!
//! The model's threads run `populate` and `as_ref` step by step, and each may be interrupted once,
//! before any step, by a handler that runs more of them. The state word is an atomic with a
//! modification order: a load may return any value that coherence does not rule out, so that
//! relaxed loads see stale ones, and a store may end up older than stores that ran before it. The
//! value is plain memory, watched by vector clocks: two accesses that happens-before does not order,
//! one of them a write, are a data race, and fail the run.
//!
//! What the model does not do is to run a store ahead of a load whose outcome decides about it. The
//! kernel's memory model forbids that, too: it is a control dependency.
//!
//! To show that it would notice, each part of the protocol is taken away in turn, and each time the
//! run must fail.

use std::collections::HashSet;

const EMPTY: u8 = 0;
const BUSY: u8 = 1;
const SET: u8 = 2;

/// As many as a test here has, or more.
const MAX_THREADS: usize = 3;

type Clock = [u8; MAX_THREADS];

fn join(clock: &mut Clock, other: &Clock) {
    for (mine, theirs) in clock.iter_mut().zip(other) {
        *mine = (*mine).max(*theirs);
    }
}

/// The protocol, with parts that can be taken away.
#[derive(Clone, Copy)]
struct Protocol {
    /// `populate` claims with an exchange; else it loads first, and stores afterwards.
    claim_is_exchange: bool,
    /// `populate` writes the value before it says so; else afterwards.
    value_first: bool,
    /// The store of `SET` is a release.
    publish_is_release: bool,
    /// The load in `as_ref` is an acquire.
    look_is_acquire: bool,
    /// `as_ref` waits for `SET`; else `BUSY` is enough for it.
    look_for_set: bool,
}

const OURS: Protocol = Protocol {
    claim_is_exchange: true,
    value_first: true,
    publish_is_release: true,
    look_is_acquire: true,
    look_for_set: true,
};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Op {
    /// Sets this value.
    Populate(u8),
    AsRef,
}

/// Where an operation has got to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Step {
    /// `populate`: the exchange.
    Claim,
    /// `populate` without an exchange: the store after the load.
    ClaimLate,
    WriteValue,
    StoreSet,
    /// `as_ref`: the load of the state.
    Look,
    ReadValue,
}

/// A thread's code, or that of a handler that interrupts it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Context {
    /// What comes next, last first.
    ops: Vec<Op>,
    /// The current operation, its next step, and whether the value was known when it began.
    current: Option<(Op, Step, bool)>,
}

impl Context {
    fn new(ops: &[Op]) -> Self {
        Context {
            ops: ops.iter().rev().copied().collect(),
            current: None,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Thread {
    /// The thread's code, and above it a handler's while one runs.
    contexts: Vec<Context>,
    /// A handler that has not run yet.
    interrupt: Option<Context>,
    clock: Clock,
    /// The oldest store to the state word, by its place in the order, that it may still load.
    seen: usize,
    /// It has set the value, or found it set.
    knows: bool,
}

/// A store to the state word.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Store {
    value: u8,
    /// What an acquire load of it learns.
    clock: Clock,
    /// It was made by an exchange: nothing comes between it and the store before.
    glued: bool,
}

/// An access to the value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Access {
    thread: usize,
    /// By the thread's own clock.
    time: u8,
    is_write: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    threads: Vec<Thread>,
    /// In modification order.
    stores: Vec<Store>,
    value: Option<u8>,
    accesses: Vec<Access>,
    /// The values that `populate` said it set.
    won: Vec<u8>,
    /// The values that `as_ref` returned.
    found: Vec<u8>,
}

/// All that can come of one step.
type Worlds = Result<Vec<World>, String>;

impl World {
    /// Each thread has its own code, and that of its handler.
    fn new(threads: &[(&[Op], &[Op])]) -> Self {
        assert!(threads.len() <= MAX_THREADS);
        let threads = threads.iter().enumerate().map(|(i, (code, handler))| {
            let mut clock = [0; MAX_THREADS];
            clock[i] = 1;
            Thread {
                contexts: vec![Context::new(code)],
                interrupt: (!handler.is_empty()).then(|| Context::new(handler)),
                clock,
                seen: 0,
                knows: false,
            }
        });
        World {
            threads: threads.collect(),
            stores: vec![Store {
                value: EMPTY,
                clock: [0; MAX_THREADS],
                glued: true,
            }],
            value: None,
            accesses: Vec::new(),
            won: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Every load of the state word that is possible: the world after it, the place of the store
    /// that was loaded, and its value.
    fn loads(&self, who: usize, acquire: bool) -> Vec<(World, usize, u8)> {
        let places = self.threads[who].seen..self.stores.len();
        places
            .map(|place| {
                let mut world = self.clone();
                let store = &self.stores[place];
                world.threads[who].seen = place;
                if acquire {
                    join(&mut world.threads[who].clock, &store.clock);
                }
                (world, place, store.value)
            })
            .collect()
    }

    /// The places in the modification order that a store may take.
    fn free_places(&self, who: usize) -> Vec<usize> {
        let places = self.threads[who].seen + 1..=self.stores.len();
        places.filter(|&place| self.is_free(place)).collect()
    }

    fn is_free(&self, place: usize) -> bool {
        self.stores.get(place).is_none_or(|next| !next.glued)
    }

    /// Stores at a place that is free.
    fn store(&mut self, who: usize, place: usize, value: u8, release: bool, glued: bool) {
        // An exchange passes on what the store that it replaced had released.
        let mut clock = match glued {
            true => self.stores[place - 1].clock,
            false => [0; MAX_THREADS],
        };
        if release {
            join(&mut clock, &self.threads[who].clock);
        }
        let store = Store {
            value,
            clock,
            glued,
        };
        self.stores.insert(place, store);
        for thread in &mut self.threads {
            if thread.seen >= place {
                thread.seen += 1;
            }
        }
        let thread = &mut self.threads[who];
        thread.seen = place;
        // What comes later was not released here.
        thread.clock[who] += 1;
    }

    /// Accesses the value, unless that is a race.
    fn access(&mut self, who: usize, is_write: bool) -> Result<(), String> {
        let clock = self.threads[who].clock;
        for other in &self.accesses {
            if (is_write || other.is_write) && other.time > clock[other.thread] {
                return Err(format!("data race between {} and {who}", other.thread));
            }
        }
        self.accesses.push(Access {
            thread: who,
            time: clock[who],
            is_write,
        });
        Ok(())
    }

    fn context(&mut self, who: usize) -> &mut Context {
        let contexts = &mut self.threads[who].contexts;
        contexts.last_mut().expect("a thread has its own code")
    }

    fn go_to(mut self, who: usize, next: Step) -> World {
        let current = &mut self.context(who).current;
        *current = current.map(|(op, _, knew)| (op, next, knew));
        self
    }

    /// Ends the current operation, which did what it is for or not.
    fn finish(mut self, who: usize, success: bool) -> Result<World, String> {
        let current = self.context(who).current.take();
        let Some((op, _, knew)) = current else {
            unreachable!("only a current operation ends")
        };
        if op == Op::AsRef && knew && !success {
            return Err(format!("thread {who} lost sight of the value"));
        }
        if let (Op::Populate(value), true) = (op, success) {
            self.won.push(value);
        }
        self.threads[who].knows |= success;
        Ok(self)
    }

    /// The worlds after the next step of a thread's code; none if it has ended.
    fn step(&self, protocol: Protocol, who: usize) -> Worlds {
        let mut world = self.clone();
        let knows = world.threads[who].knows;
        while world.threads[who].contexts.len() > 1
            && world.context(who).ops.is_empty()
            && world.context(who).current.is_none()
        {
            world.threads[who].contexts.pop();
        }
        let context = world.context(who);
        if context.current.is_none() {
            let Some(op) = context.ops.pop() else {
                return Ok(Vec::new());
            };
            let first = match op {
                Op::Populate(_) => Step::Claim,
                Op::AsRef => Step::Look,
            };
            context.current = Some((op, first, knows));
        }
        let Some((op, step, _)) = context.current else {
            unreachable!("it has just begun")
        };
        match op {
            Op::Populate(value) => world.populate(protocol, who, step, value),
            Op::AsRef => world.borrow_value(protocol, who, step),
        }
    }

    fn populate(mut self, protocol: Protocol, who: usize, step: Step, value: u8) -> Worlds {
        let (first, second) = match protocol.value_first {
            true => (Step::WriteValue, Step::StoreSet),
            false => (Step::StoreSet, Step::WriteValue),
        };
        let mut after = Vec::new();
        match step {
            Step::Claim => {
                for (mut world, place, state) in self.loads(who, false) {
                    if state != EMPTY {
                        after.push(world.finish(who, false)?);
                    } else if !protocol.claim_is_exchange {
                        after.push(world.go_to(who, Step::ClaimLate));
                    } else if world.is_free(place + 1) {
                        world.store(who, place + 1, BUSY, false, true);
                        after.push(world.go_to(who, first));
                    }
                }
            }
            Step::ClaimLate => {
                for place in self.free_places(who) {
                    let mut world = self.clone();
                    world.store(who, place, BUSY, false, false);
                    after.push(world.go_to(who, first));
                }
            }
            Step::WriteValue => {
                self.access(who, true)?;
                self.value = Some(value);
                after.push(match step == second {
                    true => self.finish(who, true)?,
                    false => self.go_to(who, second),
                });
            }
            Step::StoreSet => {
                for place in self.free_places(who) {
                    let mut world = self.clone();
                    world.store(who, place, SET, protocol.publish_is_release, false);
                    after.push(match step == second {
                        true => world.finish(who, true)?,
                        false => world.go_to(who, second),
                    });
                }
            }
            Step::Look | Step::ReadValue => unreachable!("a step of `as_ref`"),
        }
        Ok(after)
    }

    fn borrow_value(mut self, protocol: Protocol, who: usize, step: Step) -> Worlds {
        if step == Step::ReadValue {
            self.access(who, false)?;
            let Some(value) = self.value else {
                return Err(format!("thread {who} read what was never written"));
            };
            self.found.push(value);
            return Ok(vec![self.finish(who, true)?]);
        }
        let enough = match protocol.look_for_set {
            true => SET,
            false => BUSY,
        };
        let loads = self.loads(who, protocol.look_is_acquire).into_iter();
        loads
            .map(|(world, _, state)| match state >= enough {
                true => Ok(world.go_to(who, Step::ReadValue)),
                false => world.finish(who, false),
            })
            .collect()
    }

    /// The worlds after any step of any thread; none if all have ended.
    fn steps(&self, protocol: Protocol) -> Worlds {
        let mut after = Vec::new();
        for who in 0..self.threads.len() {
            after.append(&mut self.step(protocol, who)?);
            if let Some(handler) = &self.threads[who].interrupt {
                let mut world = self.clone();
                world.threads[who].contexts.push(handler.clone());
                world.threads[who].interrupt = None;
                after.push(world);
            }
        }
        Ok(after)
    }

    /// What must be true when all is over, given that somebody wanted to set a value.
    fn check_end(&self) -> Result<(), String> {
        let [won] = self.won[..] else {
            return Err(format!("{} of them set the value", self.won.len()));
        };
        if self.value != Some(won) {
            return Err(format!("{won} was set, {:?} is there", self.value));
        }
        if let Some(other) = self.found.iter().find(|&&found| found != won) {
            return Err(format!("{won} was set, {other} was found"));
        }
        match self.stores.last() {
            Some(store) if store.value == SET => Ok(()),
            last => Err(format!("the state ends as {last:?}")),
        }
    }
}

/// What a run has been through.
#[derive(Debug, Default)]
struct Report {
    worlds: usize,
    ends: usize,
    /// Some `as_ref` found the value, and some did not.
    found: bool,
    missed: bool,
}

/// Goes through all that can happen.
fn run(protocol: Protocol, threads: &[(&[Op], &[Op])]) -> Result<Report, String> {
    let looks = threads
        .iter()
        .flat_map(|(code, handler)| code.iter().chain(*handler))
        .filter(|&&op| op == Op::AsRef)
        .count();
    let start = World::new(threads);
    let mut report = Report::default();
    let mut reached = HashSet::from([start.clone()]);
    let mut open = vec![start];

    while let Some(world) = open.pop() {
        report.worlds += 1;
        let after = world.steps(protocol)?;
        if after.is_empty() {
            world.check_end()?;
            report.ends += 1;
            report.found |= !world.found.is_empty();
            report.missed |= world.found.len() < looks;
        }
        for next in after {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(report)
}

const NOTHING: &[Op] = &[];

/// Two that set, each of which looks afterwards, and one that looks twice.
const RACE: &[(&[Op], &[Op])] = &[
    (&[Op::Populate(1), Op::AsRef], NOTHING),
    (&[Op::Populate(2), Op::AsRef], NOTHING),
    (&[Op::AsRef, Op::AsRef], NOTHING),
];

/// One thread alone, with an interrupt that does both, too.
const INTERRUPTED: &[(&[Op], &[Op])] = &[(
    &[Op::Populate(1), Op::AsRef],
    &[Op::AsRef, Op::Populate(2), Op::AsRef],
)];

/// Interrupts on both sides.
const BOTH: &[(&[Op], &[Op])] = &[
    (&[Op::Populate(1), Op::AsRef], &[Op::Populate(2), Op::AsRef]),
    (&[Op::AsRef, Op::AsRef], &[Op::Populate(3)]),
];

/// Three that set.
const CROWD: &[(&[Op], &[Op])] = &[
    (&[Op::Populate(1), Op::Populate(4)], NOTHING),
    (&[Op::Populate(2), Op::AsRef], NOTHING),
    (&[Op::Populate(3), Op::AsRef], NOTHING),
];

const ALL: [&[(&[Op], &[Op])]; 4] = [RACE, INTERRUPTED, BOTH, CROWD];

#[test]
fn the_protocol_holds() {
    for threads in ALL {
        let report = run(OURS, threads).unwrap();
        println!("{report:?}");
        // The run covers something: there is more than one way through, and looks of either kind.
        assert!(report.ends > 1, "{report:?}");
        assert!(report.found && report.missed, "{report:?}");
    }
}

#[test]
fn nothing_to_see_without_a_value() {
    let report = run(
        OURS,
        &[(&[Op::Populate(1)], NOTHING), (&[Op::AsRef], NOTHING)],
    )
    .unwrap();
    assert!(report.found && report.missed, "{report:?}");
}

/// Runs a protocol that must fail somewhere, and returns how it does.
fn failures(protocol: Protocol) -> Vec<String> {
    let failures: Vec<_> = ALL
        .iter()
        .filter_map(|threads| run(protocol, threads).err())
        .collect();
    assert!(!failures.is_empty(), "no run noticed");
    failures
}

#[test]
fn without_the_release() {
    let failures = failures(Protocol {
        publish_is_release: false,
        ..OURS
    });
    assert!(
        failures.iter().any(|it| it.contains("data race")),
        "{failures:?}"
    );
}

#[test]
fn without_the_acquire() {
    let failures = failures(Protocol {
        look_is_acquire: false,
        ..OURS
    });
    assert!(
        failures.iter().any(|it| it.contains("data race")),
        "{failures:?}"
    );
}

#[test]
fn without_the_exchange() {
    failures(Protocol {
        claim_is_exchange: false,
        ..OURS
    });
}

#[test]
fn with_the_value_after_its_announcement() {
    failures(Protocol {
        value_first: false,
        ..OURS
    });
}

#[test]
fn without_waiting_for_the_value() {
    failures(Protocol {
        look_for_set: false,
        ..OURS
    });
}
