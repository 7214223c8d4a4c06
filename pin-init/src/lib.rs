// SPDX-License-Identifier: Apache-2.0 OR MIT

#![doc = include_str!("../README.md")]
#![no_std]

#[doc(hidden)]
pub mod __internal;
mod array;
mod macros;
mod scope;
mod write;

pub use array::{init_array_from_fn, pin_init_array_from_fn};
pub use macros::{init, pin_data, pin_init, pinned_drop, MaybeZeroable, Zeroable};
pub use scope::{init_scope, pin_init_scope};
pub use write::InPlaceWrite;

pub use pinned_init::{
    cast_init, cast_pin_init, init_from_closure, init_zeroed, pin_init_from_closure,
    stack_pin_init, stack_try_pin_init, uninit, zeroed, ChainInit, ChainPinInit, Init, PinInit,
    PinnedDrop, Wrapper, ZeroableOption,
};
