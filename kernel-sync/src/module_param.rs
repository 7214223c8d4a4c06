// SPDX-License-Identifier: GPL-2.0

//! Parameters of modules.
//!
//! A parameter is declared in [`module!`](crate::macros::module), with its type, a default and a
//! description. The user may set it once: on the command line of `insmod`, in the configuration of
//! `modprobe`, or, for a module that is built in, on the command line of the kernel as
//! `module.parameter=value`. All of that happens before the module starts, so that a module sees one
//! value only: it reads it with [`ModuleParamAccess::value`].
//!
//! The types are those with [`ModuleParam`]: the integers of up to 64 bits. In contrast to C's
//! [`module_param()`] a parameter has no file in sysfs, and setting it a second time is an error.
//!
//! # Examples
//!
//! The kernel that runs this example has the module built in, and has started it before. Nobody wrote
//! `rust_doc_blink.times=…` on its command line.
//!
//! ```
//! # mod blink {
//! use kernel::prelude::*;
//!
//! module! {
//!     type: Blink,
//!     name: "rust_doc_blink",
//!     authors: ["A. Author"],
//!     description: "Blinks when it is loaded",
//!     license: "GPL",
//!     params: {
//!         times: u8 {
//!             default: 3,
//!             description: "How often to blink",
//!         },
//!         pause: i64 {
//!             default: -1,
//!             description: "The pause in milliseconds, or -1 for none",
//!         },
//!     },
//! }
//! # use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
//! # pub(super) static BLINKED: AtomicU8 = AtomicU8::new(0);
//!
//! struct Blink;
//!
//! impl kernel::Module for Blink {
//!     fn init(_module: &'static ThisModule) -> Result<Self> {
//!         for _ in 0..*module_parameters::times.value() {
//!             // … and pause, if `*module_parameters::pause.value() >= 0`.
//! #           BLINKED.fetch_add(1, Relaxed);
//!         }
//!         Ok(Blink)
//!     }
//! }
//! # pub(super) fn module() -> &'static ThisModule { &THIS_MODULE }
//! # pub(super) fn name() -> &'static CStr { <LocalModule as kernel::ModuleMetadata>::NAME }
//! # pub(super) fn prefix() -> &'static [u8] { __LOG_PREFIX }
//! # pub(super) fn pause() -> i64 { *module_parameters::pause.value() }
//! # }
//! # assert!(blink::module().as_ptr().is_null());
//! # assert_eq!(blink::name(), c"rust_doc_blink");
//! # assert_eq!(blink::prefix(), b"rust_doc_blink\0");
//! # assert_eq!(blink::pause(), -1);
//! # assert_eq!(blink::BLINKED.load(core::sync::atomic::Ordering::Relaxed), 3);
//! ```
//!
//! The C side is in [`linux/moduleparam.h`] and `kernel/params.c`.
//!
//! [`linux/moduleparam.h`]: srctree/include/linux/moduleparam.h
//! [`module_param()`]: srctree/include/linux/moduleparam.h

use crate::{
    bindings,
    error::{
        code::{EEXIST, EINVAL, ERANGE},
        from_result, Result,
    },
    ffi::{c_char, c_int, c_void},
    str::{parse_int::ParseInt, BStr, CStr, CStrExt},
    sync::SetOnce,
    ThisModule,
};
use core::marker::PhantomData;

