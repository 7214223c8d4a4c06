// SPDX-License-Identifier: GPL-2.0

//! The macro that defines registers.

use super::{
    Array, FixedRegister, Register, RegisterArray, RelativeRegister, RelativeRegisterArray,
    WithBase,
};

/// Checks the shape of an array. Public for the expansion of [`register!`](crate::register!).
#[doc(hidden)]
pub const fn check_array(width: usize, stride: usize) {
    assert!(
        stride >= width,
        "the registers of the array overlap: the stride is less than the size of one"
    );
}

/// Returns the offset of a register. Public for the expansion of [`register!`](crate::register!).
#[doc(hidden)]
pub const fn offset_of<T: FixedRegister + Register<Storage = S>, S>() -> usize {
    T::OFFSET
}

/// Returns the offset of one of an array. Public for the expansion of [`register!`](crate::register!).
#[doc(hidden)]
pub const fn offset_in<T: Array + RegisterArray + Register<Storage = S>, S>(index: usize) -> usize {
    element::<T>(index)
}

/// Returns the offset in a unit. Public for the expansion of [`register!`](crate::register!).
#[doc(hidden)]
pub const fn relative_offset_of<T, S, B>() -> usize
where
    T: RelativeRegister + Register<Storage = S> + WithBase<BaseFamily = B>,
{
    T::OFFSET
}

/// Returns the offset in a unit of one of an array. Public for the expansion of
/// [`register!`](crate::register!).
#[doc(hidden)]
pub const fn relative_offset_in<T, S, B>(index: usize) -> usize
where
    T: RelativeRegisterArray + Register<Storage = S> + WithBase<BaseFamily = B>,
{
    element::<T>(index)
}

/// Returns the offset of one of an array, and ends the build if there is no such one.
const fn element<T: RegisterArray>(index: usize) -> usize {
    assert!(index < T::SIZE, "the array has no such register");
    T::OFFSET + index * T::STRIDE
}

