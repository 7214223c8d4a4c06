// SPDX-License-Identifier: GPL-2.0

//! The kernel log.
//!
//! One macro for each level of [`printk`], formatted as by [`fmt!`]:
//!
//! | level | macro | at most once | C |
//! | --- | --- | --- | --- |
//! | 0 | [`pr_emerg!`] | [`pr_emerg_once!`] | `KERN_EMERG` |
//! | 1 | [`pr_alert!`] | [`pr_alert_once!`] | `KERN_ALERT` |
//! | 2 | [`pr_crit!`] | [`pr_crit_once!`] | `KERN_CRIT` |
//! | 3 | [`pr_err!`] | [`pr_err_once!`] | `KERN_ERR` |
//! | 4 | [`pr_warn!`] | [`pr_warn_once!`] | `KERN_WARNING` |
//! | 5 | [`pr_notice!`] | [`pr_notice_once!`] | `KERN_NOTICE` |
//! | 6 | [`pr_info!`] | [`pr_info_once!`] | `KERN_INFO` |
//! | 7 | [`pr_debug!`] | | `KERN_DEBUG`; only with debug assertions |
//! | | [`pr_cont!`] | | `KERN_CONT` |
//!
//! A line starts with the name of the module that prints it: its `__LOG_PREFIX`, which the
//! `module!` macro defines at the root of the crate. It ends with `\n`, which the caller writes;
//! without, the next `pr_cont!` goes on with the line.
//!
//! A driver that has a device prints with `dev_info!` and its like instead, so that the line names
//! the device.
//!
//! The text never passes through a buffer of ours: the format arguments travel by reference,
//! through C's variadic `_printk`, to the handler of the `%pA` specifier in [`lib/vsprintf.c`], and
//! that calls `rust_fmt_argument` below, which writes into the log's own buffer.
//!
//! [`printk`]: srctree/include/linux/printk.h
//! [`lib/vsprintf.c`]: srctree/lib/vsprintf.c
//! [`fmt!`]: macro@crate::prelude::fmt
//! [`pr_emerg!`]: crate::pr_emerg
//! [`pr_emerg_once!`]: crate::pr_emerg_once
//! [`pr_alert!`]: crate::pr_alert
//! [`pr_alert_once!`]: crate::pr_alert_once
//! [`pr_crit!`]: crate::pr_crit
//! [`pr_crit_once!`]: crate::pr_crit_once
//! [`pr_err!`]: crate::pr_err
//! [`pr_err_once!`]: crate::pr_err_once
//! [`pr_warn!`]: crate::pr_warn
//! [`pr_warn_once!`]: crate::pr_warn_once
//! [`pr_notice!`]: crate::pr_notice
//! [`pr_notice_once!`]: crate::pr_notice_once
//! [`pr_info!`]: crate::pr_info
//! [`pr_info_once!`]: crate::pr_info_once
//! [`pr_debug!`]: crate::pr_debug
//! [`pr_cont!`]: crate::pr_cont

use crate::{
    ffi::{c_char, c_void},
    fmt::{self, Write},
    prelude::*,
    str::RawFormatter,
};
use core::sync::atomic::{AtomicU32, Ordering};

/// Formats what a `%pA` stands for: `lib/vsprintf.c` calls this with the buffer from `buf` to `end`
/// that the text is to go to, and expects back where the text ends, or would end had there been
/// room.
///
/// Not API: only the C side calls it.
///
/// # Safety
///
/// * If `end` is above `buf`, the memory between them is valid for writes.
/// * `ptr` points to a [`fmt::Arguments`] that is borrowed for the length of the call.
#[export]
#[doc(hidden)]
pub unsafe extern "C" fn rust_fmt_argument(
    buf: *mut c_char,
    end: *mut c_char,
    ptr: *const c_void,
) -> *mut c_char {
    // SAFETY: The first clause is what this asks for, and `f` does not outlive the call.
    let mut f = unsafe { RawFormatter::from_ptrs(buf, end) };
    // SAFETY: The second clause.
    let args = unsafe { *ptr.cast::<fmt::Arguments<'_>>() };
    // Only an argument's own implementation can fail, and what it wrote so far is worth having.
    let _ = f.write_fmt(args);
    f.end()
}

/// The levels of the log.
///
/// Not API: public for the expansion of the `pr_` macros, which offer the levels.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Level {
    Emerg,
    Alert,
    Crit,
    Err,
    Warning,
    Notice,
    Info,
    Debug,
}

