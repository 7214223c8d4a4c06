// SPDX-License-Identifier: GPL-2.0

//! Tests of devices, with devices that are in the system.

use super::{testing::RootDevice, *};
use crate::error::to_result;
use core::ptr;

/// The count of a device.
fn count(dev: &Device) -> i32 {
    // SAFETY: The device is alive. Nobody else counts the devices of these tests.
    unsafe { (*dev.as_raw()).kobj.kref.refcount.refs.counter }
}

/// A device with the memory of its own that drivers in C have: its release function frees it.
///
/// `initialise` gets it before it is initialised.
fn own_device(initialise: impl FnOnce(&mut bindings::device)) -> Result<ARef<Device>> {
    /// # Safety
    ///
    /// `dev` is one that `own_device` has made, and nobody uses it any more.
    unsafe extern "C" fn release(dev: *mut bindings::device) {
        // SAFETY: It was leaked below, and now has no users.
        drop(unsafe { KBox::from_raw(dev.cast::<Opaque<bindings::device>>()) });
    }

    let memory = KBox::new(Opaque::<bindings::device>::zeroed(), GFP_KERNEL)?;
    let dev = KBox::into_raw(memory).cast::<bindings::device>();
    // SAFETY: It is allocated and zeroed, which is valid for a `struct device`, and nobody else has it.
    let fields = unsafe { &mut *dev };
    fields.release = Some(release);
    initialise(fields);
    // SAFETY: It is zeroed up to what the callers here set, as it has to be.
    unsafe { bindings::device_initialize(dev) };
    // SAFETY: It is initialised, with a count of one, which becomes that of the `ARef`.
    Ok(unsafe { ARef::from_raw(NonNull::new(dev.cast::<Device>()).ok_or(EINVAL)?) })
}

