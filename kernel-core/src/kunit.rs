// SPDX-License-Identifier: GPL-2.0

//! Tests that run in the kernel.
//!
//! A test is a function marked `#[test]` in a module marked
//! [`#[kunit_tests(suite_name)]`](macros::kunit_tests). Its `assert!` and `assert_eq!` report to
//! KUnit, which runs every suite while the kernel boots. Documentation examples run the same way.
//! A test may return a [`Result`](crate::error::Result), and fails on an error.
//!
//! A failed assertion ends the test, as in user space; but what is on the stack then is *not*
//! dropped, because C code stops the thread. In a thread other than the test's own, a failed
//! assertion can only be printed, and execution goes on.
//!
//! The C side is in [`include/kunit/test.h`](srctree/include/kunit/test.h); a guide to it is at
//! <https://docs.kernel.org/dev-tools/kunit/>.
//!
//! # Examples
//!
//! ```
//! # mod example {
//! # use kernel::prelude::*;
//! fn double(x: u32) -> Option<u32> {
//!     x.checked_mul(2)
//! }
//!
//! #[kunit_tests(rust_doc_double)]
//! mod tests {
//!     use super::*;
//!
//!     #[test]
//!     fn doubles() {
//!         assert_eq!(double(21), Some(42));
//!     }
//!
//!     #[test]
//!     fn refuses_what_does_not_fit() -> Result {
//!         let half = u32::try_from(1_u64 << 31)?;
//!         assert!(double(half).is_none());
//!         Ok(())
//!     }
//! }
//! # pub(super) fn run() -> Option<u32> { double(4) }
//! # }
//! # assert_eq!(example::run(), Some(8));
//! ```

#![expect(
    clippy::test_attr_in_doctest,
    reason = "the example's tests do run, in the kernel"
)]

use crate::{
    ffi::{c_int, CStr},
    fmt,
};

/// Returns whether the current thread runs a KUnit test.
///
/// For code that a test cannot exercise otherwise, say because it would touch hardware. Costs next
/// to nothing while no test is running, and returns `false` in kernels without KUnit.
///
/// C: `kunit_get_current_test()`.
///
/// # Examples
///
/// ```
/// use kernel::kunit::in_kunit_test;
///
/// fn retry_limit() -> u32 {
///     if in_kunit_test() { 1 } else { 100 }
/// }
///
/// assert_eq!(retry_limit(), 1);
/// ```
#[inline]
pub fn in_kunit_test() -> bool {
    !current_test().is_null()
}

/// The test that the current thread runs, or null.
#[inline]
fn current_test() -> *mut bindings::kunit {
    // SAFETY: May be called at any time, with or without KUnit.
    unsafe { bindings::kunit_get_current_test() }
}

/// Prints without a prefix, as lines in KUnit's output are to be.
#[doc(hidden)]
pub fn info(args: fmt::Arguments<'_>) {
    print(c"\x016%pA", args);
}

/// Prints at error level, without a prefix.
#[doc(hidden)]
pub fn err(args: fmt::Arguments<'_>) {
    print(c"\x013%pA", args);
}

/// Prints. `format` is made of a log level and `%pA`.
#[cfg_attr(not(CONFIG_PRINTK), expect(unused_variables, reason = "goes nowhere"))]
fn print(format: &'static CStr, args: fmt::Arguments<'_>) {
    #[cfg(CONFIG_PRINTK)]
    // SAFETY: Both callers pass a C string whose only conversion is `%pA`, which takes a pointer to
    // a `fmt::Arguments`. That one lives until the call returns.
    unsafe {
        bindings::_printk(
            format.to_bytes_with_nul().as_ptr(),
            core::ptr::from_ref(&args).cast::<core::ffi::c_void>(),
        );
    }
}