/// A type that a module's parameter can have.
///
/// It is `Copy`, so that there is nothing to release when the module goes.
///
/// # Examples
///
/// A driver may have parameter types of its own:
///
/// ```
/// use kernel::{b_str, module_param::ModuleParam, str::BStr};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Parity {
///     Even,
///     Odd,
/// }
///
/// impl ModuleParam for Parity {
///     fn try_from_param_arg(arg: &BStr) -> Result<Self> {
///         match &**arg {
///             b"even" => Ok(Parity::Even),
///             b"odd" => Ok(Parity::Odd),
///             _ => Err(EINVAL),
///         }
///     }
/// }
///
/// assert_eq!(Parity::try_from_param_arg(b_str!("odd")), Ok(Parity::Odd));
/// assert_eq!(i16::try_from_param_arg(b_str!("-0x10")), Ok(-16));
/// assert_eq!(i16::try_from_param_arg(b_str!("40000")), Err(ERANGE));
/// ```
#[diagnostic::on_unimplemented(
    message = "a parameter of a module cannot be a `{Self}`",
    label = "the types of parameters are the integers of up to 64 bits, and those with `ModuleParam`"
)]
pub trait ModuleParam: Sized + Copy {
    /// Reads a value out of what the user wrote behind the `=`.
    ///
    /// This can run early in boot, when memory cannot be allocated yet.
    ///
    /// # Errors
    ///
    /// The module is not loaded; who loads it gets the error's number. Of a module that is built in
    /// the parameter keeps its default, and the log tells so. Integers are read as by C's
    /// [`kstrtoint()`] and its relatives, and may also begin with `0o` or `0b`, for the bases 8 and 2:
    ///
    /// - [`EINVAL`] if the text is not a number, or if it has a minus sign and the type has none;
    /// - [`ERANGE`] if the number does not fit the type.
    ///
    /// [`kstrtoint()`]: srctree/include/linux/kstrtox.h
    fn try_from_param_arg(arg: &BStr) -> Result<Self>;
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl ModuleParam for $integer {
            fn try_from_param_arg(arg: &BStr) -> Result<Self> {
                // C's functions put up with a newline at the end.
                let text = arg.strip_suffix(b"\n").unwrap_or(arg);
                // Not even `-0`, which `from_str` takes for zero.
                if <$integer>::MIN == 0 && text.starts_with(b"-") {
                    return Err(EINVAL);
                }
                <$integer>::from_str(BStr::from_bytes(text)).map_err(|error| {
                    match is_number(text) {
                        true => ERANGE,
                        false => error,
                    }
                })
            }
        }
    )*};
}

integers! { i8 u8 i16 u16 i32 u32 i64 u64 isize usize }

/// Returns whether the text has the form of a number, of any size.
fn is_number(text: &[u8]) -> bool {
    let unsigned = match text {
        [b'-' | b'+', rest @ ..] => rest,
        rest => rest,
    };
    let (radix, digits) = match unsigned {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        [b'0', ..] => (8, unsigned),
        _ => (10, unsigned),
    };
    let is_digit = |&byte: &u8| char::from(byte).is_digit(radix);
    !digits.is_empty() && digits.iter().all(is_digit)
}

/// A parameter of a module: what the user set it to, or else its default.
///
/// [`module!`](crate::macros::module) makes a static of this type for each parameter.
///
/// # Examples
///
/// ```
/// use kernel::module_param::ModuleParamAccess;
///
/// static DEPTH: ModuleParamAccess<u32> = ModuleParamAccess::new(16);
///
/// fn queue_size() -> usize {
///     *DEPTH.value() as usize * 2
/// }
///
/// assert_eq!(queue_size(), 32);
/// ```
pub struct ModuleParamAccess<T> {
    set: SetOnce<T>,
    default: T,
}

// SAFETY: Through a shared reference several threads can look at the value, for which `T` is `Sync`.
// One of them can also have put it there. To a type that is `Copy`, and only of such types values are
// put there, that makes no difference: who can look at a value can as well have a copy.
unsafe impl<T: Sync> Sync for ModuleParamAccess<T> {}

impl<T> ModuleParamAccess<T> {
    /// Makes a parameter that nobody has set.
    ///
    /// Not API: public for the expansion of [`module!`](crate::macros::module).
    #[doc(hidden)]
    pub const fn new(default: T) -> Self {
        Self {
            set: SetOnce::new(),
            default,
        }
    }

    /// Returns the value.
    ///
    /// It is the same one throughout the life of the module.
    pub fn value(&self) -> &T {
        self.set.as_ref().unwrap_or(&self.default)
    }

    /// Returns a pointer for the `arg` of a [`struct kernel_param`].
    ///
    /// [`struct kernel_param`]: srctree/include/linux/moduleparam.h
    pub const fn as_void_ptr(&self) -> *mut c_void {
        core::ptr::from_ref(self).cast_mut().cast()
    }
}

