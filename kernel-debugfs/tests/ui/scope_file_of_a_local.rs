// SPDX-License-Identifier: GPL-2.0

//! A file of a scope is for a part of the scope's value, or for what lives for ever.

extern crate kernel_debugfs as kernel;

use kernel::{
    debugfs::{Dir, Scope},
    prelude::*,
    sync::atomic::Atomic,
};

fn local(dir: &Dir) -> impl PinInit<Scope<Atomic<u32>>> + '_ {
    dir.scope(Atomic::new(1u32), c"scope", |_, dir| {
        let local = Atomic::new(2u32);
        dir.read_write_file(c"local", &local);
    })
}

fn from_outside<'a>(
    dir: &'a Dir,
    outside: &'a Atomic<u32>,
) -> impl PinInit<Scope<Atomic<u32>>> + 'a {
    dir.scope(Atomic::new(1u32), c"scope", move |_, dir| {
        dir.read_write_file(c"outside", outside);
    })
}

fn main() {}
