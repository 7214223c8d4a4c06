// SPDX-License-Identifier: GPL-2.0

//! Interrupts of a device.

use super::Device;
use crate::{
    bindings,
    device::Bound,
    devres,
    error::to_result,
    irq::{self, IrqRequest},
    prelude::*,
};
use core::{ops::RangeInclusive, ptr};

/// A way in which a device can raise an interrupt.
///
/// # Examples
///
/// ```
/// use kernel::pci::{IrqType, IrqTypes};
///
/// let messages = IrqTypes::default().with(IrqType::MsiX).with(IrqType::Msi);
/// assert_eq!(messages.with(IrqType::Intx), IrqTypes::all());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrqType {
    /// By a line, which it may share with others. There is one at most.
    Intx,
    /// By a message, of which there are 1, 2, 4, and so on up to 32.
    Msi,
    /// By a message, of which there are up to 2048.
    MsiX,
}

impl IrqType {
    const fn as_raw(self) -> u32 {
        match self {
            Self::Intx => bindings::PCI_IRQ_INTX,
            Self::Msi => bindings::PCI_IRQ_MSI,
            Self::MsiX => bindings::PCI_IRQ_MSIX,
        }
    }
}

/// A set of [`IrqType`]s, empty by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IrqTypes(u32);

impl IrqTypes {
    /// All three.
    #[inline]
    pub const fn all() -> Self {
        Self(bindings::PCI_IRQ_ALL_TYPES)
    }

    /// The set with one more.
    #[inline]
    pub const fn with(self, irq_type: IrqType) -> Self {
        Self(self.0 | irq_type.as_raw())
    }
}

/// One of the interrupts that [`Device::alloc_irq_vectors`] has allocated.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, irq::IrqRequest, pci::{Device, IrqTypes}};
///
/// /// The only interrupt of a device, by whatever way.
/// fn interrupt(pdev: &Device<Bound>) -> Result<IrqRequest<'_>> {
///     let vectors = pdev.alloc_irq_vectors(1, 1, IrqTypes::all())?;
///     (*vectors.start()).try_into()
/// }
/// # let bus = kernel::pci::testing::SoftBus::new()?;
/// # // SAFETY: The bus stays for as long, and nothing relies on a driver.
/// # let pdev = unsafe { bus.bound() };
/// # assert_eq!(interrupt(pdev)?.irq(), 5);
/// # // It is allocated for as long as a driver is bound.
/// # assert_eq!(interrupt(pdev).err(), Some(EBUSY));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `dev` has allocated its vectors, of which `index` is one, and keeps them while it is bound.
#[derive(Clone, Copy)]
pub struct IrqVector<'a> {
    dev: &'a Device<Bound>,
    index: u32,
}

impl<'a> TryInto<IrqRequest<'a>> for IrqVector<'a> {
    type Error = Error;

    /// Finds the number of the interrupt, to register a handler for it.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the PCI core has lost the vector.
    fn try_into(self) -> Result<IrqRequest<'a>> {
        // SAFETY: The device is bound, so it is there.
        let irq = unsafe { bindings::pci_irq_vector(self.dev.as_raw(), self.index) };
        to_result(irq)?;
        // SAFETY: By the type invariants, the interrupt is the device's for as long as it is bound.
        // It was not an error, so it is not negative.
        Ok(unsafe { IrqRequest::new(self.dev.as_ref(), irq as u32) })
    }
}

/// The devres entry that says that the vectors of a device are somebody's.
///
/// # Safety
///
/// Any call is fine. As a `release` function of devres, it has nothing to do.
unsafe extern "C" fn vectors_claimed(_dev: *mut bindings::device, _res: *mut c_void) {}

/// The devres action that frees the vectors of a device.
///
/// # Safety
///
/// `pdev` points to a device whose vectors nobody uses any more.
unsafe extern "C" fn free_vectors(pdev: *mut c_void) {
    // SAFETY: As the caller promises.
    unsafe { bindings::pci_free_irq_vectors(pdev.cast()) };
}

impl Device<Bound> {
    /// Makes this caller the one to allocate the vectors.
    fn claim_irq_vectors(&self) -> Result {
        let dev = self.as_ref().as_raw();
        // SAFETY: The size is that of nothing, and the function may be called at any time.
        let claim = unsafe {
            bindings::__devres_alloc_node(
                Some(vectors_claimed),
                0,
                bindings::GFP_KERNEL,
                bindings::NUMA_NO_NODE,
                c"pci::Device::alloc_irq_vectors".as_char_ptr(),
            )
        };
        if claim.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The device is bound, and the entry was just allocated. Either it is added, or there
        // is one already and this one is freed.
        let found = unsafe { bindings::devres_get(dev, claim, None, ptr::null_mut()) };
        if found == claim {
            Ok(())
        } else {
            Err(EBUSY)
        }
    }

