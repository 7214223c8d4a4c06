// SPDX-License-Identifier: GPL-2.0

//! Tests of classes, vendors and tables.

use super::*;
use crate::{
    device_id::{IdArray, IdTable as _},
    str::CString,
};

/// What the PCI core makes of a line of a table, for a device that says this about itself.
fn matches(id: DeviceId, vendor: u16, device: u16, class: u32) -> Result<bool> {
    let pdev = KBox::new(Opaque::<bindings::pci_dev>::zeroed(), GFP_KERNEL)?;
    let raw = pdev.get();
    {
        // SAFETY: The allocation is ours, and a device may be all zeroes.
        let pdev = unsafe { &mut *raw };
        pdev.vendor = vendor;
        pdev.device = device;
        pdev.class = class;
        pdev.subsystem_vendor = 0x1111;
        pdev.subsystem_device = 0x2222;
    }
    let table: IdArray<DeviceId, (), 1> = IdArray::new([(id, ())]);
    // SAFETY: The table ends with a line of zeroes, and of the device C only looks at these fields.
    Ok(!unsafe { bindings::pci_match_id(table.as_ptr(), raw) }.is_null())
}

#[crate::macros::kunit_tests(rust_pci_ids)]
mod id_tests {
    use super::*;

    #[test]
    fn classes_have_three_bytes() {
        assert_eq!(Class::NOT_DEFINED.as_raw(), 0);
        assert_eq!(Class::NOT_DEFINED_VGA.as_raw(), 0x00_0100);
        assert_eq!(Class::BRIDGE_HOST.as_raw(), 0x06_0000);
        assert_eq!(Class::BRIDGE_PCI_SUBTRACTIVE.as_raw(), 0x06_0401);
        assert_eq!(Class::SERIAL_USB_XHCI.as_raw(), 0x0c_0330);
        assert_eq!(Class::STORAGE_EXPRESS.as_raw(), 0x01_0802);
        // A base class, and nothing else.
        assert_eq!(Class::OTHERS.as_raw(), 0xff_0000);
    }

    #[test]
    fn classes_and_vendors_are_shown_in_hexadecimal() -> Result {
        let text = CString::try_from_fmt(fmt!("{} {}", Class::BRIDGE_ISA, Vendor::THREECOM))?;
        assert_eq!(text.to_bytes(), b"0x060100 0x10b7");
        let text = CString::try_from_fmt(fmt!("{:?} {:?}", Class::NOT_DEFINED, Vendor::REDHAT))?;
        assert_eq!(text.to_bytes(), b"0x000000 0x1b36");
        Ok(())
    }

    #[test]
    fn of_a_class_the_top_byte_is_dropped() {
        assert_eq!(Class::from_raw(0xab06_0100), Class::BRIDGE_ISA);
        assert!(Class::from_raw(0x06_0101) != Class::BRIDGE_ISA);
    }

    #[test]
    fn a_mask_is_one_of_two() {
        assert_eq!(ClassMask::try_from(0xff_ffff), Ok(ClassMask::Full));
        assert_eq!(ClassMask::try_from(0xff_ff00), Ok(ClassMask::ClassSubclass));
        for mask in [0, 1, 0xff_0000, 0xffff, 0xff_fffe, 0x1ff_ffff, u32::MAX] {
            assert_eq!(ClassMask::try_from(mask), Err(EINVAL));
        }
        for mask in [ClassMask::Full, ClassMask::ClassSubclass] {
            assert_eq!(ClassMask::try_from(mask.as_raw()), Ok(mask));
        }
    }

    #[test]
    fn an_id_matches_its_vendor_and_number() -> Result {
        let id = DeviceId::from_id(Vendor::REDHAT, 5);
        assert!(matches(id, 0x1b36, 5, 0)?);
        assert!(matches(id, 0x1b36, 5, 0xff_ffff)?);
        assert!(!matches(id, 0x1b36, 6, 0)?);
        assert!(!matches(id, 0x1b37, 5, 0)?);
        Ok(())
    }

