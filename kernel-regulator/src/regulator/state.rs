// SPDX-License-Identifier: GPL-2.0

//! What a regulator's type says about whether its user has switched it on.

use super::private::Sealed;

/// A state that a [`Regulator`](super::Regulator) is in, as a type.
///
/// There are two, and nobody can add one: [`Enabled`] and [`Disabled`].
///
/// # Examples
///
/// A function that does not care takes both:
///
/// ```
/// use kernel::{
///     device::Device,
///     regulator::{Disabled, Enabled, Regulator, RegulatorState, Voltage},
/// };
///
/// fn millivolts<State: RegulatorState>(supply: &Regulator<State>) -> Option<i32> {
///     Some(supply.get_voltage().ok()?.as_microvolts() / 1_000)
/// }
///
/// # kernel::regulator::testing::assume_all_supplies();
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_supply_state")?;
/// // What stands in for a supply that nobody describes has no voltage.
/// assert_eq!(millivolts(&Regulator::<Disabled>::get(&dev, c"vdd")?), None);
/// assert_eq!(millivolts(&Regulator::<Enabled>::get(&dev, c"vdd")?), None);
/// # Ok::<(), Error>(())
/// ```
pub trait RegulatorState: Sealed + 'static {
    /// Whether a regulator in this state is to be switched off before it is given back.
    const DISABLE_ON_DROP: bool;
}

/// The user of the regulator has switched it on, and drops it to switch it off.
pub struct Enabled;

/// The user of the regulator has not switched it on. It may be on for others.
pub struct Disabled;

/// A state that does not say whether the regulator is on, so that it makes sense to ask.
pub trait IsEnabled: RegulatorState {}

impl Sealed for Enabled {}
impl Sealed for Disabled {}

impl RegulatorState for Enabled {
    const DISABLE_ON_DROP: bool = true;
}

impl RegulatorState for Disabled {
    const DISABLE_ON_DROP: bool = false;
}

impl IsEnabled for Disabled {}
