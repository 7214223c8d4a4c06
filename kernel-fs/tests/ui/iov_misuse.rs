// SPDX-License-Identifier: GPL-2.0

//! An iterator has one direction, and going back is up to whoever knows how far it came.

extern crate kernel_fs as kernel;

use kernel::iov::{IovIterDest, IovIterSource};

fn against_the_direction(source: &mut IovIterSource<'_>, dest: &mut IovIterDest<'_>) {
    source.copy_to_iter(b"text");
    dest.copy_from_iter(&mut [0; 4]);
}

fn back(source: &mut IovIterSource<'_>, dest: &mut IovIterDest<'_>) {
    source.revert(1);
    dest.revert(1);
}

fn constant(source: &IovIterSource<'_>) {
    source.advance(1);
}

fn main() {}
