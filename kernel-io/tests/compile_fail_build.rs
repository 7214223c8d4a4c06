// SPDX-License-Identifier: GPL-2.0

//! What must not build, though it passes `cargo check`: registers that are not in the region, which the
//! compiler finds out when it generates code.
//!
//! Offsets that are plain numbers are left to the optimiser of a kernel build: see `build_assert!`.

#[test]
fn misuse_does_not_build() {
    let cases = compile_fail::cases();
    cases.pass("tests/ui/build/pass/*.rs");
    cases.compile_fail("tests/ui/build/*.rs");
}