/// An entry of the table in which the kernel looks parameters up.
///
/// Not API: public for the expansion of [`module!`](crate::macros::module), which puts it there.
///
/// C: [`struct kernel_param`](srctree/include/linux/moduleparam.h).
///
/// # Examples
///
/// The kernel finds the entry by its name, and calls its function, as it does for the command line:
///
/// ```
/// # mod sample {
/// use kernel::prelude::*;
///
/// module! {
///     type: Sample,
///     name: "rust-doc_sample",
///     license: "GPL",
///     params: {
///         small: i8 { default: -7, description: "A small number" },
///     },
/// }
///
/// struct Sample;
///
/// impl kernel::Module for Sample {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         Ok(Sample)
///     }
/// }
/// # pub(super) fn small() -> i8 { *module_parameters::small.value() }
/// # }
/// # use kernel::bindings;
///
/// fn find(name: &CStr) -> Option<&'static bindings::kernel_param> {
///     let mut entry = (&raw const bindings::__start___param).cast::<bindings::kernel_param>();
///     let end = (&raw const bindings::__stop___param).cast();
///     while entry < end {
///         // SAFETY: The linker script puts the two symbols around the table, which never changes.
///         let parameter = unsafe { &*entry };
///         // SAFETY: Each entry has a C string for a name, for ever.
///         if unsafe { CStr::from_char_ptr(parameter.name) } == name {
///             return Some(parameter);
///         }
///         entry = entry.wrapping_add(1);
///     }
///     None
/// }
///
/// fn set(parameter: &bindings::kernel_param, text: &CStr) -> Result {
///     // SAFETY: Each entry has a table of operations, for ever.
///     let set = unsafe { (*parameter.ops).set }.ok_or(EINVAL)?;
///     // SAFETY: It gets a C string, and the entry that it belongs to.
///     kernel::error::to_result(unsafe { set(text.as_char_ptr(), parameter) })
/// }
///
/// assert!(find(c"rust-doc_sample.large").is_none());
/// let parameter = find(c"rust-doc_sample.small").ok_or(ENOENT)?;
/// assert_eq!(set(parameter, c"-129"), Err(ERANGE));
/// assert_eq!(sample::small(), -7);
/// assert_eq!(set(parameter, c"100"), Ok(()));
/// assert_eq!(sample::small(), 100);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The `ops` are those of [`Ops<T>`], and `arg` points to a `ModuleParamAccess<T>` that lives for
/// ever, with the same `T`, which is [`Sync`].
#[doc(hidden)]
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: Rust code only makes it. C code reads it, and changes nothing but what `arg` points to, for
// which the invariant asks for `Sync`.
unsafe impl Sync for KernelParam {}

impl KernelParam {
    /// Describes a parameter.
    ///
    /// The name is what the user writes in front of the `=`.
    pub const fn new<T: ModuleParam + Sync>(
        name: &'static CStr,
        module: &ThisModule,
        access: &'static ModuleParamAccess<T>,
    ) -> Self {
        // INVARIANT: The pointer comes from a reference for ever, and both have this `T`.
        KernelParam(bindings::kernel_param {
            name: crate::str::as_char_ptr_in_const_context(name),
            mod_: module.as_ptr(),
            ops: Ops::<T>::TABLE,
            // Not in sysfs.
            perm: 0,
            // Set with the rest of the parameters, not at a particular stage of booting.
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: access.as_void_ptr(),
            },
        })
    }
}

/// The functions for parameters of a type.
///
/// There is none to read the value, which only sysfs would call, and none to release it, since the
/// type is [`Copy`].
struct Ops<T>(PhantomData<T>);

