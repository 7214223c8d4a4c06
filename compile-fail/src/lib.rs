// SPDX-License-Identifier: GPL-2.0

//! Compile-fail snapshots that come out the same on every machine.
//!
//! Where the component `rust-src` is installed, the compiler quotes the standard library in its
//! messages, and elsewhere it can't. The snapshots are of the messages without quotes.

use std::env;

/// What trybuild passes to the compiler by itself (these flags take the place of those), and one more:
/// not to look for the standard library's sources.
const FLAGS: [&str; 6] = [
    "--cfg",
    "trybuild",
    "--verbose",
    "-A",
    "dead_code",
    "-Ztranslate-remapped-path-to-local-path=no",
];

/// Returns the cases of the calling crate, to be filled with paths.
///
/// To be called once in a test binary, before anything else runs in it.
pub fn cases() -> trybuild::TestCases {
    env::set_var("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"));
    // The last flag is an unstable one, and the crates that trybuild makes have names of its own,
    // which the workspace's configuration can't list.
    env::set_var("RUSTC_BOOTSTRAP", "1");
    // Cases that are built are not debugged.
    env::set_var("CARGO_PROFILE_DEV_DEBUG", "0");
    trybuild::TestCases::new()
}
