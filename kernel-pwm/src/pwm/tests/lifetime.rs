// SPDX-License-Identifier: GPL-2.0

//! Tests of how long a chip is there, and for whom.

use super::*;
use crate::{error::from_err_ptr, types::Opaque};

/// An entry in C's table of which channel is for whom. It is to be there when he asks.
///
/// # Invariants
///
/// The entry is in C's list, until the drop.
struct Lookup(Pin<KBox<Opaque<bindings::pwm_lookup>>>);

impl Lookup {
    /// Says that a channel of the chip of [`PARENT`] is for `consumer`.
    fn new(consumer: &'static CStr, channel: u32) -> Result<Self> {
        let entry = KBox::pin(Opaque::<bindings::pwm_lookup>::zeroed(), GFP_KERNEL)?;
        // SAFETY: Nobody else has it yet, and it is zeroed, which is valid.
        let fields = unsafe { &mut *entry.get() };
        fields.provider = PARENT.as_char_ptr();
        fields.index = channel;
        fields.dev_id = consumer.as_char_ptr();
        // SAFETY: The entry stays where it is until it is removed, and its strings are static.
        unsafe { bindings::pwm_add_table(entry.get(), 1) };
        // INVARIANT: It was put there.
        Ok(Self(entry))
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is in the list.
        unsafe { bindings::pwm_remove_table(self.0.get(), 1) };
    }
}

/// A channel, as C's consumers have it.
///
/// # Invariants
///
/// The pointer is one that `pwm_get` gave.
struct Consumer(*mut bindings::pwm_device);

impl Consumer {
    fn get(dev: &device::Device) -> Result<Self> {
        // SAFETY: The device is valid, and there need be no name.
        let pwm = unsafe { bindings::pwm_get(dev.as_raw(), ptr::null()) };
        // INVARIANT: It is no error.
        Ok(Self(from_err_ptr(pwm)?))
    }

    fn channel(&self) -> &Device {
        // SAFETY: It is one of a chip that is counted while somebody has a channel, and is given back when
        // `self` is no more borrowed.
        unsafe { Device::from_raw(self.0) }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it was got.
        unsafe { bindings::pwm_put(self.0) };
    }
}

/// A driver with a resource that it gets after its chip.
#[pin_data]
struct Late {
    #[pin]
    register: Mutex<Option<Devres<u32>>>,
    log: Arc<Log>,
}

impl PwmOps for Late {
    type WfHw = ();

    fn read_waveform(chip: &Chip<Self>, _pwm: &Device, parent: &device::Device<Bound>) -> Result {
        let register = chip.drvdata().register.lock();
        assert_eq!(*register.as_ref().ok_or(ENOENT)?.access(parent)?, 7);
        Err(EXDEV)
    }
}

/// Reads the chip's waveform when the device takes this back, and counts if the register is gone then.
struct Reader(ARef<Chip<Late>>);

impl Drop for Reader {
    fn drop(&mut self) {
        if channel(&self.0, 0).get_waveform() == Err(ENXIO) {
            self.0.drvdata().log.requests.add(1, Relaxed);
        }
    }
}

#[crate::macros::kunit_tests(rust_pwm)]
mod lifetime_tests {
    use super::*;

    #[test]
    fn a_chip_is_what_it_was_made_as() -> Result {
        let board = Board::new()?;
        let chip = Chip::new(board.device(), 2, Fan::new(&board.log))?;
        assert_eq!(chip.num_channels(), 2);
        assert!(!chip.is_atomic());
        assert!(chip.drvdata().fail().is_ok());
        assert_eq!(chip.device().name(), c"");
        let chip = chip.register()?;
        assert!(chip.device().name().to_bytes().starts_with(b"pwmchip"));
        for number in 0..2 {
            assert_eq!(channel(&chip, number).hwpwm(), number);
            assert!(ptr::eq(channel(&chip, number).chip::<Fan>(), &*chip));
        }
        Ok(())
    }

    #[test]
    fn a_chip_that_is_not_registered_is_dropped() -> Result {
        let board = Board::new()?;
        drop(Chip::new(board.device(), 1, Fan::new(&board.log))?);
        assert_eq!(board.dropped(), 1);
        Ok(())
    }

