// SPDX-License-Identifier: GPL-2.0

//! Debugging aid that std has, for the kernel.

/// Prints what an expression comes to, with its text and its place, and hands its value on.
///
/// For the moment of debugging: wrap an expression where it stands, look at the log, and unwrap it
/// again. What is committed uses the `pr_` macros, which have a level and a message.
///
/// | call | prints | comes to |
/// | --- | --- | --- |
/// | `dbg!()` | the place | `()` |
/// | `dbg!(a)` | place, text and value (`{:#?}`) | `a`, moved |
/// | `dbg!(a, b)` | a line for each | the tuple `(a, b)` |
///
/// Lines are printed at level [`pr_info!`]. As [std's macro], it evaluates each expression once.
///
/// # Examples
///
/// ```
/// # #![expect(clippy::disallowed_macros)]
/// let rate = dbg!(3 * 100) + 1;
/// assert_eq!(rate, 301);
///
/// let (low, high) = dbg!(rate % 256, rate / 256);
/// assert_eq!((low, high), (45, 1));
///
/// // A reference in, a reference out: nothing is moved.
/// let name = c"fan0";
/// assert_eq!(dbg!(&name).count_bytes(), 4);
/// dbg!();
/// ```
///
/// [`pr_info!`]: crate::pr_info
/// [std's macro]: https://doc.rust-lang.org/std/macro.dbg.html
#[macro_export]
macro_rules! dbg {
    () => {
        $crate::pr_info!("[{}:{}:{}]\n", ::core::file!(), ::core::line!(), ::core::column!())
    };
    ($value:expr $(,)?) => {
        // Temporaries of the expression live as long as they would without the macro.
        match $value {
            value => {
                $crate::pr_info!(
                    "[{}:{}:{}] {} = {:#?}\n",
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::stringify!($value),
                    &value
                );
                value
            }
        }
    };
    ($($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
}