/// Reports that an assertion of the test `test` failed, and ends the test.
///
/// Called by [`kunit_assert!`](crate::kunit_assert) wherever that is written. `condition` is its
/// source text, and ends with a NUL.
///
/// Only returns where there is no test to end: in a thread that the test started.
// Inlined, so that a kernel whose KUnit is a module, or absent, does not refer to its functions.
#[doc(hidden)]
#[inline]
#[cold]
pub fn fail(test: &str, file: &'static CStr, line: c_int, condition: &'static str) {
    let condition = CStr::from_bytes_until_nul(condition.as_bytes()).unwrap_or(c"?");

    err(format_args!(
        "    # {}: ASSERTION FAILED at {}:{}\n",
        test,
        Text(file),
        line
    ));
    err(format_args!(
        "    Expected {} to be true, but is false\n",
        Text(condition)
    ));

    let kunit = current_test();
    if kunit.is_null() {
        err(format_args!(
            "    Not in the thread of a test: the failure is not counted\n"
        ));
        return;
    }

    let location = bindings::kunit_loc {
        file: file.to_bytes_with_nul().as_ptr(),
        line,
    };
    let assertion = bindings::kunit_unary_assert {
        assert: bindings::kunit_assert {},
        condition: condition.to_bytes_with_nul().as_ptr(),
        expected_true: true,
    };
    // SAFETY: `kunit` is the test of this thread, which keeps it alive. The other pointers are valid
    // until the call returns, and the strings for ever: KUnit keeps the one of the location. The
    // formatting function goes with the type of `assertion`, and no message is passed.
    unsafe {
        bindings::__kunit_do_failed_assertion(
            kunit,
            &location,
            bindings::kunit_assert_type_KUNIT_ASSERTION,
            &assertion.assert,
            Some(bindings::kunit_unary_assert_format),
            core::ptr::null(),
        );
    }
    // SAFETY: `kunit` is the test of this thread, whose stack may be abandoned: a test is told.
    unsafe { bindings::__kunit_abort(kunit) }
}

/// A C string, printed as the text that it is.
struct Text(&'static CStr);

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for chunk in self.0.to_bytes().utf8_chunks() {
            f.write_str(chunk.valid())?;
        }
        Ok(())
    }
}

/// What a test may return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a test returns nothing or a `Result`, not `{Self}`",
    label = "returned by this test"
)]
pub trait TestResult {
    /// Returns whether the test passed.
    fn is_ok(&self) -> bool;
}

impl TestResult for () {
    fn is_ok(&self) -> bool {
        true
    }
}

impl<T, E> TestResult for core::result::Result<T, E> {
    fn is_ok(&self) -> bool {
        self.is_ok()
    }
}

/// Returns whether a test passed, judging by what it returned.
#[doc(hidden)]
pub fn is_test_result_ok(result: impl TestResult) -> bool {
    TestResult::is_ok(&result)
}

/// Makes an entry of the array that [`kunit_unsafe_test_suite!`](crate::kunit_unsafe_test_suite)
/// takes.
///
/// C: `KUNIT_CASE()`.
#[doc(hidden)]
pub const fn kunit_case(
    name: &'static CStr,
    run_case: unsafe extern "C" fn(*mut bindings::kunit),
) -> bindings::kunit_case {
    bindings::kunit_case {
        run_case: Some(run_case),
        name: name.to_bytes_with_nul().as_ptr(),
        ..pin_init::zeroed()
    }
}

/// Makes a suite named `name`, without any cases yet.
///
/// # Panics
///
/// If the name does not fit, which ends the build, as this is only called in constants.
#[doc(hidden)]
pub const fn kunit_suite(name: &str) -> bindings::kunit_suite {
    let mut suite: bindings::kunit_suite = pin_init::zeroed();
    let bytes = name.as_bytes();
    assert!(
        bytes.len() < suite.name.len(),
        "the name of a test suite is at most 255 bytes long"
    );
    let mut i = 0;
    while i < bytes.len() {
        suite.name[i] = bytes[i];
        i += 1;
    }
    suite
}

/// Asserts a condition on behalf of a KUnit test.
///
/// `kunit_assert!(test, file, offset, condition)`: the names of the test (`&str`) and of the source
/// file (`&CStr`); what to subtract from the line of the macro call to get the line in that file
/// (`i32`); and the condition.
///
/// What `assert!` is in documentation examples and in
/// [`#[kunit_tests]`](macros::kunit_tests); not to be called otherwise.
///
/// # Examples
///
/// ```
/// kernel::kunit_assert!("doc", c"rust/kernel/kunit.rs", 0, kernel::kunit::in_kunit_test());
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! kunit_assert {
    // In the kernel's edition, a `const` block is no `expr` to a macro.
    ($test:expr, const $file:tt, $($rest:tt)+) => {
        $crate::kunit_assert!($test, { const $file }, $($rest)+)
    };
    ($test:expr, $file:expr, $offset:expr, $condition:expr $(,)?) => {
        $crate::kunit_assert!(
            @check $test, $file, $offset, $condition, ::core::stringify!($condition)
        )
    };
    (@check $test:expr, $file:expr, $offset:expr, $condition:expr, $text:expr) => {{
        let holds: bool = $condition;
        if !holds {
            $crate::kunit::fail(
                $test,
                $file,
                ::core::line!() as i32 - $offset,
                ::core::concat!($text, "\0"),
            );
        }
    }};
}

