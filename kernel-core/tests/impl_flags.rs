// SPDX-License-Identifier: GPL-2.0

//! Sets of flags, on the host: every set against the number it stands for.

extern crate kernel_core as kernel;

mod host;

use kernel::{error::code::EINVAL, impl_flags};

mod flags {
    super::impl_flags!(
        /// A set.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Set(u16);

        /// A member.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flag {
            /// One bit.
            A = 1,
            /// Another.
            B = 1 << 2,
            /// The highest.
            C = 1 << 15,
        }
    );
}

use flags::{Flag, Set};

const FLAGS: [Flag; 3] = [Flag::A, Flag::B, Flag::C];

#[test]
fn every_number_is_a_set_or_an_error() {
    for number in 0..=u16::MAX {
        match Set::try_from(number) {
            Ok(set) => {
                assert_eq!(number & !0x8005, 0);
                assert_eq!(u16::from(set), number);
            }
            Err(error) => {
                assert_ne!(number & !0x8005, 0);
                assert_eq!(error, EINVAL);
            }
        }
    }
    assert_eq!(Set::all_bits(), 0x8005);
}

#[test]
fn operators_are_those_of_the_numbers() {
    let sets = || (0..=u16::MAX).filter_map(|number| Set::try_from(number).ok());
    assert_eq!(sets().count(), 8);
    for left in sets() {
        let l = u16::from(left);
        assert_eq!(u16::from(!left), !l & 0x8005);
        assert_eq!(left.is_empty(), l == 0);
        for right in sets() {
            let r = u16::from(right);
            assert_eq!(u16::from(left | right), l | r);
            assert_eq!(u16::from(left & right), l & r);
            assert_eq!(u16::from(left ^ right), l ^ r);
            assert_eq!(left.contains_any(right), l & r != 0);
            assert_eq!(left.contains_all(right), l & r == r);
        }
        for flag in FLAGS {
            let f = u16::from(flag);
            assert_eq!(left.contains(flag), l & f != 0);
            assert_eq!(u16::from(left | flag), l | f);
            assert_eq!(u16::from(flag & left), l & f);
            assert_eq!(u16::from(flag ^ left), l ^ f);
            assert_eq!(u16::from(!flag), !f & 0x8005);
            let mut changed = left;
            changed |= flag;
            changed &= !flag;
            assert_eq!(u16::from(changed), l & !f);
            changed ^= flag;
            assert_eq!(u16::from(changed), l | f);
            changed ^= left;
            changed &= left;
            assert_eq!(u16::from(changed) & !l, 0);
            changed |= left;
            assert_eq!(u16::from(changed), l);
        }
    }
}

#[test]
fn sets_are_known_when_building() {
    const EMPTY: Set = Set::empty();
    const _: () = assert!(!EMPTY.contains(Flag::A) && !EMPTY.contains_any(EMPTY));
    assert!(EMPTY.contains_all(EMPTY));
    assert_eq!(size_of::<Set>(), 2);
    assert_eq!(size_of::<Flag>(), 2);
}
