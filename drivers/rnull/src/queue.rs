// SPDX-License-Identifier: GPL-2.0

//! What happens to requests.

use kernel::{
    block::{
        mq::{
            gen_disk::{GenDisk, GenDiskBuilder},
            Command, Operations, Request, TagSet,
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
    /// `EEXIST` if there is one of that name; `ENOMEM`.
    pub(crate) fn start(name: &CStr, settings: &Settings, store: Arc<Store>) -> Result<GenDisk<Self>> {
        let tags = Arc::pin_init(TagSet::new(settings.queues, settings.depth, 1), GFP_KERNEL)?;
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
        if self.store.bad_blocks.hit(start..start + u64::from(request.sectors())) {
            return Err(EIO);
        }
        if !self.memory_backed {
            return Ok(());
        }
        let memory = &self.store.memory;
        let mut at = start << SECTOR_SHIFT;
        match request.command() {
            Command::Read => request.segments(|segment| {
                memory.read(at, &segment)?;
                at += segment.len() as u64;
                Ok(())
            }),
            Command::Write => request.segments(|segment| {
                memory.write(at, &segment)?;
                at += segment.len() as u64;
                Ok(())
            }),
            Command::Discard => {
                memory.discard(at, request.bytes());
                Ok(())
            }
            // What is written is there at once.
            Command::Flush => Ok(()),
            _ => Err(EOPNOTSUPP),
        }
    }
}

/// Ends a request, which nobody else knows of.
#[inline]
fn end(request: ARef<Request<Queue>>, result: Result) {
    if Request::end(request, result).is_err() {
        unreachable!();
    }
}

#[vtable]
impl Operations for Queue {
    type QueueData = KBox<Self>;

    #[inline]
    fn queue_rq(queue: &Self, request: ARef<Request<Self>>, _is_last: bool) -> Result {
        if queue.memory_backed || queue.store.bad_blocks.any() {
            let result = queue.serve(&request);
            if result.is_err() {
                // An error is not worth a detour.
                end(request, result);
                return Ok(());
            }
        }
        if queue.softirq {
            Request::complete(request);
        } else {
            end(request, Ok(()));
        }
        Ok(())
    }

    fn commit_rqs(_queue: &Self) {}

    fn complete(request: ARef<Request<Self>>) {
        end(request, Ok(()));
    }
}
