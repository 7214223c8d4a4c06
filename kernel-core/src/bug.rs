// SPDX-License-Identifier: GPL-2.0

//! Warnings about what must not happen.
//!
//! [`warn_on!`] is C's [`WARN_ON`]: it reports a bug in the kernel, with a backtrace, and goes on.
//! It is not for what hardware, firmware or user space may bring about, since a kernel may be told
//! to panic at it (`panic_on_warn`): return an error, or print, there.
//!
//! Where the architecture has a trap for it, the warning costs one instruction next to the code
//! that tests the condition; file and line are in a table beside the code. The assembly is C's own:
//! `generated_arch_warn_asm.rs.S` has the C preprocessor expand `ARCH_WARN_ASM`, and the result is
//! included below. Elsewhere a C function is called.
//!
//! [`warn_on!`]: crate::warn_on
//! [`WARN_ON`]: srctree/include/asm-generic/bug.h

/// Warns if a condition is true, and hands it on.
///
/// The warning (file, line, registers, backtrace) appears each time. Without `CONFIG_BUG` nothing
/// is printed, but the condition is evaluated and handed on all the same.
///
/// # Examples
///
/// ```
/// use kernel::warn_on;
///
/// fn release(references: u32) -> Result {
///     if warn_on!(references > 0) {
///         return Err(EBUSY);
///     }
///     Ok(())
/// }
///
/// assert_eq!(release(0), Ok(()));
/// ```
#[macro_export]
macro_rules! warn_on {
    ($condition:expr) => {{
        let condition: ::core::primitive::bool = $condition;
        if condition {
            $crate::__warn_here!();
        }
        condition
    }};
}

/// Warns through the architecture's trap. Not API: a part of [`warn_on!`](crate::warn_on).
#[doc(hidden)]
#[macro_export]
#[cfg(all(
    CONFIG_BUG,
    not(CONFIG_UML),
    any(CONFIG_X86, CONFIG_ARM64, CONFIG_RISCV, CONFIG_S390)
))]
macro_rules! __warn_here {
    () => {{
        // The table of warnings refers to these bytes.
        static FILE: [u8; ::core::file!().len() + 1] =
            $crate::bug::__terminated(::core::file!());

        // SAFETY: The instruction traps; the trap handler finds the address in the table of
        // warnings, to which this adds an entry of the layout that C's macro knows, prints, and
        // returns to the next instruction with all registers as they were.
        unsafe {
            $crate::asm!(
                ::core::concat!(
                    // An operand that the architecture or the configuration has no use for would
                    // be an error, if it did not stand in this comment.
                    "/* {file} {line} {flags} {size} */\n",
                    ::core::include!(::core::concat!(
                        ::core::env!("OBJTREE"),
                        "/rust/kernel/generated_arch_warn_asm.rs"
                    )),
                    "\n",
                    ::core::include!(::core::concat!(
                        ::core::env!("OBJTREE"),
                        "/rust/kernel/generated_arch_reachable_asm.rs"
                    ))
                );
                file = sym FILE,
                line = const ::core::line!(),
                flags = const $crate::bug::__FLAGS,
                size = const ::core::mem::size_of::<$crate::bindings::bug_entry>(),
            );
        }
    }};
}

/// Warns through a C function. Not API: a part of [`warn_on!`](crate::warn_on).
#[doc(hidden)]
#[macro_export]
#[cfg(all(
    CONFIG_BUG,
    any(
        CONFIG_UML,
        not(any(CONFIG_X86, CONFIG_ARM64, CONFIG_RISCV, CONFIG_S390))
    )
))]
macro_rules! __warn_here {
    () => {
        $crate::bug::__warn_at($crate::c_str!(::core::file!()), ::core::line!())
    };
}

/// Does nothing. Not API: a part of [`warn_on!`](crate::warn_on).
#[doc(hidden)]
#[macro_export]
#[cfg(not(CONFIG_BUG))]
macro_rules! __warn_here {
    () => {};
}

/// Warns about a place. Not API: a part of [`warn_on!`](crate::warn_on).
#[doc(hidden)]
#[cold]
#[cfg(all(
    CONFIG_BUG,
    any(
        CONFIG_UML,
        not(any(CONFIG_X86, CONFIG_ARM64, CONFIG_RISCV, CONFIG_S390))
    )
))]
pub fn __warn_at(file: &'static crate::str::CStr, line: u32) {
    let file = crate::str::CStrExt::as_char_ptr(file);
    // SAFETY: `file` is terminated, and never freed.
    unsafe { crate::bindings::warn_at(file, line as crate::ffi::c_int) };
}

/// What the entry of a warning in the table says about it: the flags that C's `WARN_ON` sets. Not
/// API: a part of [`warn_on!`](crate::warn_on).
#[doc(hidden)]
#[cfg(CONFIG_GENERIC_BUG)]
pub const __FLAGS: u32 = crate::bindings::BUGFLAG_WARNING | (crate::bindings::TAINT_WARN << 8);

/// Appends a NUL, at compile time. Not API: a part of [`warn_on!`](crate::warn_on).
///
/// # Panics
///
/// If `SIZE` is not one more than the length of `text`, which ends the build.
#[doc(hidden)]
pub const fn __terminated<const SIZE: usize>(text: &str) -> [u8; SIZE] {
    let text = text.as_bytes();
    assert!(text.len() + 1 == SIZE);
    let mut bytes = [0; SIZE];
    let (start, _nul) = bytes.split_at_mut(text.len());
    start.copy_from_slice(text);
    bytes
}

#[macros::kunit_tests(rust_bug)]
mod tests {
    use crate::bindings;

    #[test]
    fn the_condition_is_evaluated_once_and_handed_on() {
        let mut evaluated = 0;
        assert!(!warn_on!({
            evaluated += 1;
            evaluated > 1
        }));
        assert_eq!(evaluated, 1);
    }

    #[test]
    fn a_true_condition_warns() {
        // SAFETY: Can be called from anywhere.
        let test = unsafe { bindings::kunit_get_current_test() };
        // SAFETY: This is the thread of a test, so `test` is that test.
        let suppressed = unsafe { bindings::kunit_start_suppress_warning(test) };
        assert!(!suppressed.is_null());

        for turn in 0..3 {
            assert_eq!(warn_on!(turn > 0), turn > 0);
        }

        // SAFETY: The handle is the one that was returned above, and is still in use.
        let count = unsafe { bindings::kunit_suppressed_warning_count(suppressed) };
        // SAFETY: The two belong together, and the handle is not used again.
        unsafe { bindings::kunit_end_suppress_warning(test, suppressed) };
        assert_eq!(count, if cfg!(CONFIG_BUG) { 2 } else { 0 });
    }

    #[test]
    fn file_names_are_terminated() {
        assert_eq!(super::__terminated("src/a.rs"), *b"src/a.rs\0");
        assert_eq!(super::__terminated(""), [0]);
    }
}
