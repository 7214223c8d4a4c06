// SPDX-License-Identifier: GPL-2.0

//! What must not build, though it passes `cargo check`.

#[test]
fn misuse_does_not_build() {
    compile_fail::cases().compile_fail("tests/ui/build/*.rs");
}
