// SPDX-License-Identifier: GPL-2.0

//! Sets of flags: see [`impl_flags!`](crate::impl_flags!).

/// Defines a set of flags, and the flags it consists of.
///
/// C keeps flags in an integer, which takes any number for an answer. This macro makes two types of
/// one definition: a structure for the set, and an enumeration for its members. Only members can
/// get into the set, so a `match` or a table can cover all of them.
///
/// Both take attributes, documentation and a visibility; the two need `#[derive(Clone, Copy)]`. The
/// number in parentheses is the unsigned integer that the set is stored in, and each flag has one or
/// more bits of it.
///
/// # What it defines
///
/// For `struct Set(u32)` and `enum Flag`:
///
/// - the operators `|`, `&`, `^` and `!` for both, in any combination, and `|=`, `&=`, `^=` for the
///   set. The result is always a `Set`. `!` gives those flags that the operand does not have.
/// - `Set::empty()`, without any flags, and `Set::all_bits()`, the number that has all of them;
/// - `set.contains(flag)`, `set.contains_any(set)`, `set.contains_all(set)` and `set.is_empty()`;
/// - `Set::from(flag)`, `u32::from(set)`, `u32::from(flag)`;
/// - `Set::try_from(number)`, which fails with `EINVAL` if the number has a bit that no flag has.
///
/// The macro adds `#[repr(transparent)]` to the set and `#[repr(u32)]` to the enumeration.
///
/// # Examples
///
/// ```
/// use kernel::impl_flags;
///
/// impl_flags!(
///     /// What a mapping allows.
///     #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
///     pub struct Access(u32);
///
///     /// One thing that a mapping allows.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub enum Permission {
///         /// Loads.
///         Read = 1 << 0,
///         /// Stores.
///         Write = 1 << 1,
///         /// Instruction fetches.
///         Execute = 1 << 2,
///     }
/// );
///
/// let access = Permission::Read | Permission::Write;
/// assert!(access.contains(Permission::Write));
/// assert!(!access.contains_any(Permission::Execute.into()));
/// assert_eq!(u32::from(access), 0b011);
/// assert_eq!(!access, Permission::Execute.into());
///
/// // What comes from elsewhere is checked once.
/// assert_eq!(Access::try_from(0b011), Ok(access));
/// assert_eq!(Access::try_from(0b1001), Err(EINVAL));
/// ```
#[macro_export]
macro_rules! impl_flags {
    (
        $(#[$set_meta:meta])*
        $set_vis:vis struct $set:ident($int:ty $(,)?);

        $(#[$flag_meta:meta])*
        $flag_vis:vis enum $flag:ident {
            $($(#[$member_meta:meta])* $member:ident = $value:expr),+ $(,)?
        }
    ) => {
        $(#[$set_meta])*
        #[repr(transparent)]
        $set_vis struct $set($int);

        $(#[$flag_meta])*
        #[repr($int)]
        $flag_vis enum $flag {
            $($(#[$member_meta])* $member = $value),+
        }

        #[allow(dead_code)]
        impl $set {
            /// Returns the set without any flags.
            #[inline]
            $set_vis const fn empty() -> Self {
                Self(0)
            }

            /// Returns the number that has the bits of all flags.
            #[inline]
            $set_vis const fn all_bits() -> $int {
                0 $(| $flag::$member as $int)+
            }

            /// Returns whether there are no flags in the set.
            #[inline]
            $set_vis const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Returns whether a flag is in the set.
            #[inline]
            $set_vis const fn contains(self, flag: $flag) -> bool {
                let flag = flag as $int;
                self.0 & flag == flag
            }

            /// Returns whether the two sets have bits in common.
            #[inline]
            $set_vis const fn contains_any(self, flags: Self) -> bool {
                self.0 & flags.0 != 0
            }

            /// Returns whether all flags of the other set are in this one.
            #[inline]
            $set_vis const fn contains_all(self, flags: Self) -> bool {
                self.0 & flags.0 == flags.0
            }
        }

        impl ::core::convert::From<$flag> for $set {
            #[inline]
            fn from(flag: $flag) -> Self {
                Self(flag as $int)
            }
        }

        impl ::core::convert::From<$set> for $int {
            #[inline]
            fn from(flags: $set) -> Self {
                flags.0
            }
        }

        impl ::core::convert::From<$flag> for $int {
            #[inline]
            fn from(flag: $flag) -> Self {
                flag as $int
            }
        }

        impl ::core::convert::TryFrom<$int> for $set {
            type Error = $crate::error::Error;

            #[inline]
            fn try_from(bits: $int) -> ::core::result::Result<Self, Self::Error> {
                if bits & !Self::all_bits() == 0 {
                    ::core::result::Result::Ok(Self(bits))
                } else {
                    ::core::result::Result::Err($crate::error::code::EINVAL)
                }
            }
        }

        $crate::impl_flags!(@operator $set $flag BitOr bitor BitOrAssign bitor_assign |);
        $crate::impl_flags!(@operator $set $flag BitAnd bitand BitAndAssign bitand_assign &);
        $crate::impl_flags!(@operator $set $flag BitXor bitxor BitXorAssign bitxor_assign ^);

        impl ::core::ops::Not for $set {
            type Output = $set;

            #[inline]
            fn not(self) -> $set {
                $set(!self.0 & $set::all_bits())
            }
        }

        impl ::core::ops::Not for $flag {
            type Output = $set;

            #[inline]
            fn not(self) -> $set {
                !$set::from(self)
            }
        }
    };

    (
        @operator $set:ident $flag:ident
        $trait:ident $method:ident $assign:ident $assign_method:ident $operator:tt
    ) => {
        $crate::impl_flags!(@binary $set $set, $set $trait $method $operator);
        $crate::impl_flags!(@binary $set $set, $flag $trait $method $operator);
        $crate::impl_flags!(@binary $set $flag, $set $trait $method $operator);
        $crate::impl_flags!(@binary $set $flag, $flag $trait $method $operator);
        $crate::impl_flags!(@assign $set, $set $assign $assign_method $operator);
        $crate::impl_flags!(@assign $set, $flag $assign $assign_method $operator);
    };
    (@binary $set:ident $left:ident, $right:ident $trait:ident $method:ident $operator:tt) => {
        impl ::core::ops::$trait<$right> for $left {
            type Output = $set;

            #[inline]
            fn $method(self, rhs: $right) -> $set {
                $set($set::from(self).0 $operator $set::from(rhs).0)
            }
        }
    };
    (@assign $set:ident, $right:ident $trait:ident $method:ident $operator:tt) => {
        impl ::core::ops::$trait<$right> for $set {
            #[inline]
            fn $method(&mut self, rhs: $right) {
                self.0 = self.0 $operator $set::from(rhs).0;
            }
        }
    };
}

#[macros::kunit_tests(rust_impl_flags)]
mod tests {
    use crate::error::code::EINVAL;

    impl_flags!(
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        struct Modes(u8);

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Mode {
            Low = 1 << 0,
            High = 1 << 7,
            Both = 0b11 << 3,
        }
    );

    #[test]
    fn sets_hold_what_was_put_in() {
        assert!(Modes::empty().is_empty());
        assert_eq!(Modes::default(), Modes::empty());
        assert_eq!(Modes::all_bits(), 0b1001_1001);

        let mut set = Modes::from(Mode::Low);
        set |= Mode::High;
        assert_eq!(u8::from(set), 0x81);
        assert!(set.contains(Mode::Low));
        assert!(!set.contains(Mode::Both));
        set &= !Mode::Low;
        assert_eq!(set, Mode::High.into());
        set ^= Mode::High | Mode::Low;
        assert_eq!(set, Mode::Low.into());
        set ^= set;
        assert!(set.is_empty());
    }

    #[test]
    fn operators_take_both_types() {
        let low = Modes::from(Mode::Low);
        assert_eq!(low | Mode::High, Mode::High | low);
        let same = low;
        assert_eq!(low | same, low);
        assert_eq!(low & Mode::Low, low);
        assert_eq!(Mode::Low & Mode::High, Modes::empty());
        assert_eq!(Mode::Low ^ same, Modes::empty());
        assert_eq!(Mode::Low & low, low);
        assert_eq!(!Modes::empty(), Mode::Low | Mode::High | Mode::Both);
    }

    #[test]
    fn a_flag_of_two_bits_needs_both() {
        // Only one of the two: not put in as a flag, but there is a number for it.
        let half = Modes::try_from(0b1000).unwrap_or_default();
        assert_eq!(u8::from(half), 0b1000);
        assert!(!half.contains(Mode::Both));
        assert!(half.contains_any(Mode::Both.into()));
        assert!(!half.contains_all(Mode::Both.into()));
        assert!((Mode::Both | Mode::Low).contains_all(Mode::Both.into()));
    }

    #[test]
    fn numbers_with_other_bits_are_refused() {
        for number in 0..=u8::MAX {
            let expected = number & !0b1001_1001 == 0;
            assert_eq!(Modes::try_from(number).is_ok(), expected);
        }
        assert_eq!(Modes::try_from(2), Err(EINVAL));
        assert_eq!(u8::from(Mode::High), 128);
    }
}
