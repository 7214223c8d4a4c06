// SPDX-License-Identifier: GPL-2.0

//! What must not build, though it passes `cargo check`: assertions about generic parameters, which
//! the compiler evaluates when it generates code.

#[test]
fn misuse_does_not_build() {
    let cases = compile_fail::cases();
    cases.pass("tests/ui/build/pass/*.rs");
    cases.compile_fail("tests/ui/build/*.rs");
}
