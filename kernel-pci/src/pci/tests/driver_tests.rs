// SPDX-License-Identifier: GPL-2.0

//! Tests of drivers, and of what they do with a device.

use super::{
    testing::{self as soft, SoftBus},
    *,
};
use crate::{
    device::{testing::RootDevice, Core},
    device_id::IdArray,
    driver,
    io::Io,
    sync::aref::ARef,
    ThisModule,
};

// SAFETY: The pointer is null.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// How many devices were taken, given back, and had their data dropped.
struct Events {
    probed: Atomic<u32>,
    unbound: Atomic<u32>,
    dropped: Atomic<u32>,
}

static EVENTS: Events = Events {
    probed: Atomic::new(0),
    unbound: Atomic::new(0),
    dropped: Atomic::new(0),
};

impl Events {
    fn reset(&self) {
        for event in [&self.probed, &self.unbound, &self.dropped] {
            event.store(0, Relaxed);
        }
    }

    fn seen(&self) -> (u32, u32, u32) {
        (
            self.probed.load(Relaxed),
            self.unbound.load(Relaxed),
            self.dropped.load(Relaxed),
        )
    }
}

/// What a driver here does in `probe`.
type Probe = fn(&Device<Core<'_>>) -> Result;

/// What it keeps.
struct Kept<'bound>(&'bound Device<Bound>);

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        assert_eq!(self.0.device_id(), soft::DEVICE);
        assert_eq!(
            EVENTS.unbound.load(Relaxed),
            EVENTS.dropped.load(Relaxed) + 1
        );
        // It is only disabled after this.
        EVENTS.dropped.add(1, Relaxed);
    }
}

/// Makes a driver for the device of software, of a function: the table says what it does.
macro_rules! tester {
    ($probe:expr) => {{
        struct Tester;

        // What `pci_device_table!` makes is for modules: it has a symbol.
        const TABLE: IdArray<DeviceId, Probe, 1> = IdArray::new([(
            DeviceId::from_id(Vendor::REDHAT, soft::DEVICE as u32),
            $probe as Probe,
        )]);

        impl Driver for Tester {
            type IdInfo = Probe;
            type Data<'bound> = Kept<'bound>;

            const ID_TABLE: IdTable<Probe> = &TABLE;

            fn probe<'bound>(
                pdev: &'bound Device<Core<'_>>,
                probe: &'bound Probe,
            ) -> impl PinInit<Kept<'bound>, Error> + 'bound {
                probe(pdev)?;
                EVENTS.probed.add(1, Relaxed);
                Ok(Kept(pdev))
            }

            fn unbind<'bound>(pdev: &'bound Device<Core<'_>>, this: Pin<&Kept<'bound>>) {
                assert_eq!(pdev.dev_id(), this.0.dev_id());
                EVENTS.unbound.add(1, Relaxed);
            }
        }

        EVENTS.reset();
        let driver = driver::Registration::<Adapter<Tester>>::new(c"rust_pci_tester", &THIS_MODULE);
        KBox::pin_init(driver, GFP_KERNEL)
    }};
}

/// Whether a driver is bound.
fn has_driver(pdev: &Device) -> bool {
    // SAFETY: The structure is initialised, and nobody binds or unbinds meanwhile.
    !unsafe { (*pdev.as_raw()).dev.driver }.is_null()
}

#[crate::macros::kunit_tests(rust_pci)]
mod pci_tests {
    use super::*;

    #[test]
    fn a_driver_takes_a_device_that_comes_and_gives_it_back() -> Result {
        let _driver = tester!(|pdev| {
            assert_eq!(pdev.vendor_id(), Vendor::REDHAT);
            assert_eq!(pdev.vendor_id().as_raw(), soft::VENDOR);
            assert_eq!(pdev.device_id(), soft::DEVICE);
            assert_eq!(pdev.revision_id(), 0x12);
            assert_eq!(pdev.pci_class(), Class::MEMORY_FLASH);
            assert_eq!(pdev.subsystem_vendor_id(), 0x1af4);
            assert_eq!(pdev.subsystem_device_id(), 0x5678);
            assert_eq!(pdev.dev_id(), 0xf400);
            Ok(())
        })?;
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        let bus = SoftBus::new()?;
        assert_eq!(EVENTS.seen(), (1, 0, 0));
        drop(bus);
        assert_eq!(EVENTS.seen(), (1, 1, 1));
        Ok(())
    }

