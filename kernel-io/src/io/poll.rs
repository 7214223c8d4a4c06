// SPDX-License-Identifier: GPL-2.0

//! Waiting for a device by asking again and again.
//!
//! Where the device can raise an interrupt, wait for that instead.
//!
//! In C: [`iopoll.h`](srctree/include/linux/iopoll.h)

use crate::{
    prelude::*,
    processor::cpu_relax,
    task::might_sleep,
    time::{
        delay::{fsleep, udelay},
        Delta, Instant, Monotonic,
    },
};

/// Calls `op` until `cond` holds for its result, which is returned, and sleeps in between.
///
/// `sleep_delta` is how long at least; zero, or less, keeps the CPU busy, which is for very short times.
/// After `timeout_delta`, which should be several times that, it gives up. **The last call of `op` is
/// never before that time is over**, however long the sleeps took, so a device is not given up that was
/// ready in time. `op` is called at least once, with a timeout that is zero or less, too.
///
/// Must not be called where sleeping isn't allowed, whatever `sleep_delta` is.
///
/// C counterpart: `read_poll_timeout()`, where a timeout of zero means none.
///
/// # Errors
///
/// - `ETIMEDOUT` if the condition did not hold in time.
/// - That of `op`, at once.
///
/// # Examples
///
/// ```
/// use kernel::{io::{poll::read_poll_timeout, Io, Mmio}, time::Delta};
/// # use kernel::io::testing::Memory;
///
/// /// Waits for the device to become ready, and returns its version.
/// fn version(device: &Mmio<4>) -> Result<u32> {
///     let status = read_poll_timeout(
///         || match device.read32(0) {
///             // The device is gone.
///             u32::MAX => Err(ENODEV),
///             status => Ok(status),
///         },
///         |status| status & 1 != 0,
///         Delta::from_micros(10),
///         Delta::from_millis(1),
///     )?;
///     Ok(status >> 16)
/// }
///
/// # let device = Memory::<4>::new()?;
/// assert_eq!(version(&device), Err(ETIMEDOUT));
/// device.write32(0x2_0001, 0);
/// assert_eq!(version(&device), Ok(2));
/// device.write32(u32::MAX, 0);
/// assert_eq!(version(&device), Err(ENODEV));
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
pub fn read_poll_timeout<Op, Cond, T>(
    mut op: Op,
    mut cond: Cond,
    sleep_delta: Delta,
    timeout_delta: Delta,
) -> Result<T>
where
    Op: FnMut() -> Result<T>,
    Cond: FnMut(&T) -> bool,
{
    might_sleep();

    let start = Instant::<Monotonic>::now();
    loop {
        // Before `op`: a thread that is not scheduled for long must not take what it read in time for
        // what there was at the end.
        let last = start.elapsed() >= timeout_delta;
        let value = op()?;
        if cond(&value) {
            return Ok(value);
        }
        if last {
            return Err(ETIMEDOUT);
        }
        fsleep(sleep_delta);
        cpu_relax();
    }
}

/// Calls `op` until `cond` holds for its result, which is returned, at most `retry` times, and keeps the
/// CPU busy for `delay_delta` in between.
///
/// For where sleeping isn't allowed. There is no clock in it, as clocks may be stopped while the system
/// is suspended; the whole takes `retry * delay_delta` and what `op` takes. Keep that short: nothing else
/// runs on this CPU meanwhile. See [`udelay`] on how precise it is.
///
/// C counterpart: `read_poll_timeout_atomic()`.
///
/// # Errors
///
/// - `ETIMEDOUT` if the condition did not hold for any result; with a `retry` of 0 there is none.
/// - That of `op`, at once.
///
/// # Examples
///
/// ```
/// use kernel::{io::{poll::read_poll_timeout_atomic, Io, Mmio}, time::Delta};
/// # use kernel::io::testing::Memory;
///
/// fn wait_until_idle(device: &Mmio<4>) -> Result {
///     let status = || Ok(device.read32(0));
///     let idle = |status: &u32| status & 1 == 0;
///     read_poll_timeout_atomic(status, idle, Delta::from_micros(1), 10)?;
///     Ok(())
/// }
///
/// # let device = Memory::<4>::new()?;
/// assert_eq!(wait_until_idle(&device), Ok(()));
/// device.write32(1, 0);
/// assert_eq!(wait_until_idle(&device), Err(ETIMEDOUT));
/// # Ok::<(), Error>(())
/// ```
pub fn read_poll_timeout_atomic<Op, Cond, T>(
    mut op: Op,
    mut cond: Cond,
    delay_delta: Delta,
    retry: usize,
) -> Result<T>
where
    Op: FnMut() -> Result<T>,
    Cond: FnMut(&T) -> bool,
{
    for left in (0..retry).rev() {
        let value = op()?;
        if cond(&value) {
            return Ok(value);
        }
        if left > 0 {
            udelay(delay_delta);
            cpu_relax();
        }
    }
    Err(ETIMEDOUT)
}