impl Level {
    /// Returns the format string for a line: the level's header, the prefix, the text.
    #[cfg_attr(not(CONFIG_PRINTK), allow(dead_code, reason = "only tests look at it"))]
    const fn format(self) -> &'static CStr {
        match self {
            Level::Emerg => c"\x010%s: %pA",
            Level::Alert => c"\x011%s: %pA",
            Level::Crit => c"\x012%s: %pA",
            Level::Err => c"\x013%s: %pA",
            Level::Warning => c"\x014%s: %pA",
            Level::Notice => c"\x015%s: %pA",
            Level::Info => c"\x016%s: %pA",
            Level::Debug => c"\x017%s: %pA",
        }
    }
}

/// Prints a line, or the beginning of one.
///
/// Not API: public for the expansion of the `pr_` macros.
#[doc(hidden)]
#[cfg_attr(not(CONFIG_PRINTK), allow(unused_variables))]
pub fn call_printk(level: Level, prefix: &CStr, args: fmt::Arguments<'_>) {
    #[cfg(CONFIG_PRINTK)]
    // SAFETY: The format string asks for a terminated string and for a pointer to format arguments,
    // and gets them; both are borrowed until `_printk` returns, which keeps neither.
    unsafe {
        crate::bindings::_printk(
            level.format().as_char_ptr(),
            prefix.as_char_ptr(),
            core::ptr::from_ref(&args).cast::<c_void>(),
        );
    }
}

/// Prints what continues a line.
///
/// Not API: public for the expansion of [`pr_cont!`](crate::pr_cont).
#[doc(hidden)]
#[cfg_attr(not(CONFIG_PRINTK), allow(unused_variables))]
pub fn call_printk_cont(args: fmt::Arguments<'_>) {
    #[cfg(CONFIG_PRINTK)]
    // SAFETY: The format string asks for a pointer to format arguments, and gets it; they are
    // borrowed until `_printk` returns, which does not keep them.
    unsafe {
        crate::bindings::_printk(
            c"\x01c%pA".as_char_ptr(),
            core::ptr::from_ref(&args).cast::<c_void>(),
        );
    }
}

/// What all `pr_` macros but [`pr_cont!`](crate::pr_cont) expand to. Not API.
///
/// The prefix is that of the crate that prints, hence `crate` and not `$crate`.
#[doc(hidden)]
#[macro_export]
#[expect(clippy::crate_in_macro_def, reason = "the caller's prefix is meant")]
macro_rules! print_macro {
    ($level:ident, $($arg:tt)+) => {
        $crate::print::call_printk(
            $crate::print::Level::$level,
            // A constant with a name is checked even if this code is never reached.
            {
                const PREFIX: &$crate::str::CStr =
                    match $crate::str::CStr::from_bytes_with_nul(crate::__LOG_PREFIX) {
                        ::core::result::Result::Ok(prefix) => prefix,
                        ::core::result::Result::Err(_) => {
                            ::core::panic!("`__LOG_PREFIX` has one NUL, at its end")
                        }
                    };
                PREFIX
            },
            $crate::prelude::fmt!($($arg)+),
        )
    };
}

/// Prints at level 0: the system is unusable. C's [`pr_emerg`].
///
/// # Examples
///
/// ```
/// let sensor = 4;
/// pr_emerg!("sensor {sensor} is on fire (not really: this is an example)\n");
/// ```
///
/// [`pr_emerg`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_emerg
#[macro_export]
macro_rules! pr_emerg {
    ($($arg:tt)*) => { $crate::print_macro!(Emerg, $($arg)*) };
}

/// Prints at level 1: somebody must act at once. C's [`pr_alert`].
///
/// # Examples
///
/// ```
/// let volts = 11;
/// pr_alert!("supply is down to {} V (an example)\n", volts);
/// ```
///
/// [`pr_alert`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_alert
#[macro_export]
macro_rules! pr_alert {
    ($($arg:tt)*) => { $crate::print_macro!(Alert, $($arg)*) };
}

/// Prints at level 2: hardware or software failed badly. C's [`pr_crit`].
///
/// # Examples
///
/// ```
/// pr_crit!("{0} of {0} fans stopped (an example)\n", 2);
/// ```
///
/// [`pr_crit`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_crit
#[macro_export]
macro_rules! pr_crit {
    ($($arg:tt)*) => { $crate::print_macro!(Crit, $($arg)*) };
}

/// Prints at level 3: an operation failed. C's [`pr_err`].
///
/// # Examples
///
/// ```
/// let error = EIO;
/// pr_err!("transfer failed: {:?} (an example)\n", error);
/// ```
///
/// [`pr_err`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_err
#[macro_export]
macro_rules! pr_err {
    ($($arg:tt)*) => { $crate::print_macro!(Err, $($arg)*) };
}