/// Defines registers: where they are, and what their bits mean.
///
/// ```text
/// ATTRIBUTES VISIBILITY NAME(STORAGE) PLACE { FIELDS }
/// ```
///
/// | `PLACE` | defines |
/// | --- | --- |
/// | `@ OFFSET` | a register at that offset of the region |
/// | `[SIZE] @ OFFSET` | so many registers in a row, from that offset on |
/// | `[SIZE, stride = STRIDE] @ OFFSET` | the same, with their beginnings `STRIDE` bytes apart |
/// | `@ Family + OFFSET` | a register of each unit of a family, at that offset of the unit |
/// | `[SIZE] @ Family + OFFSET`, also with a stride | several of each unit |
/// | `=> OTHER` | the same register as `OTHER`, with other fields |
/// | `=> OTHER[INDEX]` | one register of the array `OTHER`, with its own fields |
/// | `=> Family + OTHER`, `=> Family + OTHER[INDEX]` | the same, where `OTHER` is relative |
///
/// Offsets are literals, in bytes; sizes, strides and indexes are constant expressions. Without a stride,
/// the registers of an array are next to each other. `OTHER` may be defined elsewhere.
///
/// The fields are those of [`bitfield!`](crate::bitfield!), and so is the type that is defined: with
/// `zeroed()`, `from_raw()`, `into_raw()`, and for each field `field()`, `with_field()` and so on.
/// `STORAGE` is `u8`, `u16`, `u32` or `u64`, the width of an access to the register. A register has at
/// least those locations that are in the table of the [module](mod@crate::io::register).
///
/// # Examples
///
/// ```
/// use kernel::io::{
///     register,
///     register::{Array, RegisterBase, WithBase},
///     Io,
/// };
/// # use kernel::io::testing::Memory;
///
/// /// The family of channels.
/// pub struct Channels;
///
/// const SCRATCHES: usize = 4;
///
/// register! {
///     /// Turns the device on.
///     pub CONTROL(u16) @ 0x0 {
///         /// Which of its clocks it runs by.
///         5:4 clock;
///         0:0 enable => bool;
///     }
///
///     /// Has no fields of its own.
///     pub SCRATCH(u32)[SCRATCHES] @ 0x10 {}
///
///     /// What the firmware leaves in scratch register 2.
///     pub FIRMWARE_ERROR(u32) => SCRATCH[2] {
///         31:16 code;
///     }
///
///     /// Where a channel reads from.
///     pub SOURCE(u32) @ Channels + 0x8 {
///         31:12 page;
///     }
/// }
///
/// /// The only channel.
/// struct Channel0;
///
/// impl RegisterBase<Channels> for Channel0 {
///     const BASE: usize = 0x20;
/// }
///
/// # let device = Memory::<0x30>::new()?;
/// device.write_reg(CONTROL::zeroed().with_const_clock::<2>().with_enable(true));
/// device.write(SOURCE::of::<Channel0>(), SOURCE::from_raw(0xffff_f000));
/// assert_eq!(device.read16(0), 0x21);
/// assert_eq!(device.read32(0x28), 0xffff_f000);
///
/// device.write(SCRATCH::at(2), 0xbad_0000.into());
/// assert_eq!(device.read(FIRMWARE_ERROR).code(), 0xbad);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! register {
    // What is the same for all of them.
    (@register $name:ident $storage:ty; $offset:expr) => {
        impl $crate::io::register::Register for $name {
            type Storage = $storage;

            const OFFSET: usize = $offset;
        }

        // For the compiler to look at it whether or not the register is used.
        const _: usize = <$name as $crate::io::register::Register>::OFFSET;
    };

    (@fixed $vis:vis $name:ident) => {
        impl $crate::io::register::FixedRegister for $name {}

        #[doc = ::core::concat!("Where [`struct@", ::core::stringify!($name), "`] is.")]
        #[allow(dead_code, non_upper_case_globals)]
        $vis const $name: $crate::io::register::FixedRegisterLoc<$name> =
            $crate::io::register::FixedRegisterLoc::new();
    };

    (@relative $name:ident $base:ident) => {
        impl $crate::io::register::WithBase for $name {
            type BaseFamily = $base;
        }
    };

    (@array $name:ident $storage:ty; $size:expr) => {
        $crate::register! { @array $name $storage; $size, ::core::mem::size_of::<$storage>() }
    };

    (@array $name:ident $storage:ty; $size:expr, $stride:expr) => {
        impl $crate::io::register::RegisterArray for $name {
            const SIZE: usize = $size;
            const STRIDE: usize = $stride;
        }

        const _: () = $crate::io::register::check_array(
            ::core::mem::size_of::<$storage>(),
            <$name as $crate::io::register::RegisterArray>::STRIDE,
        );
    };

    // What depends on where it is.
    (@place $vis:vis $name:ident $storage:ty; [] @ $offset:literal) => {
        $crate::register! { @register $name $storage; $offset }
        $crate::register! { @fixed $vis $name }
    };

    (@place $vis:vis $name:ident $storage:ty; [] @ $base:ident + $offset:literal) => {
        $crate::register! { @register $name $storage; $offset }
        $crate::register! { @relative $name $base }
        impl $crate::io::register::RelativeRegister for $name {}
    };

    (@place $vis:vis $name:ident $storage:ty; [$($array:tt)+] @ $offset:literal) => {
        $crate::register! { @register $name $storage; $offset }
        $crate::register! { @array $name $storage; $($array)+ }
        impl $crate::io::register::Array for $name {}
    };

    (@place $vis:vis $name:ident $storage:ty; [$($array:tt)+] @ $base:ident + $offset:literal) => {
        $crate::register! { @register $name $storage; $offset }
        $crate::register! { @relative $name $base }
        $crate::register! { @array $name $storage; $($array)+ }
        impl $crate::io::register::RelativeRegisterArray for $name {}
    };

    (@place $vis:vis $name:ident $storage:ty; [] => $other:ident) => {
        $crate::register! {
            @register $name $storage; $crate::io::register::offset_of::<$other, $storage>()
        }
        $crate::register! { @fixed $vis $name }
    };

    (@place $vis:vis $name:ident $storage:ty; [] => $other:ident [$index:expr]) => {
        $crate::register! {
            @register $name $storage; $crate::io::register::offset_in::<$other, $storage>($index)
        }
        $crate::register! { @fixed $vis $name }
    };

    (@place $vis:vis $name:ident $storage:ty; [] => $base:ident + $other:ident) => {
        $crate::register! {
            @register $name $storage;
            $crate::io::register::relative_offset_of::<$other, $storage, $base>()
        }
        $crate::register! { @relative $name $base }
        impl $crate::io::register::RelativeRegister for $name {}
    };

    (@place $vis:vis $name:ident $storage:ty; [] => $base:ident + $other:ident [$index:expr]) => {
        $crate::register! {
            @register $name $storage;
            $crate::io::register::relative_offset_in::<$other, $storage, $base>($index)
        }
        $crate::register! { @relative $name $base }
        impl $crate::io::register::RelativeRegister for $name {}
    };

    (@place $vis:vis $name:ident $storage:ty; [$($array:tt)*]) => {
        ::core::compile_error!(::core::concat!(
            "where is `", ::core::stringify!($name), "`? (a register has `@ OFFSET` or `=> OTHER`)"
        ));
    };

    // One after the other.
    ($(
        $(#[$attr:meta])*
        $vis:vis $name:ident ($storage:ty)
        $([$size:expr $(, stride = $stride:expr)?])?
        $(@ $($base:ident +)? $offset:literal)?
        $(=> $first:ident $(+ $second:ident)? $([$index:expr])?)?
        { $($fields:tt)* }
    )*) => {$(
        $crate::bitfield! {
            $(#[$attr])*
            #[allow(dead_code, non_camel_case_types)]
            $vis struct $name($storage) { $($fields)* }
        }

        $crate::register! {
            @place $vis $name $storage;
            [$($size $(, $stride)?)?]
            $(@ $($base +)? $offset)?
            $(=> $first $(+ $second)? $([$index])?)?
        }
    )*};
}
