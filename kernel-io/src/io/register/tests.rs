// SPDX-License-Identifier: GPL-2.0

//! What holds of registers, and each form in which drivers define and use them.

use crate::{
    fmt,
    io::{
        register,
        register::{
            Array, FixedRegisterLoc, LocatedRegister, Register, RegisterArray, RegisterBase,
            WithBase,
        },
        testing::Memory,
        Io, IoCapable, IoKnownSize, IoLoc, Mmio,
    },
    num::Bounded,
    prelude::*,
    str::CString,
};

/// A field that not every number is a value of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
enum Mode {
    Off = 0,
    On = 2,
}

impl TryFrom<Bounded<u32, 2>> for Mode {
    type Error = Error;

    fn try_from(bits: Bounded<u32, 2>) -> Result<Self> {
        match bits.get() {
            0 => Ok(Self::Off),
            2 => Ok(Self::On),
            _ => Err(EINVAL),
        }
    }
}

impl From<Mode> for Bounded<u32, 2> {
    fn from(mode: Mode) -> Self {
        Self::from_expr(mode as u32 & 3)
    }
}

/// A field that every number is a value of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Index(u8);

impl From<Bounded<u8, 8>> for Index {
    fn from(bits: Bounded<u8, 8>) -> Self {
        Self(bits.into())
    }
}

impl From<Index> for Bounded<u8, 8> {
    fn from(index: Index) -> Self {
        index.0.into()
    }
}

mod regs {
    use super::{Index, Mode};
    use crate::io::register;

    pub(super) const COUNTERS: usize = 3;
    const STRIDE: usize = 0x10;

    register! {
        /// All widths there are.
        pub(super) TEST(u8) @ 0x0 {
            7:0 index => Index;
        }

        pub(super) ID(u16) @ 0x2 {
            15:8 vendor;
            7:0 device => u8;
        }

        /// Has all kinds of fields.
        pub(super) CONTROL(u32) @ 0x00000004 {
            /// Documented.
            31:16   threshold => u16;
            9:8     mode ?=> Mode;
            4:1     divider;
            0:0     enable => bool;
        }

        pub(super) ADDRESS(u64) @ 0x8 {
            63:0 all;
        }

        // Another view of the same register.
        pub(super) CONTROL_LOW (u32) => CONTROL {
            15:0    low;
        }
    }

    register! {
        pub(super) SCRATCH(u32)[4] @ 0x10 {}

        /// An alias, on a line of its own.
        pub(super) SCRATCH_LAST_ERROR(u32)
            => SCRATCH[SCRATCHES - 1] {
            7:0    code;
        }

        pub(super) COUNTER(u16)[COUNTERS, stride = STRIDE] @ 0x22 {
            15:0 value => u16;
        }

        pub(super) BYTE(u8)[COUNTERS] @ 0x20 {
            7:0 value;
        }
    }

    const SCRATCHES: usize = 4;

    /// A family of units.
    pub(super) struct Units(());

    /// Another family, of which some of the same types are.
    pub(super) struct Others;

    register! {
        pub(super) STATUS(u32) @ Units + 0x00000004 {
            31:31   ready => bool;
            7:0     code;
        }

        pub(super) PORT(u32)[2, stride = 8] @ Units + 0x00000010 {
            24:24     aincw => bool;
            15:0      offs;
        }

        pub(super) WORD(u32)[3] @ Units + 0x00000020 {
            31:0      data;
        }

        pub(super) STATUS_RAW(u32) => Units + STATUS {
            31:0      all => u32;
        }

        pub(super) WORD_LAST(u32) => Units + WORD[2] {
            15:0      low => u16;
        }

        pub(super) OTHER(u32) @ Others + 0x0 {
            31:0      value => u32;
        }
    }

    register! {}

    pub(super) const END: usize = 0x100;
}

impl regs::CONTROL {
    /// Types of registers can have methods, and use their word.
    fn is_default(self) -> bool {
        self.into_raw() == 0 && self == Self::zeroed()
    }
}

