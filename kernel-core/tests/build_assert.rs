// SPDX-License-Identifier: GPL-2.0

//! Build assertions, on the host, where an assertion that nobody proved is a panic.

extern crate kernel_core as kernel;

use kernel::{
    build_assert::{build_assert, build_error, const_assert, static_assert},
    unsafe_precondition_assert,
};

static_assert!(u16::MAX.count_ones() == 16);
static_assert!(
    cfg!(target_os = "none") != cfg!(not(target_os = "none")),
    "one of them"
);

const fn third<const N: usize>(array: [u8; N]) -> u8 {
    const_assert!(N > 2, "at least three");
    array[2]
}

#[inline(always)]
fn nibble(value: u8) -> u8 {
    build_assert!(value < 16);
    build_assert!(value < 16, "not a nibble");
    value
}

const CHECKED: u8 = {
    build_assert!(i8::MIN < -127, "evaluated while compiling");
    third([1, 2, 3])
};

#[test]
fn what_holds_costs_nothing() {
    assert_eq!(CHECKED, 3);
    assert_eq!(nibble(15), 15);
    static_assert!(CHECKED == 3);
}

#[test]
#[should_panic(expected = "build assertion failed: value < 16")]
fn what_does_not_hold() {
    nibble(std::hint::black_box(16));
}

#[test]
#[should_panic(expected = "nowhere to go")]
fn what_is_reached() {
    if std::hint::black_box(true) {
        build_error!("nowhere to go");
    }
}

#[test]
#[cfg_attr(
    debug_assertions,
    should_panic(expected = "unsafe precondition violated: index < 3")
)]
fn preconditions() {
    let index = std::hint::black_box(3);
    unsafe_precondition_assert!(index < 4);
    unsafe_precondition_assert!(index < 4, "{} of {}", index, 4);
    unsafe_precondition_assert!(index < 3);
}

#[test]
#[cfg_attr(
    debug_assertions,
    should_panic(expected = "unsafe precondition violated: 3 of 3")
)]
fn preconditions_with_a_message() {
    let index = std::hint::black_box(3);
    unsafe_precondition_assert!(index < 3, "{index} of {}", 3);
}
