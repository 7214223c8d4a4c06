// SPDX-License-Identifier: GPL-2.0

//! Tests of chips, through the files that sysfs has for them.

use super::*;
use crate::device::Device;

/// The text of an attribute's file, as user space reads it; `None` without such a file.
fn file(device: NonNull<bindings::soc_device>, name: &CStr) -> Result<Option<CString>> {
    // SAFETY: The device is registered.
    let dev = unsafe { bindings::soc_device_to_device(device.as_ptr()) };
    // SAFETY: The device is registered.
    let directory = unsafe { (*dev).kobj.sd };
    // SAFETY: A registered device has a directory; the name ends with a zero byte.
    let node =
        unsafe { bindings::kernfs_find_and_get_ns(directory, name.as_char_ptr(), ptr::null()) };
    let Some(node) = NonNull::new(node) else {
        return Ok(None);
    };
    // SAFETY: It is the file of an attribute, and that of a device is what sysfs keeps with it.
    let attribute = unsafe { (*node.as_ptr()).priv_ }.cast::<bindings::device_attribute>();
    // SAFETY: The attribute is static.
    let functions = unsafe { (*attribute).__bindgen_anon_1 };
    // SAFETY: `soc.c` has set this one of the two.
    let show = unsafe { functions.show }.ok_or(EIO)?;
    // sysfs has a page for what is shown, at the beginning of one.
    let mut page = KVec::<u8>::with_capacity(crate::page::PAGE_SIZE, GFP_KERNEL)?;
    page.resize(crate::page::PAGE_SIZE, 0, GFP_KERNEL)?;
    // SAFETY: The device is registered, the attribute is its own, and the page is as long.
    let length = unsafe { show(dev, attribute, page.as_mut_ptr()) };
    // SAFETY: The count is ours.
    unsafe { bindings::kernfs_put(node.as_ptr()) };
    let text = page.get(..usize::try_from(length)?).ok_or(EIO)?;
    let line = text.strip_suffix(b"\n").ok_or(EIO)?;
    Ok(Some(CString::try_from_fmt(fmt!(
        "{}",
        crate::str::BStr::from_bytes(line)
    ))?))
}

/// Says whether the file of an attribute has this text, or for `None` is not there.
fn has(chip: &Registration, name: &CStr, text: Option<&CStr>) -> Result<bool> {
    let found = file(chip.device, name)?;
    Ok(match (&found, text) {
        (Some(found), Some(text)) => **found == *text,
        (None, None) => true,
        _ => false,
    })
}

fn none() -> Attributes {
    Attributes {
        machine: None,
        family: None,
        revision: None,
        serial_number: None,
        soc_id: None,
    }
}

fn some(text: &CStr) -> Result<Option<CString>> {
    Ok(Some(CString::try_from(text)?))
}

fn register(attributes: Attributes) -> Result<Pin<KBox<Registration>>> {
    KBox::pin_init(Registration::new(attributes), GFP_KERNEL)
}

/// The name of the chip's device.
fn name(chip: &Registration) -> Result<CString> {
    // SAFETY: By the type invariant it is registered.
    let dev = unsafe { bindings::soc_device_to_device(chip.device.as_ptr()) };
    // SAFETY: As above, for as long as this is used.
    let dev = unsafe { Device::<crate::device::Normal>::from_raw(dev) };
    Ok(CString::try_from(dev.name())?)
}

#[crate::macros::kunit_tests(rust_soc)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_files() -> Result {
        let chip = register(Attributes {
            machine: some(c"My board")?,
            family: some(c"ACME")?,
            revision: some(c"1.2")?,
            serial_number: some(c"12345")?,
            soc_id: some(c"ACME15")?,
        })?;
        assert!(has(&chip, c"machine", Some(c"My board"))?);
        assert!(has(&chip, c"family", Some(c"ACME"))?);
        assert!(has(&chip, c"revision", Some(c"1.2"))?);
        assert!(has(&chip, c"serial_number", Some(c"12345"))?);
        assert!(has(&chip, c"soc_id", Some(c"ACME15"))?);
        assert!(has(&chip, c"rust_none", None)?);
        Ok(())
    }

    /// But for the board, whose name the device tree may have.
    #[test]
    fn what_is_not_known_has_no_file() -> Result {
        let chip = register(none())?;
        for name in [c"family", c"revision", c"serial_number", c"soc_id"] {
            assert!(has(&chip, name, None)?);
        }
        let chip = register(Attributes {
            soc_id: some(c"7")?,
            ..none()
        })?;
        for name in [c"family", c"revision", c"serial_number"] {
            assert!(has(&chip, name, None)?);
        }
        assert!(has(&chip, c"soc_id", Some(c"7"))?);
        Ok(())
    }

    #[test]
    fn text_may_be_empty_or_look_like_a_format() -> Result {
        let chip = register(Attributes {
            family: some(c"")?,
            revision: some(c"%s%n%pA")?,
            ..none()
        })?;
        assert!(has(&chip, c"family", Some(c""))?);
        assert!(has(&chip, c"revision", Some(c"%s%n%pA"))?);
        Ok(())
    }

    /// What is shown is cut at a page, in which the end of the line and a zero have to be.
    #[test]
    fn long_text_does_not_overrun() -> Result {
        let mut long = KVec::new();
        long.resize(2 * crate::page::PAGE_SIZE, b'x', GFP_KERNEL)?;
        let text = crate::str::BStr::from_bytes(&long);
        let text = CString::try_from_fmt(fmt!("{text}"))?;
        let chip = register(Attributes {
            soc_id: Some(text),
            ..none()
        })?;
        // Cut before the end of the line.
        assert_eq!(file(chip.device, c"soc_id").err(), Some(EIO));
        Ok(())
    }

    #[test]
    fn chips_have_names_of_their_own() -> Result {
        let one = register(none())?;
        let two = register(none())?;
        assert!(*name(&one)? != *name(&two)?);
        assert!(name(&one)?.to_bytes().starts_with(b"soc"));
        Ok(())
    }

    #[test]
    fn a_name_is_free_after_its_chip() -> Result {
        let chip = register(none())?;
        let first = name(&chip)?;
        drop(chip);
        let chip = register(Attributes {
            family: some(c"again")?,
            ..none()
        })?;
        assert!(*name(&chip)? == *first);
        assert!(has(&chip, c"family", Some(c"again"))?);
        Ok(())
    }

    /// Somebody may hold the device for longer than it is registered.
    #[test]
    fn the_device_may_outlive_its_attributes() -> Result {
        let chip = register(Attributes {
            family: some(c"gone")?,
            ..none()
        })?;
        let first = name(&chip)?;
        // SAFETY: By the type invariant it is registered.
        let dev = unsafe { bindings::soc_device_to_device(chip.device.as_ptr()) };
        // SAFETY: It is registered, so that its count is not zero.
        let dev = unsafe { Device::get_device(dev) };
        drop(chip);
        assert_eq!(dev.name(), &*first);
        // Its number is taken for as long as it is there.
        let chip = register(none())?;
        assert!(*name(&chip)? != *first);
        Ok(())
    }
}