    #[test]
    fn a_chip_without_channels_is_not_registered() -> Result {
        let board = Board::new()?;
        let chip = Chip::new(board.device(), 0, Fan::new(&board.log))?;
        assert_eq!(chip.register().err(), Some(EINVAL));
        let log = board.log.clone();
        drop(board);
        assert_eq!(log.dropped.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_chip_that_comes_too_late_is_not_registered() -> Result {
        /// Registers a chip when the device takes this back.
        struct TooLate {
            dev: ARef<device::Device>,
            log: Arc<Log>,
        }

        impl Drop for TooLate {
            fn drop(&mut self) {
                // SAFETY: As for a handler whose interrupt is taken back later than this.
                let dev = unsafe { self.dev.as_bound() };
                let chip = Chip::new(dev, 1, Fan::new(&self.log)).and_then(|chip| chip.register());
                if chip.err() == Some(ENXIO) {
                    self.log.requests.add(1, Relaxed);
                }
            }
        }

        let board = Board::new()?;
        let log = board.log.clone();
        let late = TooLate {
            dev: board.faux.as_ref().into(),
            log: log.clone(),
        };
        devres::register(board.device(), late, GFP_KERNEL)?;
        drop(board);
        assert_eq!(log.requests.load(Relaxed), 1);
        assert_eq!(log.dropped.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn data_that_can_t_be_made_are_an_error() -> Result {
        let board = Board::new()?;
        // SAFETY: It returns an error.
        let unmade = unsafe { pin_init::pin_init_from_closure(|_: *mut Fan| Err(EDOM)) };
        assert_eq!(Chip::new(board.device(), 1, unmade).err(), Some(EDOM));
        Ok(())
    }

    #[test]
    fn a_registered_chip_stays_though_nobody_keeps_it() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let raw = chip.as_raw();
        drop(chip);
        assert_eq!(board.dropped(), 0);
        // SAFETY: The chip is registered, and so is counted.
        let chip = unsafe { Chip::<Fan>::from_raw(raw) };
        channel(chip, 0).set_waveform(&Waveform::default(), false)?;
        let log = board.log.clone();
        drop(board);
        assert_eq!(log.dropped.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_chip_that_is_kept_outlives_its_driver() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let log = board.log.clone();
        drop(board);
        assert_eq!(log.dropped.load(Relaxed), 0);
        // Its data are there, and its operations are not called.
        assert!(chip.drvdata().fail().is_ok());
        let pwm = channel(&chip, 0);
        assert_eq!(pwm.get_waveform(), Err(ENODEV));
        assert_eq!(pwm.set_waveform(&Waveform::default(), false), Err(ENODEV));
        let mut wf = Waveform::default();
        assert_eq!(pwm.round_waveform(&mut wf).err(), Some(ENODEV));
        drop(chip);
        assert_eq!(log.dropped.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_consumer_gets_a_channel_and_gives_it_back() -> Result {
        const NAME: &CStr = c"rust_pwm_consumer";
        let board = Board::new()?;
        let chip = board.fan()?;
        let _lookup = Lookup::new(NAME, 1)?;
        let consumer = faux::Registration::new(NAME, None)?;
        let pwm = Consumer::get(consumer.as_ref())?;
        assert_eq!(pwm.channel().hwpwm(), 1);
        assert_eq!(pwm.channel().label(), Some(NAME));
        assert!(ptr::eq(pwm.channel().chip::<Fan>(), &*chip));
        assert_eq!(board.log.requests.load(Relaxed), 1);
        // It is his alone.
        assert_eq!(Consumer::get(consumer.as_ref()).err(), Some(EBUSY));
        drop(pwm);
        assert_eq!(channel(&chip, 1).label(), None);
        drop(Consumer::get(consumer.as_ref())?);
        assert_eq!(board.log.requests.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn a_driver_may_refuse_a_consumer() -> Result {
        const NAME: &CStr = c"rust_pwm_refused";
        let board = Board::new()?;
        let chip = board.fan()?;
        let _lookup = Lookup::new(NAME, 0)?;
        let consumer = faux::Registration::new(NAME, None)?;
        chip.drvdata().failure.store(EACCES.to_errno(), Relaxed);
        assert_eq!(Consumer::get(consumer.as_ref()).err(), Some(EACCES));
        assert_eq!(channel(&chip, 0).label(), None);
        Ok(())
    }

    #[test]
    fn a_consumer_s_channel_outlives_the_driver() -> Result {
        const NAME: &CStr = c"rust_pwm_late";
        let board = Board::new()?;
        // Of the chip, which `pwm_put()` looks at after it has given it up.
        let _dev: ARef<device::Device> = board.fan()?.device().into();
        let _lookup = Lookup::new(NAME, 0)?;
        let consumer = faux::Registration::new(NAME, None)?;
        let pwm = Consumer::get(consumer.as_ref())?;
        let log = board.log.clone();
        drop(board);
        assert_eq!(pwm.channel().get_waveform(), Err(ENODEV));
        // C keeps the chip for him, and not the driver's data, whose code need not stay.
        assert_eq!(log.dropped.load(Relaxed), 1);
        drop(pwm);
        assert_eq!(log.dropped.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn who_keeps_the_device_of_a_chip_does_not_keep_its_data() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let dev: ARef<device::Device> = chip.device().into();
        let again = chip.clone();
        let log = board.log.clone();
        drop(board);
        drop(chip);
        assert_eq!(log.dropped.load(Relaxed), 0);
        assert!(again.drvdata().fail().is_ok());
        drop(again);
        assert_eq!(log.dropped.load(Relaxed), 1);
        // The structure is there for him.
        assert!(dev.name().to_bytes().starts_with(b"pwmchip"));
        Ok(())
    }

    /// What the driver set up after the chip goes before it, and is not to be had then.
    #[test]
    fn a_resource_that_came_after_the_chip_goes_before_it() -> Result {
        let board = Board::new()?;
        let (log, its_log) = (board.log.clone(), board.log.clone());
        let late = try_pin_init!(Late {
            register <- new_mutex!(None),
            log: its_log,
        });
        let chip = Chip::new(board.device(), 1, late)?.register()?;
        let pwm = channel(&chip, 0);
        assert_eq!(pwm.get_waveform(), Err(ENOENT));
        // In the order in which they go: the register, the reader, the chip.
        devres::register(board.device(), Reader(chip.clone()), GFP_KERNEL)?;
        *chip.drvdata().register.lock() = Some(Devres::new(board.device(), 7u32)?);
        assert_eq!(pwm.get_waveform(), Err(EXDEV));
        drop(board);
        assert_eq!(log.requests.load(Relaxed), 1);
        assert_eq!(pwm.get_waveform(), Err(ENODEV));
        Ok(())
    }
}
