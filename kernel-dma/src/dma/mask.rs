// SPDX-License-Identifier: GPL-2.0

//! The addresses that a device can have.

use crate::prelude::*;

/// How many low bits of an address a device has, as a mask.
///
/// C counterpart: `DMA_BIT_MASK()`.
///
/// # Examples
///
/// ```
/// use kernel::dma::DmaMask;
///
/// const MASK: DmaMask = DmaMask::new::<24>();
/// assert_eq!(MASK.value(), 0xff_ffff);
///
/// // Where the hardware says how many there are:
/// let mask = DmaMask::try_new(64)?;
/// assert_eq!(mask.value(), u64::MAX);
/// assert_eq!(DmaMask::try_new(65), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The bits that are set are the lowest ones, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DmaMask(u64);

impl DmaMask {
    /// The mask of `N` bits, at most 64; more do not compile.
    #[inline]
    pub const fn new<const N: u32>() -> Self {
        const {
            match Self::try_new(N) {
                Ok(mask) => mask,
                Err(_) => panic!("a DMA mask has 64 bits at most"),
            }
        }
    }

    /// The mask of `n` bits. With 0 it has none, and covers the address 0 alone.
    ///
    /// # Errors
    ///
    /// `EINVAL` for more than 64.
    #[inline]
    pub const fn try_new(n: u32) -> Result<Self> {
        match n {
            // INVARIANT: There are none.
            0 => Ok(Self(0)),
            // INVARIANT: Zeroes come in from above.
            1..=64 => Ok(Self(u64::MAX >> (64 - n))),
            _ => Err(EINVAL),
        }
    }

    /// The mask as a number.
    #[inline]
    pub const fn value(&self) -> u64 {
        self.0
    }
}