#[crate::macros::kunit_tests(rust_device)]
mod reference_tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_was_registered_with() -> Result {
        for name in [c"a", c"rust device", c"rust:device-0.1"] {
            assert_eq!(RootDevice::new(name)?.name(), name);
        }
        Ok(())
    }

    /// sysfs has no use for slashes; the device core replaces them.
    #[test]
    fn a_name_has_no_slashes() -> Result {
        assert_eq!(RootDevice::new(c"rust/device")?.name(), c"rust!device");
        Ok(())
    }

    #[test]
    fn a_name_may_be_long() -> Result {
        const NAME: &CStr = c"rust_0123456789012345678901234567890123456789012345678901234567890123456\
                              7890123456789012345678901234567890123456789012345678901234567890123456";
        assert_eq!(RootDevice::new(NAME)?.name(), NAME);
        Ok(())
    }

    #[test]
    fn a_device_may_be_without_a_name() -> Result {
        assert_eq!(own_device(|_| {})?.name(), c"");
        Ok(())
    }

    #[test]
    fn the_initial_name_comes_first() -> Result {
        let dev = own_device(|dev| dev.init_name = c"rust_initial".as_char_ptr())?;
        assert_eq!(dev.name(), c"rust_initial");
        Ok(())
    }

    #[test]
    fn references_are_counted() -> Result {
        let root = RootDevice::new(c"rust_counted")?;
        let at_first = count(&root);

        let one = ARef::from(&*root);
        assert_eq!(count(&root), at_first + 1);
        let two = one.clone();
        assert_eq!(count(&root), at_first + 2);
        drop(one);
        assert_eq!(count(&root), at_first + 1);
        assert!(ptr::eq(&*two, &*root));
        drop(two);
        assert_eq!(count(&root), at_first);
        Ok(())
    }

    #[test]
    fn a_pointer_from_c_is_counted() -> Result {
        let root = RootDevice::new(c"rust_from_c")?;
        let at_first = count(&root);
        // SAFETY: It is registered, so that its count is not zero.
        let dev = unsafe { Device::get_device(root.as_raw()) };
        assert_eq!(count(&root), at_first + 1);
        assert_eq!(dev.as_raw(), root.as_raw());
        drop(dev);
        assert_eq!(count(&root), at_first);
        Ok(())
    }

    #[test]
    fn a_reference_outlives_the_registration() -> Result {
        let root = RootDevice::new(c"rust_gone")?;
        let dev: ARef<Device> = (&*root).into();
        drop(root);
        assert_eq!(dev.name(), c"rust_gone");
        assert_eq!(count(&dev), 1);

        // And the name is free again.
        assert_eq!(RootDevice::new(c"rust_gone")?.name(), dev.name());
        Ok(())
    }

    #[test]
    fn the_last_reference_releases() -> Result {
        let parent = RootDevice::new(c"rust_last")?;
        let at_first = count(&parent);
        let child = own_device(|dev| {
            dev.init_name = c"rust_last_child".as_char_ptr();
            dev.parent = parent.as_raw();
        })?;
        // SAFETY: It is initialised, and not added yet.
        to_result(unsafe { bindings::device_add(child.as_raw()) })?;
        assert!(count(&parent) > at_first);
        // SAFETY: It was added.
        unsafe { bindings::device_del(child.as_raw()) };
        drop(child);
        assert_eq!(count(&parent), at_first);
        Ok(())
    }

    #[test]
    fn a_device_knows_its_parent() -> Result {
        let parent = RootDevice::new(c"rust_parent")?;
        // SAFETY: It is registered, and stays so.
        assert!(unsafe { parent.parent() }.is_none());

        let child = own_device(|dev| {
            dev.init_name = c"rust_child".as_char_ptr();
            dev.parent = parent.as_raw();
        })?;
        // SAFETY: It is initialised, and not added yet.
        to_result(unsafe { bindings::device_add(child.as_raw()) })?;
        // SAFETY: It is added, and stays so until below.
        let found = unsafe { child.parent() };
        assert!(found.is_some_and(|found| ptr::eq(found, &*parent)));
        // SAFETY: It was added.
        unsafe { bindings::device_del(child.as_raw()) };
        Ok(())
    }

    #[test]
    fn contexts_are_the_same_device() -> Result {
        let root = RootDevice::new(c"rust_contexts")?;
        // SAFETY: It is registered; nothing here relies on its lock, or on a driver.
        let internal = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
        let core: &Device<Core<'_>> = internal;
        let bound: &Device<Bound> = core;
        let normal: &Device = bound;
        assert!(ptr::eq(normal, &*root));
        // SAFETY: As above.
        let bound = unsafe { normal.as_bound() };
        assert_eq!(bound.as_raw(), internal.as_raw());
        // Going through `AsRef` keeps the context.
        fn inner<'a, 'b>(dev: &'a impl AsRef<Device<Core<'b>>>) -> &'a Device<Core<'b>> {
            dev.as_ref()
        }
        assert!(ptr::eq(inner(core), core));
        Ok(())
    }

    #[test]
    fn each_context_can_be_kept() -> Result {
        let root = RootDevice::new(c"rust_kept")?;
        let at_first = count(&root);
        // SAFETY: It is registered; nothing here relies on its lock, or on a driver.
        let internal = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
        let core: &Device<Core<'_>> = internal;
        let bound: &Device<Bound> = core;
        let kept: [ARef<Device>; 3] = [internal.into(), core.into(), bound.into()];
        assert_eq!(count(&root), at_first + 3);
        for dev in &kept {
            assert!(ptr::eq(&**dev, &*root));
        }
        drop(kept);
        assert_eq!(count(&root), at_first);
        Ok(())
    }

    #[test]
    fn a_context_costs_nothing() {
        use core::mem::{align_of, size_of};

        assert_eq!(size_of::<Device>(), size_of::<bindings::device>());
        assert_eq!(size_of::<Device<CoreInternal<'_>>>(), size_of::<Device>());
        assert_eq!(align_of::<Device<Bound>>(), align_of::<bindings::device>());
    }
}

#[crate::macros::kunit_tests(rust_device_drvdata)]
mod drvdata_tests {
    use super::*;
    use core::{cell::Cell, marker::PhantomPinned};