register! {
    LOCAL(u32) @ 0x0 {
        5:4 bits;
    }
}

impl fmt::Display for LOCAL {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "local = 0x{:08x} (bits {})", self.inner, self.bits())
    }
}

struct First;

impl RegisterBase<regs::Units> for First {
    const BASE: usize = 0x40;
}

struct Second;

impl RegisterBase<regs::Units> for Second {
    const BASE: usize = 0x80;
}

impl RegisterBase<regs::Others> for Second {
    const BASE: usize = 0xf0;
}

type Region = Memory<{ regs::END }>;

#[crate::macros::kunit_tests(rust_io_register)]
mod cases {
    use super::*;

    #[test]
    fn fixed_registers_are_read_and_written() -> Result {
        let region = Region::new()?;
        region.write_reg(regs::TEST::zeroed().with_index(Index(0xa5)));
        assert_eq!(region.read8(0), 0xa5);
        assert_eq!(region.read(regs::TEST).index(), Index(0xa5));

        region.write_reg(regs::ID::from_raw(0x1234));
        assert_eq!(region.read(regs::ID).device(), 0x34);
        assert_eq!(region.read(regs::ID).vendor(), 0x12);

        let control = regs::CONTROL::zeroed()
            .with_threshold(0xffff)
            .with_mode(Mode::On)
            .with_const_divider::<9>()
            .with_enable(true);
        region.write(regs::CONTROL, control);
        assert_eq!(region.read32(4), 0xffff_0213);
        let again = region.read(regs::CONTROL);
        assert_eq!(again.mode(), Ok(Mode::On));
        assert_eq!(again.divider(), 9);
        assert!(again.enable() && !again.is_default());
        Ok(())
    }

    #[test]
    fn locations_may_be_left_to_the_type() -> Result {
        let region = Region::new()?;
        region.write((), regs::ID::from_raw(1));
        let id: regs::ID = region.read(());
        assert_eq!(id.device(), 1);
        region.update((), |id: regs::ID| id.with_vendor(2_u8));
        assert_eq!(region.read16(2), 0x0201);
        // The value of a register is a location of it.
        let same: regs::ID = region.read(regs::ID::zeroed());
        assert_eq!(same.into_raw(), 0x0201);

        region.write(Array::at(2), regs::SCRATCH::from_raw(7));
        assert_eq!(region.read32(0x18), 7);
        region.write(
            WithBase::of::<First>(),
            regs::STATUS::zeroed().with_ready(true),
        );
        assert_eq!(region.read32(0x44), 1 << 31);
        region.write(
            WithBase::of::<Second>().at(1),
            regs::WORD::zeroed().with_data(9_u32),
        );
        assert_eq!(region.read32(0xa4), 9);
        Ok(())
    }

    #[test]
    fn each_method_has_a_twin_that_may_fail() -> Result {
        let region = Region::new()?;
        region.try_write_reg(regs::ID::from_raw(5))?;
        assert_eq!(region.try_read(regs::ID)?.into_raw(), 5);
        region.try_write(regs::ID, 6.into())?;
        region.try_update(regs::ID, |id| id.with_device(id.device() + 1))?;
        assert_eq!(region.read16(2), 7);

        // The register begins within, and ends beyond.
        let short = Memory::<0>::with_size(7)?;
        assert_eq!(short.try_read(regs::CONTROL).err(), Some(EINVAL));
        let control = regs::CONTROL::zeroed();
        assert_eq!(short.try_write(regs::CONTROL, control), Err(EINVAL));
        assert_eq!(short.try_write_reg(control), Err(EINVAL));
        let update = short.try_update(regs::CONTROL, |_| unreachable!());
        assert_eq!(update, Err(EINVAL));
        assert!(short.try_read(regs::ID).is_ok());
        Ok(())
    }

