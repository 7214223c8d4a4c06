// SPDX-License-Identifier: GPL-2.0

//! What a driver does for its chip, and how C calls it.

use super::{Chip, Device, RoundedWaveform, Waveform};
use crate::{
    bindings,
    device::{self, Bound},
    devres::BoundSection,
    error::{from_result, to_result},
    prelude::*,
};
use core::{marker::PhantomData, mem::size_of};

/// `EOPNOTSUPP`, as C says for a chip without waveforms.
pub(super) fn not_there() -> Error {
    Error::from_errno(-(bindings::EOPNOTSUPP as c_int))
}

/// `ENOSYS`, as C says for a chip that can't measure.
pub(super) fn no_capture() -> Error {
    Error::from_errno(-(bindings::ENOSYS as c_int))
}

/// What a driver does for its chip.
///
/// All are called with the lock of the chip held, one at a time, but for [`request`](Self::request). They
/// may sleep. While they run the driver is bound, to the device that those get who touch the hardware. They
/// must not wait for a driver to be unbound, from whatever device: that waits for them.
///
/// Those that a driver does not write say that there is no such thing, in the way that C's callers expect;
/// and [`request`](Self::request) allows it.
///
/// C counterpart: [`struct pwm_ops`].
///
/// [`struct pwm_ops`]: srctree/include/linux/pwm.h
pub trait PwmOps: 'static + Send + Sync + Sized {
    /// A waveform in the driver's terms: values of registers, for example. C has room for 20 bytes.
    type WfHw: Copy + Default;

    /// Prepares a channel for a consumer, which has just asked for it.
    ///
    /// # Errors
    ///
    /// Any: the consumer gets it instead of the channel.
    fn request(_chip: &Chip<Self>, _pwm: &Device, _parent_dev: &device::Device<Bound>) -> Result {
        Ok(())
    }

    /// Measures a signal at a channel, and waits for that up to `timeout` jiffies.
    ///
    /// # Errors
    ///
    /// `ENOSYS` if the chip can't measure; others are the driver's.
    fn capture(
        _chip: &Chip<Self>,
        _pwm: &Device,
        _result: &mut bindings::pwm_capture,
        _timeout: usize,
        _parent_dev: &device::Device<Bound>,
    ) -> Result {
        Err(no_capture())
    }

    /// Rounds a waveform to one that the hardware can have.
    ///
    /// The longest period that is not longer than that of `wf`; then the longest duty that goes with it,
    /// then the longest offset. If there is none, then the shortest one, and the status says so.
    ///
    /// # Errors
    ///
    /// Any, if the hardware has no waveform that comes near; `EOPNOTSUPP` without this operation.
    fn round_waveform_tohw(
        _chip: &Chip<Self>,
        _pwm: &Device,
        _wf: &Waveform,
    ) -> Result<RoundedWaveform<Self::WfHw>> {
        Err(not_there())
    }

    /// Says which waveform the hardware has with `wfhw`: all zeroes if the channel is switched off.
    ///
    /// # Errors
    ///
    /// Any, if `wfhw` stands for no waveform; `EOPNOTSUPP` without this operation.
    fn round_waveform_fromhw(
        _chip: &Chip<Self>,
        _pwm: &Device,
        _wfhw: &Self::WfHw,
        _wf: &mut Waveform,
    ) -> Result {
        Err(not_there())
    }

    /// Reads the channel's waveform from the hardware.
    ///
    /// # Errors
    ///
    /// Any, if the hardware can't be read; `EOPNOTSUPP` without this operation.
    fn read_waveform(
        _chip: &Chip<Self>,
        _pwm: &Device,
        _parent_dev: &device::Device<Bound>,
    ) -> Result<Self::WfHw> {
        Err(not_there())
    }

    /// Has the hardware put out the waveform that `wfhw` stands for.
    ///
    /// # Errors
    ///
    /// Any, if the hardware can't be written; `EOPNOTSUPP` without this operation.
    fn write_waveform(
        _chip: &Chip<Self>,
        _pwm: &Device,
        _wfhw: &Self::WfHw,
        _parent_dev: &device::Device<Bound>,
    ) -> Result {
        Err(not_there())
    }
}

/// C's table of a driver's operations.
///
/// C counterpart: [`struct pwm_ops`].
///
/// [`struct pwm_ops`]: srctree/include/linux/pwm.h
#[repr(transparent)]
pub struct PwmOpsVTable(bindings::pwm_ops);

// SAFETY: There are pointers to functions in it, and no others.
unsafe impl Send for PwmOpsVTable {}

// SAFETY: There are pointers to functions in it, and no others.
unsafe impl Sync for PwmOpsVTable {}

impl PwmOpsVTable {
    /// As C takes it.
    pub(super) fn as_raw(&self) -> *const bindings::pwm_ops {
        &raw const self.0
    }
}

/// Makes C's table of a driver's operations.
///
/// The operations expect a chip that [`Chip::new`] has made for the same `T`, which uses such a table by
/// itself. A waveform of the driver that is too large for C does not compile.
pub const fn create_pwm_ops<T: PwmOps>() -> PwmOpsVTable {
    const {
        assert!(
            size_of::<T::WfHw>() <= bindings::PWM_WFHWSIZE as usize,
            "C has no room for a `WfHw` of this size"
        );
    }
    let mut ops: bindings::pwm_ops = pin_init::zeroed();
    ops.request = Some(Adapter::<T>::request_callback);
    ops.capture = Some(Adapter::<T>::capture_callback);
    ops.sizeof_wfhw = size_of::<T::WfHw>();
    ops.round_waveform_tohw = Some(Adapter::<T>::round_waveform_tohw_callback);
    ops.round_waveform_fromhw = Some(Adapter::<T>::round_waveform_fromhw_callback);
    ops.read_waveform = Some(Adapter::<T>::read_waveform_callback);
    ops.write_waveform = Some(Adapter::<T>::write_waveform_callback);
    PwmOpsVTable(ops)
}

