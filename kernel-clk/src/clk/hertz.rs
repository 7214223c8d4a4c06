// SPDX-License-Identifier: GPL-2.0

//! Frequencies.

use crate::ffi::c_ulong;

/// Hertz in a kilohertz, and so on upwards.
const KILO: c_ulong = 1_000;
const MEGA: c_ulong = 1_000_000;
const GIGA: c_ulong = 1_000_000_000;

/// A frequency, in whole hertz.
///
/// C has no type for it, and uses `unsigned long`. On 32-bit machines that ends at 4.29 GHz: what is
/// made from a larger number of kilohertz and so on is then the largest value there is.
///
/// # Examples
///
/// ```
/// use kernel::clk::Hertz;
///
/// let bus = Hertz::from_mhz(125);
/// assert_eq!(bus, Hertz(125_000_000));
/// assert_eq!(bus.as_khz(), 125_000);
///
/// // What is left over is cut off.
/// assert_eq!(bus.as_ghz(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hertz(pub c_ulong);

impl Hertz {
    /// Makes a frequency of kilohertz: thousands of hertz.
    pub const fn from_khz(khz: c_ulong) -> Self {
        Self(khz.saturating_mul(KILO))
    }

    /// Makes a frequency of megahertz: millions of hertz.
    pub const fn from_mhz(mhz: c_ulong) -> Self {
        Self(mhz.saturating_mul(MEGA))
    }

    /// Makes a frequency of gigahertz: thousands of millions of hertz.
    pub const fn from_ghz(ghz: c_ulong) -> Self {
        Self(ghz.saturating_mul(GIGA))
    }

    /// The frequency in hertz.
    pub const fn as_hz(&self) -> c_ulong {
        self.0
    }

    /// The frequency in kilohertz, rounded down.
    pub const fn as_khz(&self) -> c_ulong {
        self.0 / KILO
    }

    /// The frequency in megahertz, rounded down.
    pub const fn as_mhz(&self) -> c_ulong {
        self.0 / MEGA
    }

    /// The frequency in gigahertz, rounded down.
    pub const fn as_ghz(&self) -> c_ulong {
        self.0 / GIGA
    }
}

impl From<Hertz> for c_ulong {
    fn from(frequency: Hertz) -> Self {
        frequency.0
    }
}