    /// Data that count how often they are dropped.
    struct Data<'a> {
        value: u64,
        drops: &'a Cell<u32>,
    }

    impl Drop for Data<'_> {
        fn drop(&mut self) {
            self.drops.set(self.drops.get() + 1);
        }
    }

    /// Data that must not move: they know where they are.
    #[pin_data]
    struct Anchored {
        here: *const Self,
        #[pin]
        _pin: PhantomPinned,
    }

    impl Anchored {
        fn new() -> impl PinInit<Self, Error> {
            try_pin_init!(&this in Self {
                here: this.as_ptr(),
                _pin: PhantomPinned,
            })
        }
    }

    struct Byte {
        value: u8,
    }

    #[derive(Debug, PartialEq)]
    struct Nothing {}

    fn internal(root: &RootDevice) -> &Device<CoreInternal<'_>> {
        // SAFETY: It is registered; no driver and no bus touches its data.
        unsafe { Device::from_raw(root.as_raw()) }
    }

    #[test]
    fn data_live_until_they_are_taken() -> Result {
        let drops = Cell::new(0);
        let root = RootDevice::new(c"rust_data")?;
        let dev = internal(&root);

        let drops_ref = &drops;
        dev.set_drvdata(try_init!(Data {
            value: u64::MAX,
            drops: drops_ref
        }))?;
        for _ in 0..3 {
            // SAFETY: The data are of this type, and stay until below.
            assert_eq!(unsafe { dev.drvdata_borrow::<Data<'_>>() }.value, u64::MAX);
        }
        assert_eq!(drops.get(), 0);

        // SAFETY: As above, and they are no longer borrowed.
        let data = unsafe { dev.drvdata_obtain::<Data<'_>>() };
        assert_eq!(data.as_ref().map(|data| data.value), Some(u64::MAX));
        assert_eq!(drops.get(), 0);
        drop(data);
        assert_eq!(drops.get(), 1);

        // SAFETY: There are none.
        assert!(unsafe { dev.drvdata_obtain::<Data<'_>>() }.is_none());
        Ok(())
    }

    #[test]
    fn data_may_be_set_again() -> Result {
        let root = RootDevice::new(c"rust_data_again")?;
        let dev = internal(&root);
        for value in [0_u8, 1, 255] {
            dev.set_drvdata(try_init!(Byte { value }))?;
            // SAFETY: The data are a `Byte`, and not borrowed.
            let byte = unsafe { dev.drvdata_obtain::<Byte>() };
            assert_eq!(byte.map(|byte| byte.value), Some(value));
        }
        Ok(())
    }

    #[test]
    fn data_that_fail_are_not_stored() -> Result {
        let root = RootDevice::new(c"rust_data_fail")?;
        let dev = internal(&root);
        let drops = Cell::new(0);
        let drops_ref = &drops;
        let failing = try_init!(Data {
            drops: drops_ref,
            value: Err(ENODEV)?
        });
        assert_eq!(dev.set_drvdata(failing), Err(ENODEV));
        // SAFETY: There are none.
        assert!(unsafe { dev.drvdata_obtain::<Data<'_>>() }.is_none());
        assert_eq!(drops.get(), 0);
        Ok(())
    }

    #[test]
    fn data_do_not_move() -> Result {
        let root = RootDevice::new(c"rust_data_pinned")?;
        let dev = internal(&root);
        dev.set_drvdata(Anchored::new())?;
        // SAFETY: The data are of this type, and stay until below.
        let data = unsafe { dev.drvdata_borrow::<Anchored>() };
        assert!(ptr::eq(&*data, data.here));
        // SAFETY: As above, and they are no longer borrowed.
        let data = unsafe { dev.drvdata_obtain::<Anchored>() }.ok_or(ENODEV)?;
        assert!(ptr::eq(&*data, data.here));
        Ok(())
    }

    #[test]
    fn data_go_with_the_device() -> Result {
        let drops = Cell::new(0);
        let drops_ref = &drops;
        let root = RootDevice::new(c"rust_data_left")?;
        internal(&root).set_drvdata(try_init!(Data {
            value: 0,
            drops: drops_ref
        }))?;
        drop(root);
        assert_eq!(drops.get(), 1);
        Ok(())
    }

    /// Some buses release what a driver added to its device in a group, before the device core does.
    #[test]
    fn data_go_before_what_was_added_while_they_were_made() -> Result {
        extern "C" fn release(drops: *mut c_void) {
            // SAFETY: It is the count below.
            let drops = unsafe { &*drops.cast::<Cell<u32>>() };
            // The data were first.
            drops.set(drops.get() * 10);
        }

        let drops = Cell::new(0);
        let root = RootDevice::new(c"rust_data_group")?;
        let dev = internal(&root);
        // SAFETY: The device is initialised.
        let group = unsafe {
            bindings::devres_open_group(
                dev.as_raw(),
                ptr::null_mut(),
                crate::alloc::flags::GFP_KERNEL.as_raw(),
            )
        };
        assert!(!group.is_null());
        let drops_ref = &drops;
        let data = move || -> Result<Data<'_>> {
            // SAFETY: The device is initialised, the count outlives the group.
            to_result(unsafe {
                bindings::__devm_add_action(
                    dev.as_raw(),
                    Some(release),
                    ptr::from_ref(drops_ref).cast_mut().cast(),
                    c"rust_test".as_char_ptr(),
                )
            })?;
            Ok(Data {
                value: 0,
                drops: drops_ref,
            })
        };
        dev.set_drvdata(data())?;
        // SAFETY: The group was opened above.
        unsafe { bindings::devres_close_group(dev.as_raw(), group) };
        assert_eq!(drops.get(), 0);
        // SAFETY: As above.
        unsafe { bindings::devres_release_group(dev.as_raw(), group) };
        assert_eq!(drops.get(), 10);
        // SAFETY: There are none.
        assert!(unsafe { dev.drvdata_obtain::<Data<'_>>() }.is_none());
        // SAFETY: The device is initialised.
        assert!(unsafe { bindings::dev_get_drvdata(dev.as_raw()) }.is_null());
        Ok(())
    }

    #[test]
    fn data_may_be_empty() -> Result {
        let root = RootDevice::new(c"rust_data_empty")?;
        let dev = internal(&root);
        dev.set_drvdata(try_init!(Nothing {}))?;
        // SAFETY: The data are of this type, and stay until below.
        assert_eq!(*unsafe { dev.drvdata_borrow::<Nothing>() }, Nothing {});
        // SAFETY: As above, and they are no longer borrowed.
        assert!(unsafe { dev.drvdata_obtain::<Nothing>() }.is_some());
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_device_print)]
#[cfg(CONFIG_PRINTK)]
mod print_tests {
    use super::*;
    use crate::device::print::header;

    /// How many lines of the log begin with `header`, the one for a level, and end with `text`.
    fn logged(header: &CStr, text: &str) -> usize {
        let level = char::from(header.to_bytes()[1]);
        let mut line = [0; 512];
        let mut iter = bindings::kmsg_dump_iter::default();
        // SAFETY: The iterator is writable.
        unsafe { bindings::kmsg_dump_rewind(&mut iter) };
        let mut found = 0;
        loop {
            let mut length = 0;
            // SAFETY: The iterator is set up, the buffer is as long as is said, and `length` is
            // writable.
            let more = unsafe {
                bindings::kmsg_dump_get_line(
                    &mut iter,
                    true,
                    line.as_mut_ptr(),
                    line.len(),
                    &mut length,
                )
            };
            if !more {
                return found;
            }
            let line = &line[..length];
            let of_level = line.starts_with(&[b'<', level as u8, b'>']);
            found += usize::from(of_level && line.ends_with(text.as_bytes()));
        }
    }

    #[test]
    fn headers_are_those_of_c() {
        for (ours, header) in [
            (header::EMERG, bindings::KERN_EMERG),
            (header::ALERT, bindings::KERN_ALERT),
            (header::CRIT, bindings::KERN_CRIT),
            (header::ERR, bindings::KERN_ERR),
            (header::WARN, bindings::KERN_WARNING),
            (header::NOTICE, bindings::KERN_NOTICE),
            (header::INFO, bindings::KERN_INFO),
            (header::DBG, bindings::KERN_DEBUG),
        ] {
            assert_eq!(ours.to_bytes_with_nul(), header);
        }
    }

    #[test]
    fn each_level_has_its_line() -> Result {
        let root = RootDevice::new(c"rust_print")?;
        let dev: &Device = &root;
        dev_emerg!(dev, "line {}\n", 0);
        dev_alert!(dev, "line {}\n", 1);
        dev_crit!(dev, "line {}\n", 2);
        dev_err!(dev, "line {}\n", 3);
        dev_warn!(dev, "line {}\n", 4);
        dev_notice!(dev, "line {}\n", 5);
        dev_info!(dev, "line {}\n", 6);
        dev_dbg!(dev, "line {}\n", 7);

        assert_eq!(logged(header::EMERG, " rust_print: line 0\n"), 1);
        assert_eq!(logged(header::ALERT, " rust_print: line 1\n"), 1);
        assert_eq!(logged(header::CRIT, " rust_print: line 2\n"), 1);
        assert_eq!(logged(header::ERR, " rust_print: line 3\n"), 1);
        assert_eq!(logged(header::WARN, " rust_print: line 4\n"), 1);
        assert_eq!(logged(header::NOTICE, " rust_print: line 5\n"), 1);
        assert_eq!(logged(header::INFO, " rust_print: line 6\n"), 1);
        let debugging = usize::from(cfg!(debug_assertions));
        assert_eq!(logged(header::DBG, " rust_print: line 7\n"), debugging);
        Ok(())
    }

    #[test]
    fn methods_print_what_fmt_makes() -> Result {
        let root = RootDevice::new(c"rust_print_fmt")?;
        root.pr_err(fmt!("{:>4}|{:#06x}\n", 7, 255));
        assert_eq!(logged(header::ERR, " rust_print_fmt:    7|0x00ff\n"), 1);
        Ok(())
    }

    /// No part of the text is taken for a format string of C's.
    #[test]
    fn percent_signs_are_text() -> Result {
        let root = RootDevice::new(c"rust%s%n")?;
        let text = "%s %n %pA";
        dev_info!(root, "100% {text}\n");
        assert_eq!(logged(header::INFO, " rust%s%n: 100% %s %n %pA\n"), 1);
        Ok(())
    }

    #[test]
    fn all_that_has_a_device_prints() -> Result {
        let root = RootDevice::new(c"rust_print_all")?;
        let counted: ARef<Device> = (&*root).into();
        // SAFETY: It is registered; nothing here relies on its lock, or on a driver.
        let internal = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
        let core: &Device<Core<'_>> = internal;
        let bound: &Device<Bound> = core;

        dev_info!(root, "here\n");
        dev_info!(&root, "here\n");
        dev_info!(counted, "here\n");
        dev_info!(&counted, "here\n");
        dev_info!(internal, "here\n");
        dev_info!(core, "here\n");
        dev_info!(bound, "here\n");
        assert_eq!(logged(header::INFO, " rust_print_all: here\n"), 7);
        Ok(())
    }

    #[test]
    fn arguments_are_evaluated_once() -> Result {
        let root = RootDevice::new(c"rust_print_once")?;
        let (mut devices, mut arguments) = (0, 0);
        let mut dev = || {
            devices += 1;
            &root
        };
        let mut argument = || {
            arguments += 1;
            arguments
        };
        dev_notice!(dev(), "{}\n", argument());
        dev_dbg!(dev(), "{}\n", argument());
        let expected = 1 + u32::from(cfg!(debug_assertions));
        assert_eq!(devices, expected);
        assert_eq!(arguments, expected);
        Ok(())
    }

    #[test]
    fn a_device_without_a_name_can_print() -> Result {
        let dev = own_device(|_| {})?;
        dev_info!(dev, "nameless, but here\n");
        assert_eq!(logged(header::INFO, ": nameless, but here\n"), 1);
        Ok(())
    }

    /// A line is cut at what the log takes; nothing else happens.
    #[test]
    fn a_long_line_is_cut() -> Result {
        let root = RootDevice::new(c"rust_print_long")?;
        dev_info!(root, "{:>5000}\n", "end of the line");
        assert_eq!(logged(header::INFO, "end of the line\n"), 0);
        dev_info!(root, "{:>300}\n", "end of the line");
        assert_eq!(logged(header::INFO, "end of the line\n"), 1);
        Ok(())
    }

    #[test]
    fn a_macro_is_an_expression() -> Result {
        let root = RootDevice::new(c"rust_print_expr")?;
        let result: Result<u32> = Err(EIO);
        let result =
            result.inspect_err(|error| dev_err!(root, "failed with {}\n", error.to_errno()));
        assert_eq!(result, Err(EIO));
        assert_eq!(logged(header::ERR, " rust_print_expr: failed with -5\n"), 1);
        Ok(())
    }
}
