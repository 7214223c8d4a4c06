// SPDX-License-Identifier: GPL-2.0

//! What happens to requests.

use kernel::{
    block::{
        mq::{
            gen_disk::{GenDisk, GenDiskBuilder},
            Command, Flag, Flags, Operations, Request, TagSet,
        },
        SECTOR_SHIFT,
    },
    prelude::*,
    sync::{aref::ARef, Arc},
};

use crate::{config::Settings, store::Store};

/// The most that is discarded by one request, in sectors: 32 MiB.
const MOST_DISCARDED: u32 = 1 << (25 - SECTOR_SHIFT);

/// What the queues of a device need to know.
pub(crate) struct Queue {
    memory_backed: bool,
    softirq: bool,
    store: Arc<Store>,
}

impl Queue {
    /// Brings up a device.
    ///
    /// # Errors
    ///
    /// `EEXIST` if there is one of that name, `EBUSY` if there are as many disks as there can be; `ENOMEM`.
    pub(crate) fn start(
        name: &CStr,
        settings: &Settings,
        store: Arc<Store>,
    ) -> Result<GenDisk<Self>> {
        let mut flags = Flags::empty();
        if settings.blocking {
            flags |= Flag::Blocking;
        }
        if settings.no_sched {
            flags |= Flag::NoSchedByDefault;
        }
        let tags = Arc::pin_init(
            TagSet::with_flags(settings.queues, settings.depth, 1, flags),
            GFP_KERNEL,
        )?;
        let queue = KBox::new(
            Self {
                memory_backed: settings.memory_backed,
                softirq: settings.irq_mode == 1,
                store,
            },
            GFP_KERNEL,
        )?;
        let mut builder = GenDiskBuilder::new()
            .capacity_sectors(u64::from(settings.size_mib) << (20 - SECTOR_SHIFT))
            .logical_block_size(settings.block_size)?
            .physical_block_size(settings.block_size)?
            .rotational(settings.rotational);
        if settings.discard && settings.memory_backed {
            builder = builder.max_discard_sectors(MOST_DISCARDED);
        }
        builder.build(fmt!("{}", name.to_str()?), tags, queue)
    }

    /// Does what a request asks for.
    #[inline(never)]
    fn serve(&self, request: &Request<Self>) -> Result {
        let start = request.sector();
        if self
            .store
            .bad_blocks
            .hit(start..start + u64::from(request.sectors()))
        {
            return Err(EIO);
        }
        if !self.memory_backed {
            return Ok(());
        }
        let memory = &self.store.memory;
        let mut at = start << SECTOR_SHIFT;
        match request.command() {
            Command::Read => request.segments(|segment| {
                memory.read(at, segment)?;
                at += segment.len() as u64;
                Ok(())
            }),
            Command::Write => request.segments(|segment| {
                memory.write(at, segment)?;
                at += segment.len() as u64;
                Ok(())
            }),
            Command::Discard => {
                memory.discard(at, u64::from(request.bytes()));
                Ok(())
            }
            // Nobody asks for more.
            _ => Err(EIO),
        }
    }
}

#[vtable]
impl Operations for Queue {
    type QueueData = KBox<Self>;

    #[inline]
    fn queue_rq(queue: &Self, request: ARef<Request<Self>>, _is_last: bool) -> Result {
        if queue.memory_backed || queue.store.bad_blocks.any() {
            match queue.serve(&request) {
                Ok(()) => {}
                // It is tried again when there may be some: to wait here could be to wait for this device, as
                // memory is had by writing to devices.
                Err(error) if error == ENOMEM => return Err(error),
                result => {
                    // No detour for an error, which would have to be kept. There is no other reference.
                    let _ = Request::end(request, result);
                    return Ok(());
                }
            }
        }
        if queue.softirq {
            Request::complete(request);
        } else {
            let _ = Request::end_ok(request);
        }
        Ok(())
    }

    fn complete(request: ARef<Request<Self>>) {
        let _ = Request::end_ok(request);
    }
}
