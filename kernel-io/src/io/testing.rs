// SPDX-License-Identifier: GPL-2.0

//! A region for tests and examples: plain memory in place of a device's.
//!
//! Not API.

use super::{Mmio, MmioRaw};
use crate::{page::PAGE_SIZE, prelude::*};
use core::ops::Deref;

/// Memory that is accessed as if it were a device's, all zeroes at first.
///
/// # Invariants
///
/// `raw` is about the elements of `memory`, which nothing else refers to.
pub struct Memory<const SIZE: usize> {
    raw: MmioRaw<SIZE>,
    _memory: KVVec<u64>,
}

impl<const SIZE: usize> Memory<SIZE> {
    /// Allocates `SIZE` bytes.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Self> {
        Self::with_size(SIZE)
    }

    /// Allocates `size` bytes.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, and `EINVAL` if `size` is less than `SIZE`.
    pub fn with_size(size: usize) -> Result<Self> {
        // Of whole pages, so that this begins at the beginning of one, as a device's memory does.
        let size_of_pages = size.max(1).next_multiple_of(PAGE_SIZE);
        let mut memory = KVVec::from_elem(0, size_of_pages / size_of::<u64>(), GFP_KERNEL)?;
        let address = memory.as_mut_ptr().expose_provenance();
        // INVARIANT: There are at least `size` bytes.
        Ok(Self {
            raw: MmioRaw::new(address, size)?,
            _memory: memory,
        })
    }
}

impl<const SIZE: usize> Deref for Memory<SIZE> {
    type Target = Mmio<SIZE>;

    fn deref(&self) -> &Mmio<SIZE> {
        // SAFETY: By the type invariant it is the memory that `self` owns, and plain numbers are in it.
        unsafe { Mmio::from_raw(&self.raw) }
    }
}
