// SPDX-License-Identifier: GPL-2.0

//! Tests of DMA by devices with a driver: what becomes of the memory when that goes.

use super::*;
use crate::{
    devres,
    dma::{Coherent, DataDirection, Device as _, DmaMask},
    page::PAGE_SIZE,
    scatterlist::{Owned, SGTable},
    sync::atomic::{Acquire, Atomic, Release},
};

/// Where [`Sharing::probe`] leaves an allocation that is to outlive the driver.
static KEPT: Atomic<*mut Coherent<[u32]>> = Atomic::new(core::ptr::null_mut());

/// A driver that has memory of every kind.
#[pin_data]
struct Sharing {
    ring: Coherent<[u32]>,
    #[pin]
    table: SGTable<Owned<VVec<u8>>>,
}

impl Driver for Sharing {
    type IdInfo = ();
    type Data<'bound> = Self;

    fn probe<'bound>(
        pdev: &'bound Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            // SAFETY: Nothing has been allocated or mapped for the device yet.
            unsafe { pdev.dma_set_mask_and_coherent(DmaMask::new::<32>()) }?;
            // SAFETY: As above.
            unsafe { pdev.dma_set_max_seg_size(PAGE_SIZE as u32) };

            let dev: &device::Device<device::Bound> = pdev.as_ref();
            let ring = Coherent::<u32>::zeroed_slice(dev, 64, GFP_KERNEL)?;
            crate::dma_write!(ring, [try: 63], 0x600d);

            // Released by the device core, while it releases others.
            let nested = Coherent::<u8>::zeroed_slice(dev, 16, GFP_KERNEL)?;
            devres::register(dev, nested, GFP_KERNEL)?;

            let kept = Coherent::<u32>::zeroed_slice(dev, 8, GFP_KERNEL)?;
            crate::dma_write!(kept, [try: 7], 0xcafe);
            let kept = KBox::new(kept, GFP_KERNEL)?;
            KEPT.store(KBox::into_raw(kept), Release);

            let pages = VVec::with_capacity(3 * PAGE_SIZE, GFP_KERNEL)?;
            Ok(try_pin_init!(Self {
                ring,
                table <- SGTable::new(dev, pages, DataDirection::Bidirectional, GFP_KERNEL),
            }))
        })
    }

    fn unbind<'bound>(_pdev: &'bound Device<Core<'_>>, this: Pin<&Self>) {
        assert_eq!(crate::dma_read!(this.ring, [panic: 63]), 0x600d);
        assert_eq!(this.table.iter().count(), 3);
    }
}

#[crate::macros::kunit_tests(rust_platform_memory)]
mod cases {
    use super::*;

    #[test]
    fn memory_that_outlives_the_driver_can_be_used_and_dropped() -> Result {
        if !dma::testing::available() {
            return Ok(());
        }
        let driver = register::<Sharing>(c"rust_sharing")?;
        let pdev = Registered::new(c"rust_sharing")?;
        assert!(pdev.is_bound());
        pdev.unbind();

        let kept = KEPT.load(Acquire);
        KEPT.store(core::ptr::null_mut(), Release);
        assert!(!kept.is_null());
        // SAFETY: It comes from `KBox::into_raw`, and nobody else has it.
        let kept = unsafe { KBox::from_raw(kept) };
        assert_eq!(crate::dma_read!(*kept, [try: 7]), 0xcafe);
        crate::dma_write!(*kept, [try: 0], 1);
        assert_eq!(crate::dma_read!(*kept, [try: 0]), 1);

        // The device may even be gone.
        drop(pdev);
        drop(driver);
        drop(kept);
        Ok(())
    }
}