    #[test]
    fn a_driver_may_come_after_its_device_and_go_before_it() -> Result {
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev = unsafe { bus.bound() };
        assert!(!has_driver(pdev));
        for _ in 0..3 {
            let driver = tester!(|_| Ok(()))?;
            assert!(has_driver(pdev));
            assert_eq!(EVENTS.seen(), (1, 0, 0));
            drop(driver);
            assert!(!has_driver(pdev));
            assert_eq!(EVENTS.seen(), (1, 1, 1));
        }
        Ok(())
    }

    #[test]
    fn a_device_that_is_refused_stays_without_a_driver() -> Result {
        let bus = SoftBus::new()?;
        let driver = tester!(|pdev| {
            pdev.enable_device_mem()?;
            pdev.set_master();
            Err(ENXIO)
        })?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev = unsafe { bus.bound() };
        assert!(!has_driver(pdev));
        // What the driver did to the device is undone.
        assert_eq!(soft::command() & bindings::PCI_COMMAND_MASTER, 0);
        drop(driver);
        drop(bus);
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        Ok(())
    }

    #[test]
    fn a_device_is_enabled_while_it_is_bound() -> Result {
        const BOTH: u32 = bindings::PCI_COMMAND_MEMORY | bindings::PCI_COMMAND_MASTER;
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev = unsafe { bus.bound() };
        // SAFETY: The device is there.
        let enabled = || unsafe { (*pdev.as_raw()).enable_cnt.counter };
        for _ in 0..2 {
            let driver = tester!(|pdev| {
                pdev.enable_device_mem()?;
                assert_eq!(soft::command() & BOTH, bindings::PCI_COMMAND_MEMORY);
                pdev.set_master();
                assert_eq!(soft::command() & BOTH, BOTH);
                // Another time is another time.
                pdev.enable_device_mem()
            })?;
            assert!(has_driver(pdev));
            assert_eq!(enabled(), 2);
            drop(driver);
            assert_eq!(enabled(), 0);
            assert_eq!(soft::command() & bindings::PCI_COMMAND_MASTER, 0);
        }
        Ok(())
    }

