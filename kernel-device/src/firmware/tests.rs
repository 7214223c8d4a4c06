// SPDX-License-Identifier: GPL-2.0

//! Tests of firmware: of files that are not there, and of some that the tests build in.

use super::*;
use crate::device::testing::RootDevice;

/// A line of C's list of firmware that is built in: `struct builtin_fw`.
#[repr(C)]
struct BuiltIn {
    name: *const u8,
    data: *const u8,
    size: usize,
}

// SAFETY: What it points to is immutable and `'static`.
unsafe impl Sync for BuiltIn {}

static BYTES: [u8; 5] = [0x00, 0xff, b'%', b's', 0x00];

/// What the linker adds to the list. The loader looks here before it looks for files.
#[used]
#[link_section = ".builtin_fw"]
static BUILT_IN: [BuiltIn; 2] = [
    BuiltIn {
        name: c"rust-kunit/bytes.bin".to_bytes_with_nul().as_ptr(),
        data: BYTES.as_ptr(),
        size: BYTES.len(),
    },
    BuiltIn {
        name: c"rust-kunit/empty.bin".to_bytes_with_nul().as_ptr(),
        data: BYTES.as_ptr(),
        size: 0,
    },
];

#[crate::macros::kunit_tests(rust_firmware)]
mod request_tests {
    use super::*;

    fn both(name: &CStr, dev: &Device) -> [Option<Error>; 2] {
        [
            Firmware::request(name, dev).err(),
            Firmware::request_nowarn(name, dev).err(),
        ]
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() -> Result {
        let root = RootDevice::new(c"rust_firmware_none")?;
        assert_eq!(both(c"rust-kunit-none.bin", &root), [Some(ENOENT); 2]);
        assert_eq!(both(c"rust-kunit/none/none.bin", &root), [Some(ENOENT); 2]);
        Ok(())
    }

    #[test]
    fn a_name_has_to_be_one() -> Result {
        let root = RootDevice::new(c"rust_firmware_name")?;
        assert_eq!(both(c"", &root), [Some(EINVAL); 2]);
        for name in [c"..", c"../none.bin", c"a/../none.bin", c"a/.."] {
            assert_eq!(both(name, &root), [Some(EINVAL); 2]);
        }
        // Two dots in a name are nothing special.
        assert_eq!(both(c"none..bin", &root), [Some(ENOENT); 2]);
        Ok(())
    }

    #[test]
    fn a_name_need_not_be_text() -> Result {
        let root = RootDevice::new(c"rust_firmware_bytes")?;
        assert_eq!(
            both(c"rust-kunit-\xff\xfe %s.bin", &root),
            [Some(ENOENT); 2]
        );
        Ok(())
    }

    #[test]
    fn what_is_there_is_had_whole() -> Result {
        let root = RootDevice::new(c"rust_firmware_bytes_there")?;
        for request in [Firmware::request, Firmware::request_nowarn] {
            let firmware = request(c"rust-kunit/bytes.bin", &root)?;
            assert_eq!(firmware.size(), BYTES.len());
            assert_eq!(firmware.data(), BYTES);
        }
        // Its folder is none, nor is what its name begins with.
        assert_eq!(both(c"rust-kunit", &root), [Some(ENOENT); 2]);
        assert_eq!(both(c"rust-kunit/bytes.bi", &root), [Some(ENOENT); 2]);
        Ok(())
    }

    #[test]
    fn it_may_be_empty() -> Result {
        let root = RootDevice::new(c"rust_firmware_empty")?;
        let firmware = Firmware::request(c"rust-kunit/empty.bin", &root)?;
        assert_eq!(firmware.size(), 0);
        assert!(firmware.data().is_empty());
        Ok(())
    }

    #[test]
    fn it_outlives_its_device_and_others_of_its_name() -> Result {
        let root = RootDevice::new(c"rust_firmware_device")?;
        let first = Firmware::request(c"rust-kunit/bytes.bin", &root)?;
        let second = Firmware::request(c"rust-kunit/bytes.bin", &root)?;
        drop(root);
        drop(first);
        assert_eq!(second.data(), BYTES);
        Ok(())
    }

    /// A failed request keeps nothing: neither the device nor its name.
    #[test]
    fn a_failure_leaves_nothing() -> Result {
        for _ in 0..10 {
            let root = RootDevice::new(c"rust_firmware_again")?;
            assert_eq!(both(c"rust-kunit-none.bin", &root), [Some(ENOENT); 2]);
        }
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_firmware_modinfo)]
mod modinfo_tests {
    use super::*;
    use crate::str::CString;

    const fn none<const N: usize>(name: &'static CStr) -> ModInfoBuilder<N> {
        ModInfoBuilder::new(name)
    }

    const fn empty<const N: usize>(name: &'static CStr) -> ModInfoBuilder<N> {
        ModInfoBuilder::new(name).new_entry()
    }

    const fn three<const N: usize>(name: &'static CStr) -> ModInfoBuilder<N> {
        ModInfoBuilder::new(name)
            .new_entry()
            .push("a")
            .new_entry()
            .push("")
            .push("b/")
            .push("c.bin")
            .new_entry()
            .push("\u{e4}")
    }

    /// What the entries of a module of the name `mod` have before them.
    const PREFIX: &str = "mod.";

    #[test]
    fn without_entries_there_is_nothing() {
        const LENGTH: usize = none(c"mod").build_length();
        assert_eq!(LENGTH, 0);
        let info: [u8; 0] = none(c"mod").build();
        assert!(info.is_empty());
    }

    #[test]
    fn an_entry_may_be_empty() -> Result {
        const LENGTH: usize = empty(c"mod").build_length();
        const INFO: [u8; LENGTH] = empty(c"mod").build();
        let expected = CString::try_from_fmt(fmt!("{PREFIX}firmware="))?;
        assert_eq!(INFO[..], *expected.to_bytes_with_nul());
        Ok(())
    }

    #[test]
    fn entries_end_with_a_zero_each() -> Result {
        const LENGTH: usize = three(c"mod").build_length();
        const INFO: [u8; LENGTH] = three(c"mod").build();
        let mut rest = &INFO[..];
        for path in ["a", "b/c.bin", "\u{e4}"] {
            let expected = CString::try_from_fmt(fmt!("{PREFIX}firmware={path}"))?;
            let (entry, after) = rest.split_at(expected.to_bytes_with_nul().len());
            assert_eq!(*entry, *expected.to_bytes_with_nul());
            rest = after;
        }
        assert!(rest.is_empty());
        Ok(())
    }

    #[test]
    fn what_is_loaded_is_not_named() {
        const INFO: [u8; three(c"").build_length()] = three(c"").build();
        assert_eq!(
            INFO[..],
            *"firmware=a\0firmware=b/c.bin\0firmware=\u{e4}\0".as_bytes()
        );
        let empty: [u8; 10] = empty(c"").build();
        assert_eq!(empty, *b"firmware=\0");
    }
}
