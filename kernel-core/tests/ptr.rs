// SPDX-License-Identifier: GPL-2.0

//! Alignments and projections, on the host.

extern crate kernel_core as kernel;

mod host;

use core::{mem::offset_of, ptr};
use kernel::{
    error::{code::ERANGE, Error},
    ptr::{const_align_up, project, projection::OutOfBound, Alignable, Alignment, KnownSize},
};

macro_rules! rounding {
    ($test:ident $int:ident) => {
        #[test]
        fn $test() {
            for bit in 0..usize::BITS {
                let alignment = Alignment::new_checked(1 << bit).unwrap();
                let align = 1_u128 << bit;
                for near in 0..=$int::BITS {
                    for offset in -2..=2 {
                        let sample = (1_i128 << near) + offset;
                        let Ok(value) = $int::try_from(sample) else {
                            continue;
                        };
                        let wide = sample.unsigned_abs();

                        let down = $int::try_from(wide / align * align).unwrap();
                        assert_eq!(value.align_down(alignment), down);

                        let up = $int::try_from(wide.div_ceil(align) * align).ok();
                        assert_eq!(value.align_up(alignment), up, "{value} to {align}");
                    }
                }
            }
        }
    };
}

rounding!(rounding_of_u8 u8);
rounding!(rounding_of_u16 u16);
rounding!(rounding_of_u32 u32);
rounding!(rounding_of_u64 u64);
rounding!(rounding_of_usize usize);

#[test]
fn constants_round_as_values_do() {
    const ALIGN: Alignment = Alignment::new::<64>();
    for value in (0..1000).chain(usize::MAX - 1000..=usize::MAX) {
        assert_eq!(const_align_up(value, ALIGN), value.align_up(ALIGN));
    }
}

#[test]
fn only_powers_of_two_are_alignments() {
    let count = (0..=1 << 16)
        .filter(|&n| Alignment::new_checked(n).is_some())
        .count();
    assert_eq!(count, 17);
}

#[repr(C, packed)]
struct Packed {
    byte: u8,
    word: u32,
    pairs: [(u16, [u8; 3]); 2],
}

union Either {
    number: u64,
    bytes: [u8; 8],
}

struct Generic<T> {
    _head: u8,
    value: T,
}

#[test]
fn projections_agree_with_offsets() {
    let base = ptr::without_provenance_mut::<Packed>(0x1000);
    assert_eq!(project!(base, .byte).addr(), 0x1000);
    assert_eq!(
        project!(mut base, .word).addr(),
        0x1000 + offset_of!(Packed, word)
    );
    assert_eq!(
        project!(base, .pairs[panic: 1].1[panic: 2]).addr(),
        0x1000
            + offset_of!(Packed, pairs)
            + size_of::<(u16, [u8; 3])>()
            + offset_of!((u16, [u8; 3]), 1)
            + 2
    );

    let either = Either { number: 0 };
    assert!(ptr::eq(
        project!(&either, .bytes[build: 0]),
        (&raw const either).cast()
    ));

    fn value_of<T>(base: *const Generic<T>) -> *const T {
        project!(base, .value)
    }
    let generic = Generic {
        _head: 1,
        value: String::from("x"),
    };
    assert!(ptr::eq(value_of(&generic), &generic.value));
}

/// So large that a copy of it on the stack would not go unnoticed.
struct Huge {
    table: [[u64; 1 << 20]; 1 << 12],
    last: u8,
}

#[test]
#[cfg(not(debug_assertions))]
fn nothing_is_put_on_the_stack() {
    let base = ptr::without_provenance::<Huge>(8);
    assert_eq!(project!(base, .last).addr(), 8 + offset_of!(Huge, last));
}

#[test]
fn large_elements_need_no_stand_in() {
    let base = ptr::without_provenance::<[[u64; 1 << 20]; 1 << 12]>(8);
    assert_eq!(project!(base, [panic: 3]).addr(), 8 + 3 * (8 << 20));
    let _ = offset_of!(Huge, last) + offset_of!(Huge, table);
}

#[test]
fn indices_out_of_bounds() {
    fn at(base: *const [u16], index: usize) -> Result<*const u16, Error> {
        Ok(project!(base, [try: index]))
    }
    let base: *const [u16] = &[1, 2, 3];
    assert!(ptr::eq(
        at(base, 2).unwrap(),
        base.cast::<u16>().wrapping_add(2)
    ));
    assert_eq!(at(base, 3), Err(ERANGE));
    assert_eq!(Error::from(OutOfBound), ERANGE);

    let outcome = std::panic::catch_unwind(|| {
        let base: *const [u16] = &[1, 2, 3];
        project!(base, [panic: 1..4]).len()
    });
    assert!(outcome.is_err());
}

#[test]
fn arithmetic_wraps() {
    let top = ptr::without_provenance::<[u64; 4]>(usize::MAX - 7);
    assert_eq!(project!(top, [panic: 1]).addr(), 0);
    assert_eq!(project!(top, [panic: 3]).addr(), 16);
}

#[test]
fn sizes_of_slices_do_not_wrap() {
    for len in [0, 1, 7, usize::MAX / 8, usize::MAX / 8 + 1, usize::MAX] {
        let slice: *const [u64] = ptr::slice_from_raw_parts(ptr::null(), len);
        assert_eq!(
            KnownSize::size(slice) as u128,
            (len as u128 * 8).min(usize::MAX as u128)
        );
    }
}