    #[test]
    #[cfg(CONFIG_64BIT)]
    fn registers_of_64_bits() -> Result {
        let region = Region::new()?;
        region.write_reg(regs::ADDRESS::zeroed().with_all(u64::MAX - 1));
        assert_eq!(region.read32(8), u32::MAX - 1);
        assert_eq!(region.read32(12), u32::MAX);
        assert_eq!(region.read(regs::ADDRESS).all(), u64::MAX - 1);
        assert_eq!(region.relaxed().read(regs::ADDRESS).all(), u64::MAX - 1);
        Ok(())
    }

    #[test]
    fn updates_change_one_field() -> Result {
        let region = Region::new()?;
        region.write32(0xffff_ffff, 4);
        region.update(regs::CONTROL, |control| control.with_mode(Mode::Off));
        assert_eq!(region.read32(4), 0xffff_fcff);
        region.update(regs::STATUS::of::<Second>(), |status| {
            status.with_const_code::<3>().with_ready(true)
        });
        assert_eq!(region.read32(0x84), 0x8000_0003);
        region.update(regs::SCRATCH::at(0), |word| (word.into_raw() + 1).into());
        assert_eq!(region.read32(0x10), 1);
        Ok(())
    }

    #[test]
    fn arrays_have_their_registers_at_the_stride() -> Result {
        assert_eq!(regs::SCRATCH::SIZE, 4);
        assert_eq!(regs::SCRATCH::STRIDE, 4);
        assert_eq!(regs::COUNTER::SIZE, regs::COUNTERS);
        assert_eq!(regs::COUNTER::STRIDE, 0x10);
        assert_eq!(regs::BYTE::STRIDE, 1);

        let region = Region::new()?;
        region.write(regs::SCRATCH::at(3), regs::SCRATCH::from_raw(1));
        assert_eq!(region.read32(0x1c), 1);
        region.write(regs::COUNTER::at(2), 0xbeef.into());
        assert_eq!(region.read16(0x42), 0xbeef);
        region.write(regs::BYTE::at(1), 3.into());
        assert_eq!(region.read8(0x21), 3);
        Ok(())
    }

    #[test]
    fn indexes_are_checked_up_to_the_end_of_the_array() -> Result {
        let region = Region::new()?;
        for index in 0..regs::COUNTERS {
            let location = regs::COUNTER::try_at(index).ok_or(EINVAL)?;
            assert_eq!(location.offset(), 0x22 + 0x10 * index);
            // Found to be in the region while building, the index being less than the size.
            region.write(location, 1.into());
            assert_eq!(region.try_read16(0x22 + 0x10 * index), Ok(1));

            let location = regs::WORD::of::<First>().try_at(index).ok_or(EINVAL)?;
            assert_eq!(location.offset(), 0x60 + 4 * index);
            region.update(location, |_| 2.into());
            assert_eq!(region.try_read32(0x60 + 4 * index), Ok(2));
        }
        for index in [
            3,
            4,
            0x1000,
            isize::MAX as usize,
            usize::MAX / 16 + 1,
            usize::MAX,
        ] {
            assert!(regs::COUNTER::try_at(index).is_none());
            assert!(regs::WORD::of::<First>().try_at(index).is_none());
        }
        Ok(())
    }

    #[test]
    fn units_have_registers_of_their_own() -> Result {
        /// Takes any unit.
        fn start<U: RegisterBase<regs::Units>>(region: &Mmio<{ regs::END }>, code: u8) {
            region.write(
                WithBase::of::<U>(),
                regs::STATUS::zeroed().with_code(code).with_ready(true),
            );
            region.write(
                WithBase::of::<U>().at(1),
                regs::PORT::zeroed().with_aincw(true).with_offs(code),
            );
        }

        let region = Region::new()?;
        start::<First>(&region, 1);
        start::<Second>(&region, 2);
        assert_eq!(
            (region.read32(0x44), region.read32(0x84)),
            (0x8000_0001, 0x8000_0002)
        );
        assert_eq!(
            (region.read32(0x58), region.read32(0x98)),
            (0x100_0001, 0x100_0002)
        );
        assert_eq!(region.read(regs::STATUS::of::<First>()).code(), 1);
        assert_eq!(region.read(regs::PORT::of::<Second>().at(1)).offs(), 2);
        assert_eq!(region.read(regs::PORT::of::<Second>().at(0)).offs(), 0);

        // A type may be a unit of several families, at different places.
        region.write(regs::OTHER::of::<Second>(), 8.into());
        assert_eq!(region.read32(0xf0), 8);
        Ok(())
    }

