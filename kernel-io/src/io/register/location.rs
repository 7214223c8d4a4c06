// SPDX-License-Identifier: GPL-2.0

//! Where registers are.

use super::{
    FixedRegister, Register, RegisterArray, RegisterBase, RelativeRegister, RelativeRegisterArray,
    WithBase,
};
use crate::{build_assert, io::IoLoc};
use core::{hint, marker::PhantomData};

/// Returns the sum, and ends the build if there is no such offset.
const fn sum(base: usize, offset: usize) -> usize {
    match base.checked_add(offset) {
        Some(sum) => sum,
        None => panic!("the register is beyond all addresses"),
    }
}

/// Returns the offset of the last element of an array, and ends the build if there is no such offset.
const fn last_of<T: RegisterArray>(base: usize) -> usize {
    match T::STRIDE.checked_mul(T::SIZE.saturating_sub(1)) {
        Some(last) => sum(sum(base, T::OFFSET), last),
        None => panic!("the register is beyond all addresses"),
    }
}

/// Where a register is of which there is one.
///
/// [`register!`](crate::register!) defines one as a constant, with the name of the register.
///
/// # Examples
///
/// ```
/// use kernel::io::{register, register::FixedRegisterLoc, Io, IoLoc};
/// # use kernel::io::testing::Memory;
///
/// register! {
///     ID(u16) @ 0x6 {
///         15:8 vendor;
///         7:0 device;
///     }
/// }
///
/// let id: FixedRegisterLoc<ID> = ID;
/// assert_eq!(id.offset(), 6);
///
/// # let region = Memory::<8>::new()?;
/// region.write16(0x1234, 6);
/// assert_eq!(region.read(id).vendor(), 0x12);
/// assert_eq!(region.try_read(ID)?.device(), 0x34);
/// # Ok::<(), Error>(())
/// ```
pub struct FixedRegisterLoc<T: FixedRegister>(PhantomData<T>);

impl<T: FixedRegister> FixedRegisterLoc<T> {
    /// Returns where the register is.
    #[inline(always)]
    #[expect(
        clippy::new_without_default,
        reason = "a location is taken from its register"
    )]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FixedRegister> Clone for FixedRegisterLoc<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: FixedRegister> Copy for FixedRegisterLoc<T> {}

impl<T> IoLoc<T> for FixedRegisterLoc<T>
where
    T: FixedRegister,
{
    type IoType = T::Storage;

    const KNOWN_OFFSET: Option<usize> = Some(T::OFFSET);

    #[inline(always)]
    fn offset(self) -> usize {
        T::OFFSET
    }
}

/// The register's own place, where its type says which one it is.
impl<T> IoLoc<T> for ()
where
    T: FixedRegister,
{
    type IoType = T::Storage;

    const KNOWN_OFFSET: Option<usize> = Some(T::OFFSET);

    #[inline(always)]
    fn offset(self) -> usize {
        T::OFFSET
    }
}

/// The place that a value is of.
impl<T> IoLoc<T> for T
where
    T: FixedRegister,
{
    type IoType = T::Storage;

    const KNOWN_OFFSET: Option<usize> = Some(T::OFFSET);

    #[inline(always)]
    fn offset(self) -> usize {
        T::OFFSET
    }
}

/// Where one register of an array is: see [`Array`](super::Array).
///
/// # Invariants
///
/// The index is less than `T::SIZE`.
pub struct RegisterArrayLoc<T: RegisterArray>(usize, PhantomData<T>);

impl<T: RegisterArray> RegisterArrayLoc<T> {
    /// The offset of the last one, which there is if this is used.
    const LAST: usize = last_of::<T>(0);

    /// Returns where the register with a constant index is.
    ///
    /// Does not build where the optimiser can't see that there is one.
    #[inline(always)]
    pub fn new(index: usize) -> Self {
        build_assert!(index < T::SIZE, "the array has no such register");
        // INVARIANT: The build has checked it.
        Self(index, PhantomData)
    }

    /// Returns where the register with an index is, or `None` if there is none.
    #[inline(always)]
    pub fn try_new(index: usize) -> Option<Self> {
        if index < T::SIZE {
            // INVARIANT: Just checked.
            Some(Self(index, PhantomData))
        } else {
            None
        }
    }
}

impl<T: RegisterArray> Clone for RegisterArrayLoc<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: RegisterArray> Copy for RegisterArrayLoc<T> {}