/// Prints at level 4: something is wrong, and work goes on. C's [`pr_warn`].
///
/// # Examples
///
/// ```
/// pr_warn!("firmware {} is old (an example)\n", c"1.0");
/// ```
///
/// [`pr_warn`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_warn
#[macro_export]
macro_rules! pr_warn {
    ($($arg:tt)*) => { $crate::print_macro!(Warning, $($arg)*) };
}

/// Prints at level 5: all is well, but worth a look. C's [`pr_notice`].
///
/// # Examples
///
/// ```
/// pr_notice!("{name} taken by another driver\n", name = "port 2");
/// ```
///
/// [`pr_notice`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_notice
#[macro_export]
macro_rules! pr_notice {
    ($($arg:tt)*) => { $crate::print_macro!(Notice, $($arg)*) };
}

/// Prints at level 6: information. C's [`pr_info`].
///
/// # Examples
///
/// ```
/// pr_info!("version {:#x}\n", 0x702);
/// ```
///
/// [`pr_info`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_info
#[macro_export]
macro_rules! pr_info {
    ($($arg:tt)*) => { $crate::print_macro!(Info, $($arg)*) };
}

/// Prints at level 7, for developers: only in a kernel with Rust's debug assertions
/// (`CONFIG_RUST_DEBUG_ASSERTIONS`). C's [`pr_debug`].
///
/// The arguments are type-checked always, but evaluated only when printed.
///
/// # Examples
///
/// ```
/// let mut evaluated = false;
/// pr_debug!("register {:#x}\n", {
///     evaluated = true;
///     0x10
/// });
/// assert_eq!(evaluated, cfg!(debug_assertions));
/// ```
///
/// [`pr_debug`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_debug
#[macro_export]
macro_rules! pr_debug {
    ($($arg:tt)*) => {
        if ::core::cfg!(debug_assertions) {
            $crate::print_macro!(Debug, $($arg)*)
        }
    };
}

/// Continues a line that an earlier macro began without ending it in `\n`. C's [`pr_cont`].
///
/// Another CPU may print in between: prefer whole lines.
///
/// # Examples
///
/// ```
/// use kernel::pr_cont;
///
/// pr_info!("channels:");
/// for channel in 0..4 {
///     pr_cont!(" {channel}");
/// }
/// pr_cont!("\n");
/// ```
///
/// [`pr_cont`]: https://docs.kernel.org/core-api/printk-basics.html#c.pr_cont
#[macro_export]
macro_rules! pr_cont {
    ($($arg:tt)*) => { $crate::print::call_printk_cont($crate::prelude::fmt!($($arg)*)) };
}

/// Lets something happen at most once: the state behind [`do_once_lite!`](crate::do_once_lite).
///
/// "Lite", as C's [`DO_ONCE_LITE`], since that is all: nobody waits for the call to end, and there
/// is nothing to learn about what it did. Where that matters use `SetOnce`.
///
/// # Examples
///
/// ```
/// use kernel::print::OnceLite;
///
/// static SETUP: OnceLite = OnceLite::new();
///
/// let mut calls = 0;
/// assert!(SETUP.call_once(|| calls += 1));
/// assert!(!SETUP.call_once(|| calls += 1));
/// assert_eq!(calls, 1);
/// ```
///
/// [`DO_ONCE_LITE`]: srctree/include/linux/once_lite.h
// Zero is the state of a new one, as the section `.data..once` demands: writing to
// `clear_warn_once` in debugfs zeroes all that is in there.
//
// Core's atomics and not the kernel's, which live in a crate above this one. The flag orders
// nothing: to one variable, accessed relaxed, both memory models say the same.
pub struct OnceLite(AtomicU32);

impl OnceLite {
    /// Makes one whose call has yet to come.
    pub const fn new() -> Self {
        OnceLite(AtomicU32::new(0))
    }

    /// Calls `f`, unless an earlier `call_once` of this value did or is about to; tells whether it
    /// did.
    ///
    /// Returns without waiting if the other call is still running.
    pub fn call_once<F>(&self, f: F) -> bool
    where
        F: FnOnce(),
    {
        // Look first: this keeps the cache line shared once the call was made.
        let first = self.0.load(Ordering::Relaxed) == 0 && self.0.swap(1, Ordering::Relaxed) == 0;
        if first {
            f();
        }
        first
    }
}