    #[test]
    fn aliases_are_at_the_same_place() -> Result {
        let region = Region::new()?;
        region.write32(0xabcd_1234, 4);
        assert_eq!(region.read(regs::CONTROL_LOW).low(), 0x1234);
        assert_eq!(regs::CONTROL_LOW::OFFSET, regs::CONTROL::OFFSET);
        region.write_reg(regs::CONTROL_LOW::zeroed());
        assert!(region.read(regs::CONTROL).is_default());

        region.write(regs::SCRATCH::at(3), 0xff.into());
        assert_eq!(region.read(regs::SCRATCH_LAST_ERROR).code(), 0xff);

        region.write(regs::STATUS_RAW::of::<Second>(), 0x8000_0055.into());
        assert_eq!(region.read(regs::STATUS::of::<Second>()).code(), 0x55);
        region.write(regs::WORD::of::<Second>().at(2), 0x1_0002.into());
        assert_eq!(region.read(regs::WORD_LAST::of::<Second>()).low(), 2);
        Ok(())
    }

    #[test]
    fn registers_can_be_defined_in_a_function() -> Result {
        // As those of PCI's configuration space.
        register! {
            VENDOR_ID(u16) @ 0x0 {
                15:0 vendor_id;
            }

            REVISION_ID(u8) @ 0x8 {
                7:0 revision_id;
            }

            BAR(u32)[6] @ 0x10 {
                31:0 value;
            }
        }

        let region = Region::new()?;
        region.write32(0x1af4, 0);
        region.write8(1, 8);
        region.write32(0xfee0_0000, 0x24);
        assert_eq!(region.read(VENDOR_ID).vendor_id(), 0x1af4);
        assert_eq!(region.read(REVISION_ID).revision_id(), 1);
        assert_eq!(region.read(BAR::at(5)).value(), 0xfee0_0000_u32);
        assert_eq!(region.read(BAR::at(0)).value(), 0);
        Ok(())
    }

    #[test]
    fn words_are_shown_by_their_fields() -> Result {
        let text = CString::try_from_fmt(fmt!("{}", LOCAL::from_raw(0x30)))?;
        assert_eq!(text.to_bytes(), b"local = 0x00000030 (bits 3)");
        let text = CString::try_from_fmt(fmt!("{:?}", LOCAL::from_raw(0x30)))?;
        assert_eq!(text.to_bytes(), b"LOCAL { <raw>: 0x30, bits: Bounded(3) }");
        Ok(())
    }

    #[test]
    fn generic_code_takes_any_register() -> Result {
        /// Clears a register of any region that can be accessed in its width.
        fn clear<R, T>(region: &R)
        where
            T: LocatedRegister<Value = T> + Zeroable,
            R: IoKnownSize + IoCapable<<T::Location as IoLoc<T>>::IoType>,
        {
            region.write_reg(T::zeroed());
        }

        let region = Region::new()?;
        region.write32(u32::MAX, 0);
        clear::<_, regs::ID>(&*region);
        assert_eq!(region.read32(0), 0xffff);
        clear::<_, regs::TEST>(region.relaxed());
        assert_eq!(region.read32(0), 0xff00);

        let location: FixedRegisterLoc<regs::ID> = FixedRegisterLoc::new();
        assert_eq!(location.offset(), regs::ID.offset());
        assert_eq!(region.read(location).into_raw(), 0);
        Ok(())
    }
}
