// SPDX-License-Identifier: GPL-2.0

//! A type that is not a name cannot become part of one.

use kernel::macros::paste;

macro_rules! constant {
    ($type:ty) => {
        paste! {
            const [<SIZE_OF_ $type:upper>]: usize = core::mem::size_of::<$type>();
        }
    };
}

constant!(u8);
constant!([u8; 2]);

fn main() {}
