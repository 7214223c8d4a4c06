// SPDX-License-Identifier: GPL-2.0

//! A number is not a set of flags, nor are the flags of another set.

extern crate kernel_core as kernel;

use kernel::impl_flags;

mod here {
    super::impl_flags!(
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Colours(u8);

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Colour {
            Red = 1,
        }
    );

    super::impl_flags!(
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Shapes(u8);

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Shape {
            Round = 1,
        }
    );
}

use here::{Colour, Colours, Shape};

fn main() {
    let _ = Colours(8);
    let _ = Colour::Red | 8;
    let _ = Colour::Red | Shape::Round;
    let _ = Colours::empty().contains(Shape::Round);
    let _: Colours = 8.into();
}
