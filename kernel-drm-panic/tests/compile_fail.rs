//! What must not compile, and what the compiler says then.

#[test]
fn misuse_does_not_compile() {
    compile_fail::cases().compile_fail("tests/ui/*.rs");
}