impl<T: ModuleParam> Ops<T> {
    const TABLE: &'static bindings::kernel_param_ops = &bindings::kernel_param_ops {
        flags: 0,
        set: Some(Self::set),
        get: None,
        free: None,
    };

    /// Sets the parameter to what the user wrote. Returns zero, or the negative number of an error.
    ///
    /// # Safety
    ///
    /// - `text` is null, or a C string.
    /// - `parameter` is valid for reads, and its `arg` points to a `ModuleParamAccess<T>`.
    unsafe extern "C" fn set(
        text: *const c_char,
        parameter: *const bindings::kernel_param,
    ) -> c_int {
        // The name without a `=` behind it. The kernel takes that only of parameters that say so.
        if text.is_null() {
            return EINVAL.to_errno();
        }
        // SAFETY: The caller promises that it is a C string, and nobody changes it meanwhile.
        let text = unsafe { CStr::from_char_ptr(text) };
        // SAFETY: The caller promises that it can be read.
        let arguments = unsafe { (*parameter).__bindgen_anon_1 };
        // SAFETY: Every field of the union is a pointer, and this one is what was written.
        let access = unsafe { arguments.arg }.cast::<ModuleParamAccess<T>>();
        // SAFETY: The caller promises that it points to one, which is only ever shared.
        let access = unsafe { &*access };
        from_result(|| {
            let value = T::try_from_param_arg(BStr::from_bytes(text.to_bytes()))?;
            match access.set.populate(value) {
                true => Ok(0),
                false => Err(EEXIST),
            }
        })
    }
}

#[crate::macros::kunit_tests(rust_module_param)]
mod tests {
    use super::*;
    use crate::{b_str, prelude::*};
    use core::fmt::Debug;

    /// What C does with a parameter. The number is that of an error, or zero.
    fn set(KernelParam(parameter): &KernelParam, text: Option<&CStr>) -> i32 {
        // SAFETY: The operations are a static table: invariant of the type.
        let set = unsafe { (*parameter.ops).set };
        let Some(set) = set else {
            return ENOENT.to_errno();
        };
        let text = text.map_or(core::ptr::null(), CStr::as_char_ptr);
        // SAFETY: The text is null or a C string. That `arg` fits the function is an invariant of
        // the type.
        unsafe { set(text, parameter) }
    }

    /// What becomes of a fresh parameter that is set to a text.
    macro_rules! after_setting {
        ($type:ty = $default:literal, $text:expr) => {{
            static ACCESS: ModuleParamAccess<$type> = ModuleParamAccess::new($default);
            static PARAMETER: KernelParam = KernelParam::new(c"test", &BUILT_IN, &ACCESS);
            (set(&PARAMETER, $text), *ACCESS.value())
        }};
    }

    // SAFETY: The pointer is null.
    static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

    #[test]
    fn integers_are_set() {
        assert_eq!(after_setting!(u8 = 1, Some(c"255")), (0, 255));
        assert_eq!(after_setting!(i8 = 1, Some(c"-128")), (0, -128));
        assert_eq!(after_setting!(u16 = 1, Some(c"0xfFfF")), (0, 0xffff));
        assert_eq!(after_setting!(i16 = 1, Some(c"-0x8000")), (0, i16::MIN));
        assert_eq!(after_setting!(u32 = 1, Some(c"010")), (0, 8));
        assert_eq!(after_setting!(i32 = 1, Some(c"+10")), (0, 10));
        assert_eq!(
            after_setting!(u64 = 1, Some(c"18446744073709551615")),
            (0, u64::MAX)
        );
        assert_eq!(
            after_setting!(i64 = 1, Some(c"-9223372036854775808")),
            (0, i64::MIN)
        );
        assert_eq!(after_setting!(usize = 1, Some(c"0")), (0, 0));
        assert_eq!(after_setting!(isize = 1, Some(c"-1\n")), (0, -1));
        assert_eq!(after_setting!(i8 = 1, Some(c"-0")), (0, 0));
    }