    /// Lets another caller try.
    fn unclaim_irq_vectors(&self) {
        let dev = self.as_ref().as_raw();
        // SAFETY: The device is bound, and the entry is looked for by its function.
        let _ =
            unsafe { bindings::devres_destroy(dev, Some(vectors_claimed), None, ptr::null_mut()) };
    }

    /// Allocates between `min_vecs` and `max_vecs` interrupts, of a type that `irq_types` has: MSI-X
    /// rather than MSI, and that rather than INTx.
    ///
    /// They are freed when the driver is unbound, and there is no second call before that, unless
    /// the first has failed. The result goes from the first vector to the last.
    ///
    /// C counterpart: `pci_alloc_irq_vectors()`, with `pci_free_irq_vectors()` at the end
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `min_vecs` is zero, or more than `max_vecs`.
    /// - `ENOSPC` if there are not as many as `min_vecs`. INTx only ever has one.
    /// - `EBUSY` if the vectors have been allocated.
    /// - `ENOMEM` without memory, and `ENXIO` when the driver is being unbound.
    pub fn alloc_irq_vectors(
        &self,
        min_vecs: u32,
        max_vecs: u32,
        irq_types: IrqTypes,
    ) -> Result<RangeInclusive<IrqVector<'_>>> {
        if min_vecs == 0 || min_vecs > max_vecs {
            return Err(EINVAL);
        }
        self.claim_irq_vectors()?;
        let count = self
            .alloc_claimed_irq_vectors(min_vecs, max_vecs, irq_types)
            .inspect_err(|_| self.unclaim_irq_vectors())?;
        // INVARIANT: There are that many, at least one, and they stay.
        let vector = |index| IrqVector { dev: self, index };
        Ok(vector(0)..=vector(count - 1))
    }

    /// Does so, and returns how many there are.
    fn alloc_claimed_irq_vectors(&self, min: u32, max: u32, types: IrqTypes) -> Result<u32> {
        let raw = self.as_raw();
        // SAFETY: The device is bound, and by the claim nobody else allocates its vectors.
        let count = unsafe { bindings::pci_alloc_irq_vectors(raw, min, max, types.0) };
        to_result(count)?;
        // SAFETY: The device is bound. When the action runs, its vectors are there, and handlers that
        // were registered for them are not, as that came later.
        unsafe {
            devres::add_action(
                self.as_ref(),
                free_vectors,
                raw.cast(),
                c"pci::Device::alloc_irq_vectors",
            )
        }
        .inspect_err(|_| {
            // SAFETY: They were just allocated, and there is no action to free them.
            unsafe { bindings::pci_free_irq_vectors(raw) }
        })?;
        // Neither negative nor zero.
        Ok(count as u32)
    }

    /// Registers a handler for an interrupt of this device.
    ///
    /// What is wrong shows when the result is used as an initialiser.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the vector is that of another device.
    /// - The error of `handler`, and those of [`irq::Registration::new`].
    pub fn request_irq<'a, T: irq::Handler + 'static>(
        &'a self,
        vector: IrqVector<'a>,
        flags: irq::Flags,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::Registration<T>, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let request = self.irq_request(vector)?;
            Ok(irq::Registration::<T>::new(request, flags, name, handler))
        })
    }

    /// Registers a handler, part of which runs in a thread, for an interrupt of this device.
    ///
    /// What is wrong shows when the result is used as an initialiser.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the vector is that of another device.
    /// - The error of `handler`, and those of [`irq::ThreadedRegistration::new`].
    pub fn request_threaded_irq<'a, T: irq::ThreadedHandler + 'static>(
        &'a self,
        vector: IrqVector<'a>,
        flags: irq::Flags,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let request = self.irq_request(vector)?;
            Ok(irq::ThreadedRegistration::<T>::new(
                request, flags, name, handler,
            ))
        })
    }

    fn irq_request<'a>(&self, vector: IrqVector<'a>) -> Result<IrqRequest<'a>> {
        if !ptr::eq(self, vector.dev) {
            return Err(EINVAL);
        }
        vector.try_into()
    }
}