    #[test]
    fn a_table_without_lines_has_nothing_for_any_device() {
        struct Nothing;
        const EMPTY: IdArray<DeviceId, u32, 0> = IdArray::new([]);
        impl Driver for Nothing {
            type IdInfo = u32;
            type Data<'bound> = ();
            const ID_TABLE: IdTable<u32> = &EMPTY;

            fn probe<'bound>(
                _pdev: &'bound Device<Core<'_>>,
                _info: &'bound u32,
            ) -> impl PinInit<(), Error> + 'bound {
                Ok(())
            }
        }
        // As with `driver_override`.
        let id = DeviceId::from_class(0, 0);
        assert_eq!(Adapter::<Nothing>::id_info(&id).err(), Some(ENODEV));
    }

    #[test]
    fn resources_have_a_start_and_a_length() -> Result {
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev: &Device = unsafe { bus.bound() };
        assert_eq!(
            (pdev.resource_start(0)?, pdev.resource_len(0)?),
            (0xff10_0000, 0x2000)
        );
        assert_eq!(
            (pdev.resource_start(2)?, pdev.resource_len(2)?),
            (0xff10_4000, 0x10)
        );
        if cfg!(CONFIG_HAS_IOPORT) {
            assert_eq!(
                (pdev.resource_start(1)?, pdev.resource_len(1)?),
                (0xf7e0, 0x10)
            );
        }
        for none in 3..6 {
            assert_eq!(pdev.resource_len(none)?, 0);
        }
        for wrong in [
            bindings::PCI_NUM_RESOURCES,
            1000,
            i32::MAX as u32 + 1,
            u32::MAX,
        ] {
            assert_eq!(pdev.resource_start(wrong), Err(EINVAL));
            assert_eq!(pdev.resource_len(wrong), Err(EINVAL));
        }
        Ok(())
    }

    #[test]
    fn bars_that_can_t_be_mapped_are_refused() -> Result {
        let _bus = SoftBus::new()?;
        let driver = tester!(|pdev| {
            // No device has these.
            for wrong in [6, 11, 1000, u32::MAX] {
                assert_eq!(pdev.iomap_region(wrong, c"rust_pci").err(), Some(EINVAL));
            }
            // This one does not have these.
            for missing in 3..6 {
                assert_eq!(pdev.iomap_region(missing, c"rust_pci").err(), Some(ENODEV));
            }
            // I/O ports are not memory.
            assert_eq!(pdev.iomap_region(1, c"rust_pci").err(), Some(ENODEV));
            // Too small, by little and by much.
            let small = pdev.iomap_region_sized::<0x2001>(0, c"rust_pci");
            assert_eq!(small.err(), Some(EINVAL));
            let small = pdev.iomap_region_sized::<0x11>(2, c"rust_pci");
            assert_eq!(small.err(), Some(EINVAL));
            let small = pdev.iomap_region_sized::<{ usize::MAX }>(0, c"rust_pci");
            assert_eq!(small.err(), Some(EINVAL));
            Ok(())
        })?;
        assert_eq!(EVENTS.seen(), (1, 0, 0));
        drop(driver);
        Ok(())
    }

    // User-mode Linux has no memory to map that is not its own.
    #[cfg(not(CONFIG_UML))]
    #[test]
    fn a_bar_is_claimed_until_it_is_dropped() -> Result {
        let _bus = SoftBus::new()?;
        let driver = tester!(|pdev| {
            let first = pdev.iomap_region_sized::<0x2000>(0, c"rust_pci")?;
            assert_eq!(first.maxsize(), 0x2000);
            assert_eq!(pdev.iomap_region(0, c"rust_pci").err(), Some(EBUSY));
            // Another is another. It begins within a page.
            let second = pdev.iomap_region(2, c"rust_pci")?;
            assert_eq!(second.maxsize(), 0x10);
            assert_eq!(second.try_read32(0x10), Err(EINVAL));
            assert_eq!(second.try_read32(0xe), Err(EINVAL));
            drop(first);
            pdev.iomap_region(0, c"rust_pci").map(drop)
        })?;
        assert_eq!(EVENTS.seen(), (1, 0, 0));
        drop(driver);
        Ok(())
    }

    // As above.
    #[cfg(not(CONFIG_UML))]
    #[test]
    fn a_bar_left_to_the_device_goes_with_the_driver() -> Result {
        use crate::sync::Arc;

        /// A BAR that outlives the binding.
        type Outlives = Arc<crate::devres::Devres<Bar<'static, 0x2000>>>;
        static BARS: Atomic<usize> = Atomic::new(0);

        let bus = SoftBus::new()?;
        let driver = tester!(|pdev| {
            let bar = pdev
                .iomap_region_sized::<0x2000>(0, c"rust_pci")?
                .into_devres()?;
            assert!(bar.try_access().is_some());
            assert_eq!(bar.access(pdev.as_ref())?.maxsize(), 0x2000);
            let bar: Outlives = Arc::new(bar, GFP_KERNEL)?;
            BARS.store(Arc::into_raw(bar) as usize, Relaxed);
            Ok(())
        })?;
        // SAFETY: It is the pointer from `into_raw`, taken back once.
        let bar: Outlives = unsafe { Arc::from_raw(BARS.load(Relaxed) as *const _) };
        assert!(bar.try_access().is_some());
        drop(driver);
        assert!(bar.try_access().is_none());
        // It is not claimed any more.
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev = unsafe { bus.bound() };
        pdev.iomap_region(0, c"rust_pci").map(drop)
    }

    #[test]
    fn the_configuration_space_is_read_and_written() -> Result {
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let config = unsafe { bus.bound() }.config_space();
        assert_eq!(config.maxsize(), 256);
        assert_eq!(config.read16(0), soft::VENDOR);
        assert_eq!(config.read16(2), soft::DEVICE);
        assert_eq!(config.read32(0), 0xfff5_1b36);
        assert_eq!(config.read8(8), 0x12);
        assert_eq!(config.read8(0xb), 0x05);

        // Registers of the device's own.
        config.write32(0x1234_5678, 0x40);
        config.write8(0x9a, 0x41);
        config.write16(0xbcde, 0x42);
        assert_eq!(config.read32(0x40), 0xbcde_9a78);
        assert_eq!(config.read8(0x43), 0xbc);
        // The last ones.
        config.try_write32(0x0102_0304, 0xfc)?;
        assert_eq!(config.try_read8(0xff), Ok(1));
        Ok(())
    }

    #[test]
    fn beyond_the_configuration_space_there_is_nothing() -> Result {
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev = unsafe { bus.bound() };
        let config = pdev.config_space();
        for offset in [256, 257, 4095, 4096, usize::MAX - 3, usize::MAX] {
            assert_eq!(config.try_read8(offset), Err(EINVAL));
            assert_eq!(config.try_write8(0, offset), Err(EINVAL));
            assert_eq!(config.try_read32(offset), Err(EINVAL));
        }
        for offset in [1, 2, 3, 0xfd, 0xff] {
            assert_eq!(config.try_read32(offset), Err(EINVAL));
            assert_eq!(config.try_write32(0, offset), Err(EINVAL));
        }
        assert_eq!(config.try_read16(0xff), Err(EINVAL));
        // It is no device of PCI Express.
        assert_eq!(pdev.cfg_size(), ConfigSpaceSize::Normal);
        assert_eq!(pdev.config_space_extended().err(), Some(EINVAL));
        Ok(())
    }

    #[test]
    fn a_device_that_was_pulled_out_reads_as_ones() -> Result {
        let driver = tester!(|pdev| pdev.enable_device_mem())?;
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let config = unsafe { bus.bound() }.config_space();
        soft::pull_out();
        assert_eq!(config.read8(8), u8::MAX);
        assert_eq!(config.read16(0), u16::MAX);
        assert_eq!(config.read32(0x40), u32::MAX);
        config.write32(0, 0x40);
        assert_eq!(config.read32(0x40), u32::MAX);
        // What the PCI core has found stays, and the driver can be unbound.
        // SAFETY: As above.
        assert_eq!(unsafe { bus.bound() }.vendor_id(), Vendor::REDHAT);
        drop(bus);
        assert_eq!(EVENTS.seen(), (1, 1, 1));
        drop(driver);
        Ok(())
    }

    #[test]
    fn a_device_may_be_pulled_out_while_it_is_probed() -> Result {
        let driver = tester!(|pdev| {
            pdev.enable_device_mem()?;
            pdev.set_master();
            assert_eq!(pdev.config_space().read16(0), soft::VENDOR);
            soft::pull_out();
            // What the PCI core knows is not what the device says.
            assert_eq!(pdev.vendor_id(), Vendor::REDHAT);
            match pdev.config_space().read16(0) {
                u16::MAX => Err(ENODEV),
                _ => Ok(()),
            }
        })?;
        for _ in 0..2 {
            let bus = SoftBus::new()?;
            // SAFETY: The bus stays, and nothing relies on a driver.
            let pdev = unsafe { bus.bound() };
            assert!(!has_driver(pdev));
            // SAFETY: The device's structure is there.
            assert_eq!(unsafe { (*pdev.as_raw()).enable_cnt.counter }, 0);
            drop(bus);
            assert_eq!(EVENTS.seen(), (0, 0, 0));
        }
        drop(driver);
        Ok(())
    }

    #[test]
    fn vectors_are_allocated_once_while_a_driver_is_bound() -> Result {
        let _bus = SoftBus::new()?;
        for _ in 0..2 {
            let driver = tester!(|pdev| {
                let line = IrqTypes::default().with(IrqType::Intx);
                // Not a number of vectors.
                for (min, max) in [(0, 0), (0, 1), (2, 1), (u32::MAX, 1)] {
                    assert_eq!(pdev.alloc_irq_vectors(min, max, line).err(), Some(EINVAL));
                }
                // There is one line, and nothing else.
                assert_eq!(pdev.alloc_irq_vectors(2, 2, line).err(), Some(ENOSPC));
                let none = IrqTypes::default();
                assert_eq!(pdev.alloc_irq_vectors(1, 1, none).err(), Some(ENOSPC));
                assert!(pdev
                    .alloc_irq_vectors(1, 1, none.with(IrqType::MsiX))
                    .is_err());

                let vectors = pdev.alloc_irq_vectors(1, 8, IrqTypes::all())?;
                let request: crate::irq::IrqRequest<'_> = (*vectors.start()).try_into()?;
                assert_eq!(request.irq(), 5);
                let last: crate::irq::IrqRequest<'_> = (*vectors.end()).try_into()?;
                assert_eq!(last.irq(), 5);
                assert_eq!(pdev.alloc_irq_vectors(1, 1, line).err(), Some(EBUSY));
                Ok(())
            })?;
            // If anything was wrong, the driver has refused the device.
            assert_eq!(EVENTS.seen(), (1, 0, 0));
            drop(driver);
        }
        Ok(())
    }

    #[test]
    fn a_device_knows_whether_it_is_on_the_bus() -> Result {
        let root = RootDevice::new(c"rust_pci_root")?;
        let other: &device::Device = &root;
        assert_eq!(<&Device>::try_from(other).err(), Some(EINVAL));

        let bus = SoftBus::new()?;
        // SAFETY: The bus stays, and nothing relies on a driver.
        let pdev: &Device = unsafe { bus.bound() };
        let dev: &device::Device = pdev.as_ref();
        assert!(core::ptr::eq(<&Device>::try_from(dev)?, pdev));
        Ok(())
    }

    #[test]
    fn a_device_can_be_kept_when_it_is_gone() -> Result {
        let bus = SoftBus::new()?;
        // SAFETY: The bus stays for as long as this is used.
        let kept = ARef::<Device>::from(unsafe { bus.bound() });
        drop(bus);
        assert_eq!(kept.device_id(), soft::DEVICE);
        assert_eq!(kept.dev_id(), 0xf400);
        assert_eq!(kept.resource_len(0)?, 0x2000);
        Ok(())
    }
}