/// The table for `T`, which is as long as its code.
pub(super) fn table<T: PwmOps>() -> &'static PwmOpsVTable {
    struct Table<T>(PhantomData<T>);

    impl<T: PwmOps> Table<T> {
        const OPS: &'static PwmOpsVTable = &create_pwm_ops::<T>();
    }

    Table::<T>::OPS
}

/// What C calls.
///
/// C has chips, channels and waveforms that are valid for the length of the call. The room for a driver's
/// waveform, `wfhw`, has [`PwmOpsVTable`]'s `sizeof_wfhw` bytes, at any address.
struct Adapter<T>(PhantomData<T>);

impl<T: PwmOps> Adapter<T> {
    /// Calls `f` with the chip and the channel, and returns what C is to have.
    ///
    /// # Safety
    ///
    /// The caller is a callback in the table for `T`, called by C with these arguments.
    unsafe fn call(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        f: impl FnOnce(&Chip<T>, &Device) -> Result<c_int>,
    ) -> c_int {
        // SAFETY: Only `Chip::new` uses the table, so that the chip is one for `T`. It stays for the length
        // of the call.
        let chip = unsafe { Chip::<T>::from_raw(chip) };
        // SAFETY: It is one of the chip's. Who is requesting it, or has, is who calls.
        let pwm = unsafe { Device::from_raw(pwm) };
        from_result(|| f(chip, pwm))
    }

    /// As [`call`](Self::call), for who touches the hardware.
    ///
    /// # Safety
    ///
    /// As there. Also, the chip is registered, and what removes it waits for the callback.
    unsafe fn call_bound(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        f: impl FnOnce(&Chip<T>, &Device, &device::Device<Bound>) -> Result<c_int>,
    ) -> c_int {
        // What the device takes back before the chip stays meanwhile for who got it by the device.
        let _section = BoundSection::enter();
        let call = |chip: &Chip<T>, pwm: &Device| {
            // SAFETY: Removed before the driver is unbound, it is registered.
            let parent = unsafe { chip.bound_parent() };
            f(chip, pwm, parent)
        };
        // SAFETY: The caller is such a callback.
        unsafe { Self::call(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`. C calls it for registered chips, with the lock held under which they
    /// are removed.
    unsafe extern "C" fn request_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device, parent: &device::Device<Bound>| {
            T::request(chip, pwm, parent).map(|()| 0)
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call_bound(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`. C calls it for registered chips, with their lock held.
    unsafe extern "C" fn capture_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        result: *mut bindings::pwm_capture,
        timeout: c_ulong,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device, parent: &device::Device<Bound>| {
            // SAFETY: C has room for the result, that nobody else uses, and it is initialised.
            let result = unsafe { &mut *result };
            T::capture(chip, pwm, result, timeout, parent).map(|()| 0)
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call_bound(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`.
    unsafe extern "C" fn round_waveform_tohw_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wf: *const bindings::pwm_waveform,
        wfhw: *mut c_void,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device| {
            // SAFETY: C has a waveform there.
            let wf = Waveform::from(unsafe { *wf });
            let rounded = T::round_waveform_tohw(chip, pwm, &wf)?;
            to_result(rounded.status)?;
            // SAFETY: There is room for a `WfHw`, which need not be aligned.
            unsafe {
                wfhw.cast::<T::WfHw>()
                    .write_unaligned(rounded.hardware_waveform)
            };
            // C knows of no other values.
            Ok(rounded.status.min(1))
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`.
    unsafe extern "C" fn round_waveform_fromhw_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *const c_void,
        wf: *mut bindings::pwm_waveform,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device| {
            // SAFETY: C has there what one of the other callbacks has written, of this call or of one
            // before it.
            let wfhw = unsafe { wfhw.cast::<T::WfHw>().read_unaligned() };
            let mut waveform = Waveform::default();
            T::round_waveform_fromhw(chip, pwm, &wfhw, &mut waveform)?;
            // SAFETY: C has room for a waveform.
            unsafe { wf.write(waveform.into()) };
            Ok(0)
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`. C calls it for registered chips, with their lock held.
    unsafe extern "C" fn read_waveform_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *mut c_void,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device, parent: &device::Device<Bound>| {
            let read = T::read_waveform(chip, pwm, parent)?;
            // SAFETY: There is room for a `WfHw`, which need not be aligned.
            unsafe { wfhw.cast::<T::WfHw>().write_unaligned(read) };
            Ok(0)
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call_bound(chip, pwm, call) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`. C calls it for registered chips, with their lock held.
    unsafe extern "C" fn write_waveform_callback(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *const c_void,
    ) -> c_int {
        let call = |chip: &Chip<T>, pwm: &Device, parent: &device::Device<Bound>| {
            // SAFETY: C has there what one of the other callbacks has written, of this call or of one
            // before it.
            let wfhw = unsafe { wfhw.cast::<T::WfHw>().read_unaligned() };
            T::write_waveform(chip, pwm, &wfhw, parent).map(|()| 0)
        };
        // SAFETY: This is such a callback.
        unsafe { Self::call_bound(chip, pwm, call) }
    }
}
