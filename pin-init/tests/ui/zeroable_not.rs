// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `Zeroable` is derived for structs and unions, and only if every field is.

use pin_init::{zeroed, MaybeZeroable, Zeroable};

#[derive(Zeroable)]
struct Reference {
    count: u8,
    name: &'static str,
}

#[derive(Zeroable)]
union Either {
    word: usize,
    reference: &'static u8,
}

#[derive(Zeroable)]
struct Generic<T> {
    value: T,
}

#[derive(Zeroable)]
enum Enum {
    A,
}

#[derive(MaybeZeroable)]
enum MaybeEnum {
    A,
}

#[derive(MaybeZeroable)]
struct Maybe {
    name: &'static str,
}

fn main() {
    let _: Maybe = zeroed();
    let _: Generic<&'static u8> = zeroed();
    let _: Option<&'static str> = zeroed();
}
