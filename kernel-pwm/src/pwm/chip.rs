// SPDX-License-Identifier: GPL-2.0

//! Chips.

use super::{
    operations::{self, PwmOpsVTable},
    PwmOps,
};
use crate::{
    bindings,
    device::{self, Bound},
    devres,
    error::{from_err_ptr, to_result},
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        Refcount,
    },
    types::Opaque,
};
use core::{
    any::TypeId,
    marker::PhantomData,
    ops::Deref,
    ptr::{self, NonNull},
};

/// What C keeps as the data of a chip: that of the driver, and which type that is of.
///
/// It is counted on its own. C may count the chip for longer, as anybody may who has got at its device,
/// and longer than the module is there that knows how to drop the driver's data.
#[pin_data]
#[repr(C)]
struct Data<T> {
    type_id: TypeId,
    users: Refcount,
    #[pin]
    driver: T,
}

/// A chip that has PWM channels, with the data of its driver, which are of type `T`.
///
/// A driver makes one with [`Chip::new`], and registers it. Who has an [`ARef`] of it can look at the
/// driver's data even after the driver was unbound; but nobody calls the driver's operations then.
///
/// C counterpart: [`struct pwm_chip`].
///
/// # Examples
///
/// A chip with one channel, and hardware that is made of memory:
///
/// ```
/// use kernel::{
///     device::{self, Bound},
///     new_mutex, pwm,
///     sync::Mutex,
/// };
///
/// #[pin_data]
/// struct Lamp {
///     /// Of a thousand, for how many it is on.
///     #[pin]
///     level: Mutex<u16>,
/// }
///
/// const PERIOD: u64 = 1_000_000;
///
/// impl pwm::PwmOps for Lamp {
///     type WfHw = u16;
///
///     fn round_waveform_tohw(
///         _chip: &pwm::Chip<Self>,
///         _pwm: &pwm::Device,
///         wf: &pwm::Waveform,
///     ) -> Result<pwm::RoundedWaveform<u16>> {
///         let level = (wf.duty_length_ns.min(PERIOD) / 1_000) as u16;
///         Ok(pwm::RoundedWaveform {
///             status: (0 < wf.period_length_ns && wf.period_length_ns < PERIOD).into(),
///             hardware_waveform: level,
///         })
///     }
///
///     fn round_waveform_fromhw(
///         _chip: &pwm::Chip<Self>,
///         _pwm: &pwm::Device,
///         level: &u16,
///         wf: &mut pwm::Waveform,
///     ) -> Result {
///         wf.period_length_ns = PERIOD;
///         wf.duty_length_ns = u64::from(*level) * 1_000;
///         Ok(())
///     }
///
///     fn write_waveform(
///         chip: &pwm::Chip<Self>,
///         _pwm: &pwm::Device,
///         level: &u16,
///         _parent: &device::Device<Bound>,
///     ) -> Result {
///         *chip.drvdata().level.lock() = *level;
///         Ok(())
///     }
/// }
///
/// fn probe(dev: &device::Device<Bound>) -> Result {
///     let lamp = try_pin_init!(Lamp { level <- new_mutex!(0) });
///     let chip = pwm::Chip::new(dev, 1, lamp)?.register()?;
///     assert_eq!(chip.num_channels(), 1);
///     assert_eq!(*chip.drvdata().level.lock(), 0);
///     Ok(())
/// }
///
/// # let faux = kernel::faux::Registration::new(c"rust_doc_lamp", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # probe(unsafe { faux.as_ref().as_bound() })?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - [`Chip::new`] has made it for this `T`: it has the table for `T`, and a boxed `Data<T>` as its data.
/// - The count in the data is not zero. As long as that is so, they have one of C's counts.
///
/// [`struct pwm_chip`]: srctree/include/linux/pwm.h
#[repr(transparent)]
pub struct Chip<T: PwmOps>(Opaque<bindings::pwm_chip>, PhantomData<T>);

