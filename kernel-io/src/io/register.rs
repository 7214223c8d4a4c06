// SPDX-License-Identifier: GPL-2.0

//! Registers: words at given places in a region, divided into fields.
//!
//! [`register!`](crate::register!) defines them. What it defines are types, of which a value is the
//! word that was read or is to be written, and locations, which the methods of [`Io`](super::Io) take:
//!
//! | kind | defined as | location |
//! | --- | --- | --- |
//! | fixed | `NAME(u32) @ 0x10` | `NAME`, a constant |
//! | array | `NAME(u32)[8] @ 0x10` | `NAME::at(3)` or `NAME::try_at(i)`, by [`Array`] |
//! | relative | `NAME(u32) @ Base + 0x10` | `NAME::of::<Device>()`, by [`WithBase`] |
//! | array, relative | `NAME(u32)[8] @ Base + 0x10` | `NAME::of::<Device>().at(3)`, or `try_at(i)` |
//!
//! *Relative* registers are those of a unit that a device has several of, at different addresses. The
//! family of such units is a type, `Base`; each unit is another type that implements
//! [`RegisterBase<Base>`](RegisterBase), which says where it begins.
//!
//! Where a register says by its type which one it is, a location can be had without its name:
//! `region.write(WithBase::of::<Unit>(), value)`, `region.write(Array::at(0), value)`, and for fixed
//! ones [`region.write_reg(value)`](super::Io::write_reg).

use super::IoLoc;

mod define;
mod location;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

#[doc(hidden)]
pub use define::{check_array, offset_in, offset_of, relative_offset_in, relative_offset_of};
pub use location::{
    FixedRegisterLoc, RegisterArrayLoc, RelativeRegisterArrayLoc, RelativeRegisterLoc,
};

/// Types of registers.
///
/// Implemented by [`register!`](crate::register!).
pub trait Register: Sized {
    /// The integer that the register is.
    type Storage: Into<Self> + From<Self>;

    /// The offset in bytes: from the beginning of the region, or of the unit if it is relative; of the
    /// first one if there is an array of them.
    const OFFSET: usize;
}

/// Registers of which there is one in a region.
///
/// Implemented by [`register!`](crate::register!).
pub trait FixedRegister: Register {}

/// Registers of which there are several in a row.
///
/// Implemented by [`register!`](crate::register!).
pub trait RegisterArray: Register {
    /// How many there are.
    const SIZE: usize;

    /// How many bytes there are from the beginning of one to the beginning of the next.
    const STRIDE: usize;
}

/// Gives arrays of registers their locations.
///
/// Implemented by [`register!`](crate::register!), for arrays that are not relative.
///
/// # Examples
///
/// ```
/// use kernel::io::{register, register::Array, Io, Mmio};
/// # use kernel::io::testing::Memory;
///
/// register! {
///     /// How fast each fan turns. Between them are other registers.
///     SPEED(u32)[4, stride = 8] @ 0x20 {
///         15:0 rpm;
///     }
/// }
///
/// fn stop(fans: &Mmio<0x40>, which: usize) -> Result {
///     let location = SPEED::try_at(which).ok_or(EINVAL)?;
///     fans.try_write(location, SPEED::zeroed())
/// }
///
/// # let fans = Memory::<0x40>::new()?;
/// fans.write(SPEED::at(3), SPEED::zeroed().with_const_rpm::<1200>());
/// assert_eq!(fans.read32(0x38), 1200);
/// stop(&fans, 3)?;
/// assert_eq!(fans.read(SPEED::at(3)).rpm(), 0);
/// assert_eq!(stop(&fans, 4), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
pub trait Array {
    /// Returns the location of the one with a constant index.
    ///
    /// Does not build where the optimiser can't see that there is one.
    #[inline(always)]
    fn at(index: usize) -> RegisterArrayLoc<Self>
    where
        Self: RegisterArray,
    {
        RegisterArrayLoc::new(index)
    }

    /// Returns the location of the one with an index, or `None` if there is none.
    #[inline(always)]
    fn try_at(index: usize) -> Option<RegisterArrayLoc<Self>>
    where
        Self: RegisterArray,
    {
        RegisterArrayLoc::try_new(index)
    }
}

/// Units of the family `T`: where one begins.
///
/// # Examples
///
/// See [`WithBase`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a unit of the family `{T}`",
    label = "does not say where its registers begin",
    note = "implement `RegisterBase<{T}>` for it"
)]
pub trait RegisterBase<T> {
    /// The offset of the unit from the beginning of the region, in bytes.
    const BASE: usize;
}

/// Registers of which each unit of a family has its own.
///
/// Implemented by [`register!`](crate::register!).
///
/// # Examples
///
/// ```
/// use kernel::io::{register, register::{RegisterBase, WithBase}, Io, Mmio};
/// # use kernel::io::testing::Memory;
///
/// /// The family of timers.
/// struct Timers;
///
/// register! {
///     COUNT(u32) @ Timers + 0x4 {
///         31:0 value => u32;
///     }
/// }
///
/// /// The timer that the system boots with.
/// struct BootTimer;
///
/// impl RegisterBase<Timers> for BootTimer {
///     const BASE: usize = 0x100;
/// }
///
/// struct Watchdog;
///
/// impl RegisterBase<Timers> for Watchdog {
///     const BASE: usize = 0x180;
/// }
///
/// fn start<T: RegisterBase<Timers>>(timers: &Mmio<0x200>, from: u32) {
///     timers.write(COUNT::of::<T>(), COUNT::zeroed().with_value(from));
/// }
///
/// # let timers = Memory::<0x200>::new()?;
/// start::<BootTimer>(&timers, 1_000);
/// start::<Watchdog>(&timers, 5);
/// assert_eq!(timers.read32(0x104), 1_000);
/// assert_eq!(timers.read(COUNT::of::<Watchdog>()).value(), 5);
/// # Ok::<(), Error>(())
/// ```
pub trait WithBase {
    /// The family of units.
    type BaseFamily;

    /// Returns the location of the register of a unit.
    ///
    /// Of an array it is the beginning; take [`at`](RelativeRegisterLoc::at) then, or
    /// [`try_at`](RelativeRegisterLoc::try_at).
    #[inline(always)]
    fn of<B: RegisterBase<Self::BaseFamily>>() -> RelativeRegisterLoc<Self, B>
    where
        Self: Register,
    {
        RelativeRegisterLoc::new()
    }
}

/// Registers of which each unit of a family has one.
///
/// Implemented by [`register!`](crate::register!).
pub trait RelativeRegister: Register + WithBase {}

/// Registers of which each unit of a family has several in a row.
///
/// Implemented by [`register!`](crate::register!).
pub trait RelativeRegisterArray: RegisterArray + WithBase {}

/// Values that say where they are to be written, for [`Io::write_reg`](super::Io::write_reg).
///
/// Those of fixed registers do.
pub trait LocatedRegister {
    /// The register.
    type Value: Register;

    /// Where it is.
    type Location: IoLoc<Self::Value>;

    /// Returns what [`Io::write`](super::Io::write) takes.
    fn into_io_op(self) -> (Self::Location, Self::Value);
}

impl<T> LocatedRegister for T
where
    T: FixedRegister,
{
    type Value = T;
    type Location = FixedRegisterLoc<Self::Value>;

    #[inline(always)]
    fn into_io_op(self) -> (FixedRegisterLoc<T>, T) {
        (FixedRegisterLoc::new(), self)
    }
}
