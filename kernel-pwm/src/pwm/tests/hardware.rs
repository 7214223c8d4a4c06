// SPDX-License-Identifier: GPL-2.0

//! Tests of what reaches the hardware, and what comes back.

use super::*;

fn waveform(period: u64, duty: u64, offset: u64) -> Waveform {
    Waveform {
        period_length_ns: period,
        duty_length_ns: duty,
        duty_offset_ns: offset,
    }
}

/// C's operations of a chip.
fn table_of<T: PwmOps>(chip: &Chip<T>) -> &bindings::pwm_ops {
    // SAFETY: The chip is valid.
    let ops = unsafe { (*chip.as_raw()).ops };
    // SAFETY: The table is there for as long as the chip.
    unsafe { &*ops }
}

#[crate::macros::kunit_tests(rust_pwm_hardware)]
mod hardware_tests {
    use super::*;

    #[test]
    fn a_waveform_reaches_its_channel() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        channel(&chip, 1).set_waveform(&waveform(1_000, 300, 50), true)?;
        let expected = Cycles {
            period: 100,
            duty: 30,
            offset: 5,
            on: true,
        };
        assert_eq!(
            *chip.drvdata().channels.lock(),
            [Cycles::default(), expected]
        );
        assert_eq!(channel(&chip, 1).get_waveform()?, waveform(1_000, 300, 50));
        assert_eq!(channel(&chip, 0).get_waveform()?, Waveform::default());
        Ok(())
    }

    #[test]
    fn a_channel_is_switched_off_by_a_waveform_of_zeroes() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        channel(&chip, 0).set_waveform(&waveform(1_000, 300, 0), true)?;
        channel(&chip, 0).set_waveform(&Waveform::default(), true)?;
        assert_eq!(chip.drvdata().channels.lock()[0], Cycles::default());
        Ok(())
    }

    #[test]
    fn a_waveform_is_rounded_unless_it_is_to_be_exact() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let odd = waveform(1_009, 305, 0);
        assert_eq!(channel(&chip, 0).set_waveform(&odd, true), Err(EDOM));
        assert_eq!(chip.drvdata().channels.lock()[0], Cycles::default());
        channel(&chip, 0).set_waveform(&odd, false)?;
        assert_eq!(channel(&chip, 0).get_waveform()?, waveform(1_000, 300, 0));
        Ok(())
    }

    #[test]
    fn rounding_says_in_which_direction() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let mut wf = waveform(1_009, 305, 0);
        let outcome = channel(&chip, 0).round_waveform(&mut wf)?;
        assert_eq!(outcome, RoundingOutcome::ExactOrRoundedDown);
        assert_eq!(wf, waveform(1_000, 300, 0));
        let mut short = waveform(9, 5, 0);
        let outcome = channel(&chip, 0).round_waveform(&mut short)?;
        assert_eq!(outcome, RoundingOutcome::RoundedUp);
        assert_eq!(short, waveform(CYCLE, 0, 0));
        // Nothing was written.
        assert_eq!(chip.drvdata().channels.lock()[0], Cycles::default());
        // What had to be rounded up is set, unless it is to be exact.
        channel(&chip, 0).set_waveform(&waveform(9, 5, 0), false)?;
        assert_eq!(channel(&chip, 0).get_waveform()?, waveform(CYCLE, 0, 0));
        assert_eq!(
            channel(&chip, 0).set_waveform(&waveform(9, 5, 0), true),
            Err(EDOM)
        );
        Ok(())
    }

    #[test]
    fn a_waveform_that_is_none_does_not_reach_the_driver() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        for none in [
            waveform(u64::MAX, 0, 0),
            waveform(1 << 63, 10, 0),
            waveform(1_000, 1_001, 0),
            waveform(1_000, 0, 1_000),
            waveform(0, 1, 0),
            waveform(0, 0, 1),
        ] {
            let mut rounded = none;
            let pwm = channel(&chip, 0);
            assert_eq!(pwm.set_waveform(&none, false), Err(EINVAL));
            assert_eq!(pwm.round_waveform(&mut rounded).err(), Some(EINVAL));
            assert_eq!(rounded, none);
        }
        assert_eq!(chip.drvdata().channels.lock()[0], Cycles::default());
        Ok(())
    }

    #[test]
    fn the_longest_waveform_is_one() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let longest = waveform(i64::MAX as u64, i64::MAX as u64, 0);
        channel(&chip, 0).set_waveform(&longest, false)?;
        let most = u64::from(u32::MAX) * CYCLE;
        assert_eq!(channel(&chip, 0).get_waveform()?, waveform(most, most, 0));
        Ok(())
    }

    #[test]
    fn a_failure_of_the_driver_is_passed_on() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let wf = waveform(1_000, 500, 0);
        let pwm = channel(&chip, 0);
        chip.drvdata().failure.store(EIO.to_errno(), Relaxed);
        assert_eq!(pwm.set_waveform(&wf, false), Err(EIO));
        assert_eq!(pwm.get_waveform(), Err(EIO));
        let mut rounded = wf;
        assert_eq!(pwm.round_waveform(&mut rounded).err(), Some(EIO));
        assert_eq!(rounded, wf);
        chip.drvdata().failure.store(0, Relaxed);
        assert_eq!(chip.drvdata().channels.lock()[0], Cycles::default());
        Ok(())
    }

    #[test]
    fn a_signal_is_measured() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let capture = table_of(&chip).capture.ok_or(EINVAL)?;
        let mut result: bindings::pwm_capture = pin_init::zeroed();
        let pwm = channel(&chip, 1).as_raw();
        // SAFETY: It is one of the chip's operations, which is registered, and nobody removes it; the
        // channel is its own.
        let outcome = unsafe { capture(chip.as_raw(), pwm, &raw mut result, 25) };
        assert_eq!(outcome, 0);
        assert_eq!((result.period, result.duty_cycle), (25, 1));
        assert_eq!(board.log.captures.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn operations_that_nobody_has_written_are_not_there() -> Result {
        let board = Board::new()?;
        let chip = Chip::new(board.device(), 1, Ok(Nothing))?.register()?;
        let pwm = channel(&chip, 0);
        let mut wf = waveform(1_000, 500, 0);
        assert_eq!(pwm.get_waveform(), Err(operations::not_there()));
        assert_eq!(pwm.set_waveform(&wf, false), Err(operations::not_there()));
        assert_eq!(
            pwm.round_waveform(&mut wf).err(),
            Some(operations::not_there())
        );
        let capture = table_of(&chip).capture.ok_or(EINVAL)?;
        let mut result: bindings::pwm_capture = pin_init::zeroed();
        // SAFETY: It is one of the chip's operations, which is registered, and nobody removes it; the
        // channel is its own.
        let outcome = unsafe { capture(chip.as_raw(), pwm.as_raw(), &raw mut result, 1) };
        assert_eq!(to_result(outcome), Err(operations::no_capture()));
        let request = table_of(&chip).request.ok_or(EINVAL)?;
        // SAFETY: As above.
        assert_eq!(unsafe { request(chip.as_raw(), pwm.as_raw()) }, 0);
        Ok(())
    }

    #[test]
    fn the_hardware_s_waveform_may_lie_at_any_address() -> Result {
        let board = Board::new()?;
        let chip = board.fan()?;
        let ops = table_of(&chip);
        assert_eq!(ops.sizeof_wfhw, size_of::<Cycles>());
        let to_hardware = ops.round_waveform_tohw.ok_or(EINVAL)?;
        let from_hardware = ops.round_waveform_fromhw.ok_or(EINVAL)?;
        let pwm = channel(&chip, 0).as_raw();
        for at in 0..4 {
            let mut room = [0u8; size_of::<Cycles>() + 4];
            let wfhw: *mut c_void = room[at..].as_mut_ptr().cast();
            let wf = bindings::pwm_waveform::from(waveform(1_000, 500, 20));
            // SAFETY: It is one of the chip's operations; the channel is its own, and there is room.
            let outcome = unsafe { to_hardware(chip.as_raw(), pwm, &raw const wf, wfhw) };
            assert_eq!(outcome, 0);
            let mut back = bindings::pwm_waveform::from(Waveform::default());
            // SAFETY: As above, and the other one has written there.
            let outcome = unsafe { from_hardware(chip.as_raw(), pwm, wfhw, &raw mut back) };
            assert_eq!(outcome, 0);
            assert_eq!(Waveform::from(back), waveform(1_000, 500, 20));
        }
        Ok(())
    }
}
