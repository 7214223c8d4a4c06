// SPDX-License-Identifier: GPL-2.0

//! Static keys: branches that are patched into the code.
//!
//! A static key is a condition that hardly ever changes. The code tests it without loading it: the
//! branch is a no-operation, or a jump, and switching the key rewrites the instruction wherever the
//! key is tested. Tracepoints are the best-known user.
//!
//! Where the architecture can't do that, or `CONFIG_JUMP_LABEL` is off, the key is loaded and
//! tested.
//!
//! C header: [`include/linux/jump_label.h`]; see also [`Documentation/staging/static-keys.rst`].
//!
//! [`include/linux/jump_label.h`]: srctree/include/linux/jump_label.h
//! [`Documentation/staging/static-keys.rst`]: srctree/Documentation/staging/static-keys.rst

#[doc(inline)]
pub use crate::static_branch_unlikely;

/// Tests a static key that is off most of the time; the branch of `true` is laid out of line.
///
/// `static_branch_unlikely!(KEY, Type, field)`: `KEY` is the path of a static of type `Type`,
/// usually one that C defines, and `Type` keeps the key, a `struct static_key_false`, in `field`.
///
/// # Safety
///
/// The expansion is an unsafe operation, so it stands in an `unsafe` block. `KEY` really is of type
/// `Type`, and its `field` really is a `struct static_key_false`.
///
/// # Examples
///
/// Keys are defined, and switched, by C. A function of a driver that has one:
///
/// ```
/// use kernel::{bindings, jump_label::static_branch_unlikely};
///
/// #[repr(C)]
/// struct Options {
///     level: u32,
///     verbose: bindings::static_key_false,
/// }
///
/// struct Shared(core::cell::UnsafeCell<Options>);
/// // SAFETY: Only the C side of static keys writes to it, and that takes care of races.
/// unsafe impl Sync for Shared {}
///
/// // In a driver this is defined in C: `DEFINE_STATIC_KEY_FALSE`.
/// static OPTIONS: Shared = Shared(
///     // SAFETY: A static key that is off is all zeroes, and so may be the level.
///     unsafe { core::mem::zeroed() },
/// );
///
/// fn is_verbose() -> bool {
///     // SAFETY: `Shared` consists of one `Options` at offset zero, whose `verbose` is a key.
///     unsafe { static_branch_unlikely!(OPTIONS, Options, verbose) }
/// }
///
/// assert!(!is_verbose());
/// ```
#[macro_export]
macro_rules! static_branch_unlikely {
    ($key:path, $type:ty, $field:ident) => {{
        // Whichever way the key is tested, the field has to be one.
        const _: fn(&$type) -> &$crate::bindings::static_key_false = |object| &object.$field;
        $crate::__static_branch!($key, $type, $field)
    }};
}

/// Tests a static key in the code itself. Not API: a part of
/// [`static_branch_unlikely!`](crate::static_branch_unlikely).
///
/// The assembly is C's own: `generated_arch_static_branch_asm.rs.S` has the C preprocessor expand
/// `ARCH_STATIC_BRANCH_ASM`, and the result is included here.
#[doc(hidden)]
#[macro_export]
#[cfg(CONFIG_JUMP_LABEL)]
macro_rules! __static_branch {
    ($key:path, $type:ty, $field:ident) => {
        'branch: {
            $crate::asm!(
                ::core::include!(::core::concat!(
                    ::core::env!("OBJTREE"),
                    "/rust/kernel/generated_arch_static_branch_asm.rs"
                ));
                l_yes = label {
                    break 'branch true;
                },
                symb = sym $key,
                off = const ::core::mem::offset_of!($type, $field),
                // The entry of a key that is off by default, in a branch that is not taken by
                // default.
                branch = const 0u32,
            );

            break 'branch false;
        }
    };
}

/// Tests a static key by its counter. Not API: a part of
/// [`static_branch_unlikely!`](crate::static_branch_unlikely).
#[doc(hidden)]
#[macro_export]
#[cfg(not(CONFIG_JUMP_LABEL))]
macro_rules! __static_branch {
    ($key:path, $type:ty, $field:ident) => {{
        let key = (&raw const $key)
            .wrapping_byte_add(::core::mem::offset_of!($type, $field))
            .cast::<$crate::bindings::static_key>();
        $crate::bindings::static_key_count(key.cast_mut()) > 0
    }};
}

#[macros::kunit_tests(rust_jump_label)]
mod tests {
    use crate::bindings;

    #[repr(C)]
    struct Keys {
        padding: [u8; 3],
        first: bindings::static_key_false,
        second: bindings::static_key_false,
    }

    struct Shared(core::cell::UnsafeCell<Keys>);

    // SAFETY: Only the C side of static keys writes to it, and that takes care of races.
    unsafe impl Sync for Shared {}

    static KEYS: Shared = Shared(
        // SAFETY: A static key that is off is all zeroes, and so may be the padding.
        unsafe { core::mem::zeroed() },
    );

    fn state() -> [bool; 2] {
        [
            // SAFETY: `Shared` consists of one `Keys`, of which `first` is a key.
            unsafe { static_branch_unlikely!(KEYS, Keys, first) },
            // SAFETY: As above, for `second`.
            unsafe { static_branch_unlikely!(KEYS, Keys, second) },
        ]
    }

    #[test]
    fn branches_follow_their_keys() {
        let keys = KEYS.0.get();
        // SAFETY: The pointer is to a static.
        let first = unsafe { &raw mut (*keys).first }.cast::<bindings::static_key>();
        // SAFETY: The pointer is to a static.
        let second = unsafe { &raw mut (*keys).second }.cast::<bindings::static_key>();

        assert_eq!(state(), [false, false]);
        // SAFETY: The key is never freed, and this may sleep.
        unsafe { bindings::static_key_enable(second) };
        assert_eq!(state(), [false, true]);
        // SAFETY: As above.
        unsafe { bindings::static_key_enable(first) };
        assert_eq!(state(), [true, true]);
        // SAFETY: As above.
        unsafe { bindings::static_key_disable(second) };
        assert_eq!(state(), [true, false]);
        // SAFETY: As above.
        unsafe { bindings::static_key_disable(first) };
        assert_eq!(state(), [false, false]);
    }
}
