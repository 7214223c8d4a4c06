// SPDX-License-Identifier: GPL-2.0

//! Makes a disk of zeroes, `/dev/block_init`, takes its time, and then fails to be initialised if told to.
//!
//! C frees such a module at once, whoever has the disk open by then.

#![cfg_attr(cargo, no_std)]

use kernel::{
    block::mq::{
        gen_disk::{GenDisk, GenDiskBuilder},
        Command, Operations, Request, TagSet,
    },
    prelude::*,
    sync::{aref::ARef, Arc},
    time::{delay::fsleep, Delta},
};

module! {
    type: BlockInit,
    name: "block_init",
    authors: ["kernel-crates maintainers"],
    description: "A disk that is opened while its module is being initialised",
    license: "GPL",
    params: {
        fails: u8 {
            default: 0,
            description: "Whether it fails to be initialised, with ENODEV",
        },
        milliseconds: u16 {
            default: 20,
            description: "How long the disk is there before",
        },
    },
}

/// The sectors of the disk: 1 MiB.
const SECTORS: u64 = 2048;

/// The driver, which forgets what is written.
struct Zeroes;

#[vtable]
impl Operations for Zeroes {
    type QueueData = ();

    fn queue_rq((): (), request: ARef<Request<Self>>, _is_last: bool) -> Result {
        let result = match request.command() {
            Command::Read => request.segments(|segment| segment.zero()),
            _ => Ok(()),
        };
        // There is no other reference.
        let _ = Request::end(request, result);
        Ok(())
    }

    fn complete(request: ARef<Request<Self>>) {
        let _ = Request::end_ok(request);
    }
}

struct BlockInit {
    _disk: GenDisk<Zeroes>,
}

impl kernel::Module for BlockInit {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        use module_parameters::*;

        let tags = Arc::pin_init(TagSet::new(1, 16, 1), GFP_KERNEL)?;
        let disk =
            GenDiskBuilder::new()
                .capacity_sectors(SECTORS)
                .build(fmt!("block_init"), tags, ())?;
        fsleep(Delta::from_millis(i64::from(*milliseconds.value())));
        if *fails.value() != 0 {
            return Err(ENODEV);
        }
        Ok(Self { _disk: disk })
    }
}
