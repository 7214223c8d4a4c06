// SPDX-License-Identifier: GPL-2.0

//! Voltages.

/// A voltage, in microvolts.
///
/// C has no type for it, and uses `int`.
///
/// # Examples
///
/// ```
/// use kernel::regulator::Voltage;
///
/// let core = Voltage::from_microvolts(1_100_000);
/// assert!(core < Voltage::from_microvolts(1_800_000));
/// assert_eq!(core.as_microvolts(), 1_100_000);
/// ```
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voltage(i32);

impl Voltage {
    /// Makes a voltage of microvolts: millionths of a volt.
    pub fn from_microvolts(uv: i32) -> Self {
        Self(uv)
    }

    /// The voltage in microvolts.
    pub fn as_microvolts(self) -> i32 {
        self.0
    }
}
