// SPDX-License-Identifier: GPL-2.0

//! Bit fields, on the host: against masks and shifts, for many words.

extern crate kernel_core as kernel;

mod host;

use kernel::{
    bitfield,
    error::{code::EOVERFLOW, Error},
    num::Bounded,
    prelude::Zeroable,
};

/// A number that has nothing to do with `seed`, and is always the same.
fn scramble(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

bitfield! {
    /// A descriptor as devices have them.
    #[derive(Hash, PartialOrd)]
    pub struct Descriptor(u64) {
        /// Owned by the device.
        63:63 own => bool;
        58:56 kind ?=> Kind;
        55:48 tag => u8;
        /// In units of 512 bytes.
        47:12 address;
        11:0 length;
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Data,
    Link,
}

impl TryFrom<Bounded<u64, 3>> for Kind {
    type Error = Error;

    fn try_from(bits: Bounded<u64, 3>) -> Result<Self, Error> {
        match bits.get() {
            1 => Ok(Kind::Data),
            6 => Ok(Kind::Link),
            _ => Err(EOVERFLOW),
        }
    }
}

impl From<Kind> for Bounded<u64, 3> {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Data => Bounded::<u64, 3>::new::<1>(),
            Kind::Link => Bounded::<u64, 3>::new::<6>(),
        }
    }
}

#[test]
fn getters_are_shifts_and_masks() {
    for seed in 0..20_000 {
        let raw = scramble(seed);
        let it = Descriptor::from_raw(raw);
        assert_eq!(it.own(), raw >> 63 == 1);
        assert_eq!(u64::from(it.tag()), raw >> 48 & 0xff);
        assert_eq!(it.address(), raw >> 12 & 0xf_ffff_ffff);
        assert_eq!(it.length(), raw & 0xfff);
        match raw >> 56 & 7 {
            1 => assert_eq!(it.kind(), Ok(Kind::Data)),
            6 => assert_eq!(it.kind(), Ok(Kind::Link)),
            _ => assert_eq!(it.kind(), Err(EOVERFLOW)),
        }
    }
}

#[test]
fn setters_change_their_own_bits_only() {
    for seed in 0..20_000 {
        let (raw, new) = (scramble(seed), scramble(!seed));
        let it = Descriptor::from_raw(raw);
        let replace = |mask: u64, bits: u64| (raw & !mask) | bits;

        let length = Bounded::<u64, 12>::from_expr(new & 0xfff);
        assert_eq!(
            it.with_length(length).into_raw(),
            replace(0xfff, new & 0xfff)
        );
        assert_eq!(
            it.with_tag(new as u8).into_raw(),
            replace(0xff << 48, (new & 0xff) << 48)
        );
        assert_eq!(
            it.with_own(new & 1 == 1).into_raw(),
            replace(1 << 63, (new & 1) << 63)
        );
        assert_eq!(
            it.with_kind(Kind::Link).into_raw(),
            replace(7 << 56, 6 << 56)
        );
        match it.try_with_address(new) {
            Ok(changed) => {
                assert!(new >> 36 == 0);
                assert_eq!(changed.address(), new);
            }
            Err(error) => {
                assert!(new >> 36 != 0);
                assert_eq!(error, EOVERFLOW);
            }
        }
        let page = new & 0xf_ffff_ffff;
        assert_eq!(
            it.try_with_address(page).unwrap().into_raw(),
            replace(Descriptor::ADDRESS_MASK, page << Descriptor::ADDRESS_SHIFT)
        );
        // The argument was a copy.
        assert_eq!(it.into_raw(), raw);
    }
}

#[test]
fn masks_cover_the_ranges() {
    assert_eq!(Descriptor::OWN_RANGE, 63..=63);
    assert_eq!(Descriptor::ADDRESS_RANGE.len(), 36);
    let all = Descriptor::OWN_MASK
        | Descriptor::KIND_MASK
        | Descriptor::TAG_MASK
        | Descriptor::ADDRESS_MASK
        | Descriptor::LENGTH_MASK;
    // All but the gap.
    assert_eq!(all, !(0xf << 59));
}

#[test]
fn constants_work_in_constants() {
    const START: Descriptor = Descriptor::from_raw(0).with_const_length::<0xfff>();
    const RAW: u64 = START.with_const_address::<1>().into_raw();
    assert_eq!(RAW, 0x1fff);
    assert_eq!(Descriptor::zeroed(), Descriptor::default());
    assert!(START > Descriptor::default());
}

#[test]
fn words_show_their_fields() {
    let it = Descriptor::from(0x8100_0000_0000_1002);
    assert_eq!(
        format!("{it:?}"),
        "Descriptor { <raw>: 0x8100000000001002, own: true, kind: Ok(Data), tag: 0, \
         address: Bounded(1), length: Bounded(2) }"
    );
    assert_eq!(u64::from(it), 0x8100_0000_0000_1002);
}

/// A word in a function, with a lower-case name and no documentation, as a driver has for a moment.
#[test]
fn definitions_may_stand_anywhere() {
    bitfield! {
        #[allow(non_camel_case_types)]
        struct status(u8) {
            7:7 busy => bool;
            6:0 count => Count;
        }
    }

    #[derive(Debug)]
    struct Count(u8);

    impl From<Bounded<u8, 7>> for Count {
        fn from(bits: Bounded<u8, 7>) -> Self {
            Self(bits.into())
        }
    }

    impl From<Count> for Bounded<u8, 7> {
        fn from(count: Count) -> Self {
            Self::from_expr(count.0 & 0x7f)
        }
    }

    let it = status::zeroed().with_count(Count(0x7f));
    assert_eq!(it.into_raw(), 0x7f);
    assert!(!it.busy());
    assert_eq!(it.count().0, 0x7f);
}
