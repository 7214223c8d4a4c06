// SPDX-License-Identifier: GPL-2.0

//! A table with the memory that it lists, mapped for a device.

use crate::{
    alloc::{allocator::VmallocPageIter, Flags},
    bindings,
    device::{Bound, Device},
    devres::Devres,
    dma::DataDirection,
    error::to_result,
    page::{AsPageIter, PAGE_SIZE},
    prelude::*,
    sync::aref::ARef,
    types::Opaque,
};
use core::ptr::NonNull;

/// What an [`SGTable`](super::SGTable) is that lists the pages of a `P`, and keeps them mapped.
///
/// Nothing in it is accessible: the device may access the memory.
///
/// # Invariants
///
/// The mapping is one of `table`, which lists the pages of `pages`; they are not touched.
#[pin_data]
pub struct Owned<P> {
    // In the order of drops: unmapped first, and then freed.
    _mapping: Devres<Mapping>,
    table: Table,
    _pages: P,
}

impl<P> Owned<P> {
    pub(super) fn as_raw(&self) -> *mut bindings::sg_table {
        self.table.as_raw()
    }
}

impl<P> Owned<P>
where
    for<'a> P: AsPageIter<Iter<'a> = VmallocPageIter<'a>> + 'static,
{
    pub(super) fn new(
        dev: &Device<Bound>,
        mut pages: P,
        dir: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        if dir == DataDirection::None {
            return Err(EINVAL);
        }
        // SAFETY: The device is valid, as it comes from a reference. Its bus sets the field before it
        // calls drivers.
        if unsafe { (*dev.as_raw()).dma_mask }.is_null() {
            return Err(EIO);
        }

        let table = Table::new(&mut pages, max_segment(dev)?, flags)?;
        // SAFETY: The device is valid and bound, it has a mask, and the direction is one. The table is
        // initialised, and not mapped yet.
        to_result(unsafe {
            bindings::dma_map_sgtable(dev.as_raw(), table.as_raw(), dir.into(), 0)
        })?;

        // INVARIANT: It has been mapped with these. On an error below, this is dropped before the
        // table and the pages are.
        let mapping = Mapping {
            dev: dev.into(),
            table: table.as_non_null(),
            dir,
        };
        let mapping = Devres::new(dev, mapping)?;
        // INVARIANT: It is the mapping of this table, of these pages.
        Ok(Self {
            _mapping: mapping,
            table,
            _pages: pages,
        })
    }
}

// SAFETY: What is in there is the `P`, which may be sent. Any thread may unmap and free a table.
unsafe impl<P: Send> Send for Owned<P> {}

// SAFETY: What is in there is the `P`, which may be shared. Shared references to a table only read what
// is set up once.
unsafe impl<P: Sync> Sync for Owned<P> {}

/// How long a piece may be for the device, in bytes: at least a page.
fn max_segment(dev: &Device<Bound>) -> Result<c_uint> {
    // SAFETY: The device is valid and bound.
    let mapping = unsafe { bindings::dma_max_mapping_size(dev.as_raw()) };
    if mapping == 0 {
        // There is no DMA in this kernel.
        return Err(EIO);
    }
    // SAFETY: As above.
    let segment = unsafe { bindings::dma_get_max_seg_size(dev.as_raw()) };
    let max = segment.min(c_uint::try_from(mapping).unwrap_or(c_uint::MAX));
    if (max as usize) < PAGE_SIZE {
        return Err(EINVAL);
    }
    Ok(max)
}

/// A table, which is freed when dropped.
///
/// # Invariants
///
/// `sg_alloc_table_from_pages_segment` has set it up.
struct Table(KBox<Opaque<bindings::sg_table>>);

impl Table {
    fn new<P>(pages: &mut P, max_segment: c_uint, flags: Flags) -> Result<Self>
    where
        for<'a> P: AsPageIter<Iter<'a> = VmallocPageIter<'a>> + 'static,
    {
        let iter = pages.page_iter();
        let size = iter.size();
        let count = c_uint::try_from(iter.page_count()).map_err(|_| EOVERFLOW)?;
        if count == 0 {
            return Err(EINVAL);
        }
        let mut list = KVVec::with_capacity(iter.page_count(), flags)?;
        for page in iter {
            list.push(page.as_ptr(), flags)?;
        }

        let table = KBox::new(Opaque::zeroed(), flags)?;
        // SAFETY: `table` is a place for a table. The list has `count` pages, and `size` reaches into
        // the last. `max_segment` is at least a page. If it fails, there is nothing to free.
        to_result(unsafe {
            bindings::sg_alloc_table_from_pages_segment(
                table.get(),
                list.as_mut_ptr(),
                count,
                0,
                size,
                max_segment,
                flags.as_raw(),
            )
        })?;
        // INVARIANT: That has not failed.
        Ok(Self(table))
    }

    fn as_raw(&self) -> *mut bindings::sg_table {
        self.0.get()
    }

    fn as_non_null(&self) -> NonNull<bindings::sg_table> {
        NonNull::from(&*self.0).cast()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it has been set up, and it is not used any more.
        unsafe { bindings::sg_free_table(self.as_raw()) };
    }
}

/// A table that is mapped; unmapped when dropped, which the device core does at the latest when the
/// driver is unbound.
///
/// # Invariants
///
/// `table` points to a table that has been mapped for `dev`, in the direction `dir`. The table, and the
/// memory that it lists, outlive this.
struct Mapping {
    dev: ARef<Device>,
    table: NonNull<bindings::sg_table>,
    dir: DataDirection,
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the table has been mapped like this, and exists. The device
        // core drops this before it takes the driver from the device.
        unsafe {
            bindings::dma_unmap_sgtable(self.dev.as_raw(), self.table.as_ptr(), self.dir.into(), 0)
        };
    }
}

// SAFETY: Any thread may unmap a table.
unsafe impl Send for Mapping {}

// SAFETY: There is nothing that a shared reference could do.
unsafe impl Sync for Mapping {}
