// SPDX-License-Identifier: GPL-2.0

//! The proof is a function outside of where the macro stands.

use kernel::types::ForLt;

struct View<'a, T>(&'a T);

// This needs no proof.
struct Plain<T: 'static>(core::marker::PhantomData<ForLt!(&T)>);

struct Generic<T: 'static>(core::marker::PhantomData<ForLt!(View<'_, T>)>);

fn main() {}
