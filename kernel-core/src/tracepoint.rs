// SPDX-License-Identifier: GPL-2.0

//! Tracepoints: places that tracing tools hook into.
//!
//! A tracepoint is defined in C, with a header below `include/trace/events/` and one C file that
//! sets `CREATE_TRACE_POINTS` and `CREATE_RUST_TRACE_POINTS` before it includes the header.
//! [`declare_trace!`] then makes a Rust function of it. While nobody traces, a call is a branch
//! that is not taken.
//!
//! C header: [`include/linux/tracepoint.h`].
//!
//! [`declare_trace!`]: crate::declare_trace
//! [`include/linux/tracepoint.h`]: srctree/include/linux/tracepoint.h

#[doc(inline)]
pub use crate::declare_trace;

/// Declares functions that trigger tracepoints.
///
/// Takes the functions' heads, each with the tracepoint's name and the types of its `TP_PROTO`, and
/// optionally attributes, documentation and a visibility.
///
/// # Safety
///
/// The functions are unsafe: calling one hands its arguments to C, for the tracepoint, and for
/// programs that are attached to it, to look at. Whether there is anything to keep in mind depends
/// on them: numbers are always fine, pointers are to be valid.
///
/// # Examples
///
/// ```
/// mod trace {
///     use kernel::prelude::*;
///
///     kernel::declare_trace! {
///         /// # Safety
///         ///
///         /// None needed: the argument is a number.
///         unsafe fn rust_sample_loaded(magic: c_int);
///     }
///
///     pub(super) fn loaded(magic: i32) {
///         // SAFETY: There is nothing to keep in mind.
///         unsafe { rust_sample_loaded(magic) }
///     }
/// }
/// ```
#[macro_export]
macro_rules! declare_trace {
    ($(
        $(#[$attr:meta])*
        $vis:vis unsafe fn $name:ident($($arg:ident: $type:ty),* $(,)?);
    )*) => {$(
        $(#[$attr])*
        #[inline(always)]
        $vis unsafe fn $name($($arg: $type),*) {
            $crate::__trace!($name($($arg),*))
        }
    )*};
}

/// Triggers a tracepoint if somebody traces it. Not API: a part of
/// [`declare_trace!`](crate::declare_trace).
#[doc(hidden)]
#[macro_export]
#[cfg(CONFIG_TRACEPOINTS)]
macro_rules! __trace {
    ($name:ident($($arg:ident),*)) => {
        $crate::macros::paste! {{
            // SAFETY: What C calls `__tracepoint_` and a name is a `struct tracepoint`, whose `key`
            // is a key that is off by default.
            let traced = unsafe {
                $crate::static_branch_unlikely!(
                    $crate::bindings::[<__tracepoint_ $name>],
                    $crate::bindings::tracepoint,
                    key
                )
            };
            if traced {
                // SAFETY: The caller of this function made sure that the tracepoint may have these
                // arguments.
                unsafe { $crate::bindings::[<rust_do_trace_ $name>]($($arg),*) };
            }
        }}
    };
}

/// Drops the arguments. Not API: a part of [`declare_trace!`](crate::declare_trace).
#[doc(hidden)]
#[macro_export]
#[cfg(not(CONFIG_TRACEPOINTS))]
macro_rules! __trace {
    ($name:ident($($arg:ident),*)) => {{
        $(let _ = $arg;)*
    }};
}