/// Asserts that two values are equal, on behalf of a KUnit test.
///
/// As [`kunit_assert!`], with two values in place of the condition.
///
/// # Examples
///
/// ```
/// kernel::kunit_assert_eq!("doc", c"rust/kernel/kunit.rs", 0, 2 + 2, 4);
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! kunit_assert_eq {
    ($test:expr, const $file:tt, $($rest:tt)+) => {
        $crate::kunit_assert_eq!($test, { const $file }, $($rest)+)
    };
    ($test:expr, $file:expr, $offset:expr, $left:expr, $right:expr $(,)?) => {
        match (&$left, &$right) {
            (left, right) => $crate::kunit_assert!(
                @check $test, $file, $offset, *left == *right,
                ::core::concat!(::core::stringify!($left), " == ", ::core::stringify!($right))
            ),
        }
    };
}

/// Registers an array of test cases with KUnit as a suite.
///
/// `kunit_unsafe_test_suite!(name, CASES)`, where `CASES` is a `static mut` array of
/// `struct kunit_case`. [`#[kunit_tests]`](macros::kunit_tests) writes it all.
///
/// C: `kunit_test_suite()`.
///
/// # Safety
///
/// `CASES` ends with a case that is all zeroes, is used for nothing else, and each function in it
/// may be called with a pointer to a test.
///
/// # Examples
///
/// ```
/// # mod suite {
/// use kernel::{bindings, kunit::kunit_case};
///
/// unsafe extern "C" fn passes(_test: *mut bindings::kunit) {}
///
/// static mut CASES: [bindings::kunit_case; 2] = [
///     kunit_case(c"passes", passes),
///     pin_init::zeroed(),
/// ];
///
/// kernel::kunit_unsafe_test_suite!(rust_doc_by_hand, CASES);
/// # }
/// ```
// The attributes are in an arm of their own: Cargo builds no kernel, and a program that has this
// crate linked in, as a test on the host has, could not resolve what the suite refers to.
#[doc(hidden)]
#[macro_export]
macro_rules! kunit_unsafe_test_suite {
    ($name:ident, $cases:ident) => {
        const _: () = {
            static mut SUITE: $crate::bindings::kunit_suite = $crate::bindings::kunit_suite {
                test_cases: (&raw mut $cases).cast::<$crate::bindings::kunit_case>(),
                ..$crate::kunit::kunit_suite(::core::stringify!($name))
            };

            $crate::__kunit_register!(SUITE);
        };
    };
}

/// Lists a suite in the section that KUnit goes through.
#[cfg(not(cargo))]
#[doc(hidden)]
#[macro_export]
macro_rules! __kunit_register {
    ($suite:ident) => {
        #[used(linker)]
        #[cfg_attr(not(target_os = "macos"), link_section = ".kunit_test_suites")]
        static mut ENTRY: *mut $crate::bindings::kunit_suite = &raw mut $suite;
    };
}

/// Lists nothing: there is no kernel.
#[cfg(cargo)]
#[doc(hidden)]
#[macro_export]
macro_rules! __kunit_register {
    ($suite:ident) => {
        const _: *mut $crate::bindings::kunit_suite = &raw mut $suite;
    };
}

#[macros::kunit_tests(rust_kunit)]
mod tests {
    use super::*;
    use crate::error::{code::EINVAL, Result};

    #[test]
    fn knows_that_it_is_a_test() {
        assert!(in_kunit_test());
        assert_eq!(current_test().is_null(), false);
    }

    #[test]
    fn results_tell_whether_a_test_passed() {
        assert!(is_test_result_ok(()));
        assert!(is_test_result_ok(Ok::<u32, ()>(1)));
        assert!(!is_test_result_ok(Err::<(), _>(EINVAL)));
    }

    #[test]
    fn a_test_may_return_a_result() -> Result {
        let seven: i32 = "7".parse().map_err(|_| EINVAL)?;
        assert_eq!(seven, 7);
        Ok(())
    }

    #[test]
    fn names_are_terminated() {
        let suite = kunit_suite("abc");
        assert_eq!(suite.name[..4], *b"abc\0");
        assert!(suite.test_cases.is_null());
        let case = kunit_case(c"case", nothing);
        assert!(case.run_case.is_some());
        assert!(case.generate_params.is_none());
    }

    /// Does nothing.
    ///
    /// # Safety
    ///
    /// No requirements.
    unsafe extern "C" fn nothing(_: *mut bindings::kunit) {}
}