impl<T> IoLoc<T> for RegisterArrayLoc<T>
where
    T: RegisterArray,
{
    type IoType = T::Storage;

    #[inline(always)]
    fn offset(self) -> usize {
        const { Self::LAST };
        // For the build to see it where an index was checked far away.
        // SAFETY: This is the type invariant.
        unsafe { hint::assert_unchecked(self.0 < T::SIZE) };
        // `LAST` is not less, so this does not overflow.
        T::OFFSET + self.0 * T::STRIDE
    }
}

/// Where the register of a unit is, or an array of them begins: see [`WithBase`].
pub struct RelativeRegisterLoc<T: WithBase, B: ?Sized>(PhantomData<T>, PhantomData<B>);

impl<T, B> RelativeRegisterLoc<T, B>
where
    T: Register + WithBase,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// The offset of the register, or of the first one.
    const FIRST: usize = sum(B::BASE, T::OFFSET);

    /// Returns where the register of the unit `B` is.
    #[inline(always)]
    #[expect(
        clippy::new_without_default,
        reason = "a location is taken from its register"
    )]
    pub const fn new() -> Self {
        Self(PhantomData, PhantomData)
    }
}

impl<T, B> RelativeRegisterLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// Returns where the register with a constant index is.
    ///
    /// Does not build where the optimiser can't see that there is one.
    #[inline(always)]
    pub fn at(self, index: usize) -> RelativeRegisterArrayLoc<T, B> {
        RelativeRegisterArrayLoc::new(index)
    }

    /// Returns where the register with an index is, or `None` if there is none.
    #[inline(always)]
    pub fn try_at(self, index: usize) -> Option<RelativeRegisterArrayLoc<T, B>> {
        RelativeRegisterArrayLoc::try_new(index)
    }
}

impl<T: WithBase, B: ?Sized> Clone for RelativeRegisterLoc<T, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: WithBase, B: ?Sized> Copy for RelativeRegisterLoc<T, B> {}

impl<T, B> IoLoc<T> for RelativeRegisterLoc<T, B>
where
    T: RelativeRegister,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    type IoType = T::Storage;

    const KNOWN_OFFSET: Option<usize> = Some(Self::FIRST);

    #[inline(always)]
    fn offset(self) -> usize {
        Self::FIRST
    }
}

/// Where one register of an array of a unit is: see [`RelativeRegisterLoc::at`].
///
/// # Examples
///
/// ```
/// use kernel::io::{register, register::{RegisterBase, WithBase}, Io, Mmio};
/// # use kernel::io::testing::Memory;
///
/// /// The family of mailboxes.
/// struct Mailboxes;
///
/// register! {
///     WORD(u32)[2] @ Mailboxes + 0x8 {
///         31:0 value => u32;
///     }
/// }
///
/// struct Modem;
///
/// impl RegisterBase<Mailboxes> for Modem {
///     const BASE: usize = 0x10;
/// }
///
/// fn send<M: RegisterBase<Mailboxes>>(boxes: &Mmio<0x20>, at: usize, word: u32) -> Result {
///     let location = WORD::of::<M>().try_at(at).ok_or(EINVAL)?;
///     boxes.try_write(location, word.into())
/// }
///
/// # let boxes = Memory::<0x20>::new()?;
/// send::<Modem>(&boxes, 1, 7)?;
/// assert_eq!(boxes.read(WORD::of::<Modem>().at(1)).value(), 7);
/// assert_eq!(boxes.read32(0x1c), 7);
/// assert_eq!(send::<Modem>(&boxes, 2, 7), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The index is less than `T::SIZE`.
pub struct RelativeRegisterArrayLoc<
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
>(RegisterArrayLoc<T>, PhantomData<B>);

impl<T, B> RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// The offset of the last one, which there is if this is used.
    const LAST: usize = last_of::<T>(B::BASE);

    /// Returns where the register with a constant index is.
    ///
    /// Does not build where the optimiser can't see that there is one.
    #[inline(always)]
    pub fn new(index: usize) -> Self {
        Self(RegisterArrayLoc::new(index), PhantomData)
    }

    /// Returns where the register with an index is, or `None` if there is none.
    #[inline(always)]
    pub fn try_new(index: usize) -> Option<Self> {
        Some(Self(RegisterArrayLoc::try_new(index)?, PhantomData))
    }
}

impl<T, B> Clone for RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, B> Copy for RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
}

impl<T, B> IoLoc<T> for RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    type IoType = T::Storage;

    #[inline(always)]
    fn offset(self) -> usize {
        const { Self::LAST };
        // `LAST` is not less, so this does not overflow.
        B::BASE + self.0.offset()
    }
}