    #[test]
    fn a_number_of_more_than_16_bits_matches_nothing_but_the_largest() -> Result {
        for number in [0x1_0005, 0xffff_0005, u32::MAX - 1] {
            let id = DeviceId::from_id(Vendor::REDHAT, number);
            assert!(!matches(id, 0x1b36, number as u16, 0)?);
        }
        assert!(matches(
            DeviceId::from_id(Vendor::REDHAT, u32::MAX),
            0x1b36,
            0x1234,
            0
        )?);
        assert!(!matches(
            DeviceId::from_id(Vendor::REDHAT, u32::MAX),
            0x1b37,
            0x1234,
            0
        )?);
        Ok(())
    }

    #[test]
    fn a_class_matches_as_far_as_the_mask_says() -> Result {
        let isa = Class::BRIDGE_ISA.as_raw();
        let full = DeviceId::from_class(isa, ClassMask::Full.as_raw());
        let part = DeviceId::from_class(isa, ClassMask::ClassSubclass.as_raw());
        for id in [full, part] {
            assert!(matches(id, 1, 2, isa)?);
            assert!(!matches(id, 1, 2, Class::BRIDGE_HOST.as_raw())?);
        }
        assert!(!matches(full, 1, 2, isa | 1)?);
        assert!(matches(part, 1, 2, isa | 1)?);
        // No bit matters: anything matches.
        assert!(matches(DeviceId::from_class(0x12_3456, 0), 1, 2, isa)?);
        Ok(())
    }

    #[test]
    fn a_class_of_a_vendor_is_both() -> Result {
        let xhci = Class::SERIAL_USB_XHCI;
        let id = DeviceId::from_class_and_vendor(xhci, ClassMask::Full, Vendor::INTEL);
        assert!(matches(id, 0x8086, 1, 0x0c_0330)?);
        assert!(!matches(id, 0x8086, 1, 0x0c_0320)?);
        assert!(!matches(id, 0x8087, 1, 0x0c_0330)?);
        let id = DeviceId::from_class_and_vendor(xhci, ClassMask::ClassSubclass, Vendor::INTEL);
        assert!(matches(id, 0x8086, 1, 0x0c_0320)?);
        assert!(!matches(id, 0x8086, 1, 0x0c_0420)?);
        assert!(!matches(id, 0x8087, 1, 0x0c_0320)?);
        Ok(())
    }

    #[test]
    fn a_table_has_its_lines_in_order_and_then_zeroes() {
        const TABLE: IdArray<DeviceId, char, 2> = IdArray::new([
            (DeviceId::from_id(Vendor::INTEL, 1), 'a'),
            (DeviceId::from_id(Vendor::AMD, 2), 'b'),
        ]);
        let table = &TABLE;
        // SAFETY: There are two lines, and a third that ends the table.
        let lines = unsafe { core::slice::from_raw_parts(table.as_ptr(), 3) };
        for (i, (vendor, info)) in [(0x8086, 'a'), (0x1022, 'b')].into_iter().enumerate() {
            assert_eq!(lines[i].vendor, vendor);
            assert_eq!(lines[i].driver_data, i);
            assert_eq!(*table.info(i), info);
        }
        let end = lines[2];
        assert_eq!((end.vendor, end.subvendor, end.class_mask), (0, 0, 0));
    }

    #[test]
    fn sets_of_interrupt_types_are_c_s() {
        let set = IrqTypes::default();
        assert_eq!(
            set.with(IrqType::Intx).with(IrqType::Intx),
            set.with(IrqType::Intx)
        );
        assert!(set.with(IrqType::Msi) != set.with(IrqType::MsiX));
        let all = set
            .with(IrqType::MsiX)
            .with(IrqType::Msi)
            .with(IrqType::Intx);
        assert_eq!(all, IrqTypes::all());
    }
}
