// SPDX-License-Identifier: GPL-2.0

//! Devices that no virtual machine has, for drivers that ACPI tables bind: `devices.dts` for machines with
//! firmware.
//!
//! The byte code is that of the ACPI specification, chapter 20. Only what one table needs is here, as no
//! compiler for its language comes with the kernel.

/// The id that the tree's samples of platform drivers name.
const SAMPLE: &str = "LNUXBEEF";

/// Where the device has its registers: an address that QEMU's machine has no use for.
const REGISTERS: u32 = 0xfed8_0000;

/// Says that a package has properties, as a device tree does: `daffd814-6eba-4d8c-8a91-bc9bbf4aa301`.
const PROPERTIES: [u8; 16] = [
    0x14, 0xd8, 0xff, 0xda, 0xba, 0x6e, 0x8c, 0x4d, 0x8a, 0x91, 0xbc, 0x9b, 0xbf, 0x4a, 0xa3, 0x01,
];

/// The table with the devices, for QEMU's `-acpitable file=…`.
pub(crate) fn devices() -> Vec<u8> {
    let mut resources = vec![0x86, 9, 0, 1];
    resources.extend(REGISTERS.to_le_bytes());
    resources.extend(0x1000_u32.to_le_bytes());
    resources.extend([0x79, 0]);

    let property = package(&[string("compatible"), string("sample-debugfs")]);
    let device = [
        name("_HID", &string(SAMPLE)),
        name("_UID", &byte(1)),
        // Present, enabled, shown, and working.
        name("_STA", &byte(0x0f)),
        name("_CRS", &buffer(&resources)),
        name(
            "_DSD",
            &package(&[buffer(&PROPERTIES), package(&[property])]),
        ),
    ];
    let device = sized(
        &[0x5b, 0x82],
        &[b"T432".as_slice(), &device.concat()].concat(),
    );
    table(&sized(&[0x10], &[b"\\_SB_".as_slice(), &device].concat()))
}

/// A secondary system description table with this code.
fn table(code: &[u8]) -> Vec<u8> {
    let length = 36 + u32::try_from(code.len()).expect("a table is small");
    let mut table = b"SSDT".to_vec();
    table.extend(length.to_le_bytes());
    // The revision whose integers have 64 bits, and a place for the checksum.
    table.extend([2, 0]);
    table.extend(b"KCRATE");
    table.extend(b"DEVICES ");
    table.extend(1_u32.to_le_bytes());
    table.extend(b"KCRT");
    table.extend(1_u32.to_le_bytes());
    table.extend(code);
    let sum = table.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    table[9] = sum.wrapping_neg();
    table
}

fn name(of: &str, value: &[u8]) -> Vec<u8> {
    [&[0x08], of.as_bytes(), value].concat()
}

fn string(text: &str) -> Vec<u8> {
    [&[0x0d], text.as_bytes(), &[0]].concat()
}

fn byte(value: u8) -> Vec<u8> {
    vec![0x0a, value]
}

fn buffer(bytes: &[u8]) -> Vec<u8> {
    let length = byte(u8::try_from(bytes.len()).expect("a buffer is small"));
    sized(&[0x11], &[&length, bytes].concat())
}

fn package(elements: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(elements.len()).expect("a package is small");
    sized(&[0x12], &[&[count], elements.concat().as_slice()].concat())
}

/// What begins with `opcode`, and its length, which counts its own bytes too.
fn sized(opcode: &[u8], contents: &[u8]) -> Vec<u8> {
    let mut out = opcode.to_vec();
    let length = contents.len();
    if length < 0x3f {
        out.push(length as u8 + 1);
    } else {
        let length = length + 2;
        assert!(length < 0x1000, "a table is small");
        out.extend([0x40 | (length & 0xf) as u8, (length >> 4) as u8]);
    }
    out.extend(contents);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a length as the specification has it, and returns it with what it is the length of.
    fn contents(code: &[u8]) -> &[u8] {
        let more = usize::from(code[0] >> 6);
        let mut length = usize::from(code[0] & if more == 0 { 0x3f } else { 0x0f });
        for i in 0..more {
            length |= usize::from(code[1 + i]) << (4 + 8 * i);
        }
        assert_eq!(length, code.len(), "the length is that of all there is");
        &code[1 + more..]
    }

    #[test]
    fn the_header_is_right() {
        let table = devices();
        assert_eq!(&table[..4], b"SSDT");
        assert_eq!(table[4..8], (table.len() as u32).to_le_bytes());
        assert_eq!(
            table.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)),
            0
        );
    }

    #[test]
    fn the_device_is_in_its_scope() {
        let table = devices();
        assert_eq!(table[36], 0x10);
        let scope = contents(&table[37..]);
        let device = scope.strip_prefix(b"\\_SB_\x5b\x82").expect("a device");
        let device = contents(device).strip_prefix(b"T432").expect("its name");
        assert!(device.starts_with(b"\x08_HID\x0dLNUXBEEF\0\x08_UID\x0a\x01"));
        let crs = b"\x08_CRS\x11\x11\x0a\x0e\x86\x09\0\x01\0\0\xd8\xfe\0\x10\0\0\x79\0";
        assert!(device.windows(crs.len()).any(|part| part == crs));
        let dsd = b"\x08_DSD\x12";
        let at = device.windows(dsd.len()).position(|part| part == dsd);
        let dsd = contents(&device[at.expect("properties") + dsd.len()..]);
        assert!(dsd.starts_with(&[&[2, 0x11, 19, 0x0a, 16], PROPERTIES.as_slice()].concat()));
        assert!(dsd.ends_with(b"\x02\x0dcompatible\0\x0dsample-debugfs\0"));
    }

    #[test]
    fn lengths_are_right_at_the_edges() {
        for (length, bytes) in [(0, 1), (0x3e, 1), (0x3f, 2), (0x400, 2), (0xffd, 2)] {
            let code = sized(&[0x11], &vec![7; length]);
            assert_eq!(code.len(), 1 + bytes + length);
            assert_eq!(contents(&code[1..]).len(), length);
        }
    }
}
