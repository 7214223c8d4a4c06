// SPDX-License-Identifier: GPL-2.0

//! What a device keeps from power on to power on: memory, and which sectors are bad.

use core::{fmt::Write as _, mem::replace, ops::Range};
use kernel::{
    block::mq::Segment,
    new_spinlock,
    page::PAGE_SIZE,
    prelude::*,
    str::Formatter,
    sync::{
        atomic::{Atomic, Relaxed},
        SpinLock,
    },
    xarray::{AllocKind, XArray},
};

/// The memory and the bad blocks of a device.
#[pin_data]
pub(crate) struct Store {
    #[pin]
    pub(crate) memory: Memory,
    #[pin]
    pub(crate) bad_blocks: BadBlocks,
}

impl Store {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            memory <- Memory::new(),
            bad_blocks <- BadBlocks::new(),
        })
    }
}

/// A page of a device.
type Page = [u8; PAGE_SIZE];

/// What parts of a device that nobody has written to are full of.
static ZEROES: Page = [0; PAGE_SIZE];

/// What was written, by pages. What is not there is zero.
///
/// The array's lock is held for one page at a time, and never in interrupts: requests don't come from there.
#[pin_data]
pub(crate) struct Memory {
    #[pin]
    pages: XArray<KBox<Page>>,
}

impl Memory {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            pages <- XArray::new(AllocKind::Alloc),
        })
    }

    /// Keeps a segment that belongs `at` bytes from the device's beginning.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. Then some of it may be there.
    pub(crate) fn write(&self, mut at: u64, mut segment: Segment<'_>) -> Result {
        while segment.len() > 0 {
            let (index, offset) = place(at);
            let mut pages = self.pages.lock();
            if pages.get(index).is_none() {
                pages.store(index, KBox::<Page>::zeroed(GFP_NOWAIT)?, GFP_NOWAIT)?;
            }
            let page = pages.get_mut(index).ok_or(ENOMEM)?;
            let copied = segment.copy_to(&mut page[offset..])?;
            segment = segment.skip(copied);
            at += copied as u64;
        }
        Ok(())
    }

    /// Fills a segment with what lies `at` bytes from the device's beginning.
    pub(crate) fn read(&self, mut at: u64, mut segment: Segment<'_>) -> Result {
        while segment.len() > 0 {
            let (index, offset) = place(at);
            let copied =
                segment.copy_from(&self.pages.lock().get(index).unwrap_or(&ZEROES)[offset..])?;
            segment = segment.skip(copied);
            at += copied as u64;
        }
        Ok(())
    }

    /// Forgets what lies `at` bytes from the device's beginning: it is zero from then on.
    pub(crate) fn discard(&self, at: u64, bytes: u64) {
        let end = at + bytes;
        let mut start = at;
        while start < end {
            let (index, offset) = place(start);
            let length = (end - start).min((PAGE_SIZE - offset) as u64) as usize;
            let mut pages = self.pages.lock();
            if length == PAGE_SIZE {
                let page = pages.remove(index);
                // Others need not wait until it is freed.
                drop(pages);
                drop(page);
            } else if let Some(page) = pages.get_mut(index) {
                page[offset..offset + length].fill(0);
            }
            start += length as u64;
        }
    }
}

/// Returns the page in which the byte `at` lies, and where in it.
fn place(at: u64) -> (usize, usize) {
    let page = PAGE_SIZE as u64;
    ((at / page) as usize, (at % page) as usize)
}

/// Sectors that I/O fails on.
#[pin_data]
pub(crate) struct BadBlocks {
    /// Whether there are any.
    any: Atomic<bool>,
    /// In order, with good sectors between one and the next.
    #[pin]
    ranges: SpinLock<KVec<Range<u64>>>,
}

impl BadBlocks {
    /// As many as can be shown: a line has up to 42 bytes.
    const MOST: usize = PAGE_SIZE / 42;

    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            any: Atomic::new(false),
            ranges <- new_spinlock!(KVec::new()),
        })
    }

    /// Whether one of these sectors is bad.
    #[inline]
    pub(crate) fn hit(&self, sectors: Range<u64>) -> bool {
        self.any()
            && self
                .ranges
                .lock()
                .iter()
                .any(|bad| bad.start < sectors.end && sectors.start < bad.end)
    }

    /// Whether any sector is bad.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.any.load(Relaxed)
    }

    /// Marks sectors as bad, or else as good. One at a time: the caller sees to that.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, or `ENOSPC` if there are too many ranges. Then nothing has changed.
    pub(crate) fn set(&self, mut sectors: Range<u64>, bad: bool) -> Result {
        // One that is cut in two makes one more, and so does a new one.
        let mut ranges = KVec::with_capacity(Self::MOST + 1, GFP_KERNEL)?;
        let mut pending = bad;
        for old in self.ranges.lock().iter() {
            if pending && sectors.end < old.start {
                ranges.push(sectors.clone(), GFP_NOWAIT)?;
                pending = false;
            }
            if old.end < sectors.start || sectors.end < old.start {
                ranges.push(old.clone(), GFP_NOWAIT)?;
            } else if bad {
                sectors = sectors.start.min(old.start)..sectors.end.max(old.end);
            } else {
                for rest in [
                    old.start..sectors.start.min(old.end),
                    sectors.end.max(old.start)..old.end,
                ] {
                    if !rest.is_empty() {
                        ranges.push(rest, GFP_NOWAIT)?;
                    }
                }
            }
        }
        if pending {
            ranges.push(sectors, GFP_KERNEL)?;
        }
        if ranges.len() > Self::MOST {
            return Err(ENOSPC);
        }
        self.any.store(!ranges.is_empty(), Relaxed);
        // The old ones go when the lock has been given up.
        let _old = replace(&mut *self.ranges.lock(), ranges);
        Ok(())
    }

    /// Writes a line for each range: where it starts, and how many sectors it has.
    pub(crate) fn show(&self, text: &mut Formatter<'_>) -> Result {
        for range in self.ranges.lock().iter() {
            writeln!(text, "{} {}", range.start, range.end - range.start)?;
        }
        Ok(())
    }
}
