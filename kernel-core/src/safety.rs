// SPDX-License-Identifier: GPL-2.0

//! Checks of what callers of `unsafe` functions promise.

/// Asserts a precondition of an `unsafe` function, in debug builds.
///
/// For the part of a `# Safety` section that code can check. The check is made with
/// `CONFIG_RUST_DEBUG_ASSERTIONS`, where a violation panics; without the option, nothing is left of
/// it. A caller may not rely on being checked.
///
/// The optional further arguments are a format string and its arguments.
///
/// # Examples
///
/// ```
/// use kernel::unsafe_precondition_assert;
///
/// /// Returns the element at `index`.
/// ///
/// /// # Safety
/// ///
/// /// `index` is less than the length of `table`.
/// unsafe fn element(table: &[u8], index: usize) -> u8 {
///     unsafe_precondition_assert!(index < table.len(), "no element {}", index);
///     // SAFETY: The index is in bounds, as the caller promises.
///     unsafe { *table.get_unchecked(index) }
/// }
///
/// // SAFETY: There are three elements.
/// assert_eq!(unsafe { element(&[1, 2, 3], 2) }, 3);
/// ```
#[macro_export]
macro_rules! unsafe_precondition_assert {
    ($condition:expr $(,)?) => {
        ::core::debug_assert!(
            $condition,
            "unsafe precondition violated: {}",
            ::core::stringify!($condition)
        )
    };
    ($condition:expr, $($message:tt)+) => {
        ::core::debug_assert!(
            $condition,
            "unsafe precondition violated: {}",
            ::core::format_args!($($message)+)
        )
    };
}