    #[test]
    fn what_does_not_fit_is_out_of_range() {
        let erange = ERANGE.to_errno();
        assert_eq!(after_setting!(u8 = 1, Some(c"256")), (erange, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"128")), (erange, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"-129")), (erange, 1));
        assert_eq!(after_setting!(u16 = 1, Some(c"0x10000")), (erange, 1));
        assert_eq!(
            after_setting!(u64 = 1, Some(c"18446744073709551616")),
            (erange, 1)
        );
        assert_eq!(
            after_setting!(i64 = 1, Some(c"-9223372036854775809")),
            (erange, 1)
        );
        assert_eq!(
            after_setting!(u32 = 1, Some(c"99999999999999999999999999")),
            (erange, 1)
        );
    }

    #[test]
    fn what_is_no_number_is_invalid() {
        let einval = EINVAL.to_errno();
        assert_eq!(after_setting!(u8 = 1, Some(c"")), (einval, 1));
        assert_eq!(after_setting!(u8 = 1, Some(c"-")), (einval, 1));
        assert_eq!(after_setting!(u8 = 1, Some(c"0x")), (einval, 1));
        assert_eq!(after_setting!(u8 = 1, Some(c"-1")), (einval, 1));
        assert_eq!(after_setting!(u8 = 1, Some(c"-0")), (einval, 1));
        assert_eq!(after_setting!(u8 = 1, Some(c"-256")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"--1")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"09")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"1 ")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"1\n\n")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"on")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"1_000")), (einval, 1));
        assert_eq!(after_setting!(i8 = 1, Some(c"\xff")), (einval, 1));
    }

    #[test]
    fn nothing_is_invalid() {
        assert_eq!(after_setting!(u8 = 1, None), (EINVAL.to_errno(), 1));
    }

    #[test]
    fn only_the_first_value_counts() {
        static ACCESS: ModuleParamAccess<u8> = ModuleParamAccess::new(1);
        static PARAMETER: KernelParam = KernelParam::new(c"test", &BUILT_IN, &ACCESS);
        // A failure leaves it as it was.
        assert_eq!(set(&PARAMETER, Some(c"x")), EINVAL.to_errno());
        assert_eq!(set(&PARAMETER, Some(c"2")), 0);
        assert_eq!(set(&PARAMETER, Some(c"3")), EEXIST.to_errno());
        assert_eq!(*ACCESS.value(), 2);
    }

    #[test]
    fn every_integer_finds_its_limits() -> Result {
        fn check<T>([minimum, maximum]: [T; 2]) -> Result
        where
            T: ModuleParam + PartialEq + Debug + TryInto<i128>,
        {
            let parse = |number: i128| {
                let text = crate::str::CString::try_from_fmt(fmt!("{number}"))?;
                T::try_from_param_arg(BStr::from_bytes(text.to_bytes()))
            };
            let wide = |number: T| number.try_into().map_err(|_| EOVERFLOW);

            assert_eq!(parse(wide(maximum)?), Ok(maximum));
            assert_eq!(parse(wide(maximum)? + 1), Err(ERANGE));
            assert_eq!(parse(wide(minimum)?), Ok(minimum));
            let below = if wide(minimum)? == 0 { EINVAL } else { ERANGE };
            assert_eq!(parse(wide(minimum)? - 1), Err(below));
            Ok(())
        }

        macro_rules! check_all {
            ($($type:ty)*) => {$(
                check([<$type>::MIN, <$type>::MAX])?;
            )*};
        }

        check_all! { i8 u8 i16 u16 i32 u32 i64 u64 isize usize }
        Ok(())
    }

    #[test]
    fn a_module_can_bring_a_type() {
        #[derive(Clone, Copy)]
        struct Level(u8);

        impl ModuleParam for Level {
            fn try_from_param_arg(arg: &BStr) -> Result<Self> {
                match **arg {
                    [letter @ b'a'..=b'z'] => Ok(Level(letter - b'a')),
                    _ => Err(EDOM),
                }
            }
        }

        static ACCESS: ModuleParamAccess<Level> = ModuleParamAccess::new(Level(9));
        static PARAMETER: KernelParam = KernelParam::new(c"test", &BUILT_IN, &ACCESS);
        assert_eq!(set(&PARAMETER, Some(c"A")), EDOM.to_errno());
        assert_eq!(ACCESS.value().0, 9);
        assert_eq!(set(&PARAMETER, Some(c"c")), 0);
        assert_eq!(ACCESS.value().0, 2);
    }

    #[test]
    fn newlines_are_stripped_once() {
        assert_eq!(u8::try_from_param_arg(b_str!("5\n")), Ok(5));
        assert_eq!(u8::try_from_param_arg(b_str!("\n")), Err(EINVAL));
    }
}