impl Default for OnceLite {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs its body at most once, whoever comes there how often; tells whether it did this time.
///
/// C's [`DO_ONCE_LITE`]. An administrator may make it run again: see `clear_warn_once` in the
/// documentation of the kernel's debugfs.
///
/// # Examples
///
/// ```
/// use kernel::do_once_lite;
///
/// let mut runs = 0;
/// for turn in 0..3 {
///     let now = do_once_lite! {
///         runs += 1;
///     };
///     assert_eq!(now, turn == 0);
/// }
/// assert_eq!(runs, 1);
/// ```
///
/// [`DO_ONCE_LITE`]: srctree/include/linux/once_lite.h
#[macro_export]
macro_rules! do_once_lite {
    ($($body:tt)*) => {{
        #[link_section = ".data..once"]
        static ONCE: $crate::print::OnceLite = $crate::print::OnceLite::new();

        ONCE.call_once(|| { $($body)* })
    }};
}

/// Prints as [`pr_emerg!`](crate::pr_emerg), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_emerg_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_emerg_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_emerg!($($arg)*) } };
}

/// Prints as [`pr_alert!`](crate::pr_alert), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_alert_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_alert_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_alert!($($arg)*) } };
}

/// Prints as [`pr_crit!`](crate::pr_crit), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_crit_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_crit_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_crit!($($arg)*) } };
}

/// Prints as [`pr_err!`](crate::pr_err), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_err_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_err_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_err!($($arg)*) } };
}

/// Prints as [`pr_warn!`](crate::pr_warn), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_warn_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_warn_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_warn!($($arg)*) } };
}

/// Prints as [`pr_notice!`](crate::pr_notice), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_notice_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_notice_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_notice!($($arg)*) } };
}

/// Prints as [`pr_info!`](crate::pr_info), the first time only.
///
/// # Examples
///
/// ```
/// let printed = [(); 2].map(|()| kernel::pr_info_once!("an example\n"));
/// assert_eq!(printed, [true, false]);
/// ```
#[macro_export]
macro_rules! pr_info_once {
    ($($arg:tt)*) => { $crate::do_once_lite! { $crate::pr_info!($($arg)*) } };
}

#[kunit_tests(rust_print)]
mod tests {
    use super::*;
    use crate::bindings;

    #[test]
    fn headers_are_those_of_c() {
        for (level, header) in [
            (Level::Emerg, bindings::KERN_EMERG),
            (Level::Alert, bindings::KERN_ALERT),
            (Level::Crit, bindings::KERN_CRIT),
            (Level::Err, bindings::KERN_ERR),
            (Level::Warning, bindings::KERN_WARNING),
            (Level::Notice, bindings::KERN_NOTICE),
            (Level::Info, bindings::KERN_INFO),
            (Level::Debug, bindings::KERN_DEBUG),
        ] {
            assert_eq!(&level.format().to_bytes()[..2], &header[..2]);
        }
        assert_eq!(c"\x01c".to_bytes_with_nul(), bindings::KERN_CONT);
    }

    /// Has C format `args` into `size` bytes, as `printk` would; returns what `snprintf` does.
    fn through_c(buffer: &mut [u8], args: fmt::Arguments<'_>) -> usize {
        // SAFETY: The buffer is writable for its length, and the format string asks for a pointer
        // to format arguments, which is what follows.
        let len = unsafe {
            bindings::snprintf(
                buffer.as_mut_ptr(),
                buffer.len(),
                c"<%pA>".as_char_ptr(),
                core::ptr::from_ref(&args).cast::<c_void>(),
            )
        };
        len as usize
    }

    #[test]
    fn arguments_pass_through_vsprintf() {
        const TEXT: &[u8] = b"<one 2 0x3>";

        for size in 0..TEXT.len() + 3 {
            let mut buffer = [b'#'; TEXT.len() + 3];
            let len = through_c(&mut buffer[..size], fmt!("{} {} {:#x}", "one", 2, 3));
            assert_eq!(len, TEXT.len());

            let kept = size.saturating_sub(1).min(TEXT.len());
            assert_eq!(&buffer[..kept], &TEXT[..kept]);
            if size > 0 {
                assert_eq!(buffer[kept], 0);
            }
            assert!(buffer[size..].iter().all(|&byte| byte == b'#'));
        }
    }

    #[test]
    fn a_failing_argument_ends_the_text() {
        struct Failing;

        impl fmt::Display for Failing {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half")?;
                Err(fmt::Error)
            }
        }

        let mut buffer = [b'#'; 16];
        let len = through_c(&mut buffer, fmt!("{}{}", Failing, "lost"));
        assert_eq!(&buffer[..=len], b"<half>\0");
    }

    #[test]
    fn once_is_once_for_each_value() {
        let [first, second] = [OnceLite::new(), OnceLite::default()];
        let mut calls = 0;
        for turn in 0..4 {
            assert_eq!(first.call_once(|| calls += 1), turn == 0);
        }
        // A call from within the call does not run either, and does not wait.
        assert!(second.call_once(|| {
            calls += 1;
            assert!(!second.call_once(|| calls += 100));
        }));
        assert_eq!(calls, 2);
    }
}