impl<T: PwmOps> Chip<T> {
    /// Makes a chip with `num_channels` channels, for a device.
    ///
    /// # Errors
    ///
    /// - `ENOMEM` without memory.
    /// - Those of `data`.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a chip is counted, and is to be registered first"
    )]
    pub fn new<'a>(
        parent_dev: &'a device::Device<Bound>,
        num_channels: u32,
        data: impl PinInit<T, Error>,
    ) -> Result<UnregisteredChip<'a, T>> {
        let data = KBox::pin_init(
            try_pin_init!(Data {
                type_id: TypeId::of::<T>(),
                users: Refcount::new(1),
                driver <- data,
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: The device is initialised, by its type invariant, and there need be no data of C's.
        let chip = unsafe { bindings::pwmchip_alloc(parent_dev.as_raw(), num_channels, 0) };
        let chip = from_err_ptr(chip)?;
        // SAFETY: C does not move it, and `dec_ref` pins it again.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
        // SAFETY: The chip is valid, and nobody else has it yet.
        unsafe { bindings::pwmchip_set_drvdata(chip, data.cast()) };
        // SAFETY: As above.
        unsafe { (*chip).ops = operations::table::<T>().as_raw() };
        // SAFETY: It is not null, as it is no error.
        let chip = unsafe { NonNull::new_unchecked(chip.cast::<Self>()) };
        // INVARIANT: Table and data are those for `T`. Both counts are one, and C's is that of the data.
        // SAFETY: That becomes the one of the `ARef`.
        let chip = unsafe { ARef::from_raw(chip) };
        Ok(UnregisteredChip { chip, parent_dev })
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, what the type invariants say is true of it.
    pub(super) unsafe fn from_raw<'a>(chip: *mut bindings::pwm_chip) -> &'a Self {
        // SAFETY: `Chip` is a transparent wrapper of `struct pwm_chip`, and the caller says that it is
        // valid for so long.
        unsafe { &*chip.cast() }
    }

    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::pwm_chip {
        self.0.get()
    }

    /// Whether a chip is one for `T`.
    ///
    /// # Safety
    ///
    /// [`Chip::new`] has made it, for whatever type, and it has its data.
    pub(super) unsafe fn is_type_of(chip: *mut bindings::pwm_chip) -> bool {
        // SAFETY: The chip is valid, as the caller says.
        let data = unsafe { bindings::pwmchip_get_drvdata(chip) };
        // SAFETY: The data is a `Data` of some type, which begins with this whatever type that is: it is
        // laid out as in C.
        let type_id = unsafe { *data.cast::<TypeId>() };
        type_id == TypeId::of::<T>()
    }

    /// The number of channels.
    pub fn num_channels(&self) -> u32 {
        // SAFETY: By the type invariants it is valid, and the number does not change.
        unsafe { (*self.as_raw()).npwm }
    }

    /// Whether the operations are called in atomic context. They are not, for chips that are made here.
    pub fn is_atomic(&self) -> bool {
        // SAFETY: By the type invariants it is valid, and nobody changes it.
        unsafe { (*self.as_raw()).atomic }
    }

    /// The device that stands for the chip in sysfs, and that is a child of the driver's.
    pub fn device(&self) -> &device::Device {
        // SAFETY: By the type invariants it is valid.
        let dev = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: It is initialised, and has C's count of the chip. C's function for its release may be
        // called from any thread.
        unsafe { device::Device::from_raw(dev) }
    }

    fn data(&self) -> &Data<T> {
        // SAFETY: By the type invariants it is valid.
        let data = unsafe { bindings::pwmchip_get_drvdata(self.as_raw()) };
        // SAFETY: By the type invariants it is this, and stays for as long as `self`.
        unsafe { &*data.cast() }
    }

    /// The driver's data.
    pub fn drvdata(&self) -> &T {
        &self.data().driver
    }

    /// The device that the chip was made for, whose driver is bound.
    ///
    /// # Safety
    ///
    /// The chip is registered, and is not removed while the result is borrowed.
    pub(super) unsafe fn bound_parent(&self) -> &device::Device<Bound> {
        // SAFETY: By the type invariants it is valid.
        let parent = unsafe { bindings::pwmchip_parent(self.as_raw()) };
        // SAFETY: It is what `new` got. A registered chip has a count of it, and devres removes the chip
        // before the driver is unbound.
        unsafe { device::Device::from_raw(parent) }
    }
}

// SAFETY: The count in the data keeps them, and with one of C's counts the chip. It is a `refcount_t`, which
// saturates.
unsafe impl<T: PwmOps> AlwaysRefCounted for Chip<T> {
    fn inc_ref(&self) {
        self.data().users.inc();
    }

    unsafe fn dec_ref(chip: NonNull<Chip<T>>) {
        // SAFETY: The caller has a count, so that it is there.
        let data = unsafe { chip.as_ref() }.data();
        if !data.users.dec_and_test() {
            return;
        }
        let data = ptr::from_ref(data).cast_mut();
        let chip = chip.as_ptr().cast::<bindings::pwm_chip>();
        // SAFETY: The data have a count of the chip. It is not registered, as it was counted then; so
        // nobody looks for them any more.
        unsafe { bindings::pwmchip_set_drvdata(chip, ptr::null_mut()) };
        // SAFETY: `new` has leaked it from such a box, and nobody else has it.
        let data = unsafe { KBox::from_raw(data) };
        // As it was pinned, it is dropped where it is.
        drop(KBox::into_pin(data));
        // SAFETY: This is the count that the data had.
        unsafe { bindings::pwmchip_put(chip) };
    }
}

// SAFETY: The last count may go in any thread, which drops the driver's data: those are `Send`. The rest
// is C's, which has locks.
unsafe impl<T: PwmOps> Send for Chip<T> {}

// SAFETY: It gives shared references to the driver's data, which are `Sync`. The rest is read only, and
// does not change.
unsafe impl<T: PwmOps> Sync for Chip<T> {}

/// Removes a chip, and gives up the count of who registered it.
///
/// # Safety
///
/// `chip` is a `Chip<T>` that was added, of which the caller has a count to give away.
unsafe extern "C" fn remove<T: PwmOps>(chip: *mut c_void) {
    // SAFETY: The caller says so, so that it is not null.
    let chip = unsafe { NonNull::new_unchecked(chip.cast::<Chip<T>>()) };
    // SAFETY: The caller says so.
    let chip = unsafe { ARef::from_raw(chip) };
    // SAFETY: It was added. This waits for who calls an operation, and nobody calls one afterwards.
    unsafe { bindings::pwmchip_remove(chip.as_raw()) };
}

/// A chip that nobody else knows of yet.
///
/// # Examples
///
/// ```
/// use kernel::pwm::{Chip, PwmOps};
///
/// /// Nothing that can be set.
/// struct Dark;
///
/// impl PwmOps for Dark {
///     type WfHw = ();
/// }
///
/// # let faux = kernel::faux::Registration::new(c"rust_doc_dark", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # let dev = unsafe { faux.as_ref().as_bound() };
/// let chip = Chip::new(dev, 4, Ok(Dark))?;
/// assert_eq!(chip.num_channels(), 4);
/// assert!(!chip.is_atomic());
/// # Ok::<(), Error>(())
/// ```
pub struct UnregisteredChip<'a, T: PwmOps> {
    chip: ARef<Chip<T>>,
    parent_dev: &'a device::Device<Bound>,
}

impl<T: PwmOps> UnregisteredChip<'_, T> {
    /// Registers the chip, until the driver is unbound.
    ///
    /// The operations may be called before this returns. Who has opened the file of the chip, or has one
    /// of its channels, keeps the module that `T` is from.
    ///
    /// C counterpart: `devm_pwmchip_add()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for a chip without channels.
    /// - `ENXIO` when the driver is being unbound.
    /// - `ENOMEM` without memory, and those of the device core.
    pub fn register(self) -> Result<ARef<Chip<T>>> {
        let table: &PwmOpsVTable = operations::table::<T>();
        // SAFETY: The table is in the module that this was called from, which does not go meanwhile.
        let owner = unsafe { bindings::pwm_ops_owner(table.as_raw()) };
        // SAFETY: The chip has all that it needs: its parent, its table and its data.
        to_result(unsafe { bindings::__pwmchip_add(self.chip.as_raw(), owner) })?;
        // The operations need the data, which C does not count.
        let chip = ARef::into_raw(self.chip.clone()).as_ptr();
        // SAFETY: It was added above, and the count is for the action. The device is the chip's parent.
        unsafe {
            devres::add_action(
                self.parent_dev,
                remove::<T>,
                chip.cast(),
                c"pwm::UnregisteredChip::register",
            )
        }
        .inspect_err(|_| {
            // SAFETY: As above, and there is no action.
            unsafe { remove::<T>(chip.cast()) }
        })?;
        Ok(self.chip)
    }
}

impl<T: PwmOps> Deref for UnregisteredChip<'_, T> {
    type Target = Chip<T>;

    fn deref(&self) -> &Self::Target {
        &self.chip
    }
}
