// SPDX-License-Identifier: GPL-2.0

//! A disk has its queues with the tags of the same driver, whose operations C calls.

extern crate kernel_block as kernel;

use kernel::{
    block::mq::{
        gen_disk::{GenDisk, GenDiskBuilder},
        Operations, TagSet,
    },
    prelude::*,
    sync::Arc,
};

fn add<A, B>(tags: Arc<TagSet<A>>, data: B::QueueData) -> Result<GenDisk<B>>
where
    A: Operations,
    B: Operations,
{
    GenDiskBuilder::new().build(fmt!("disk"), tags, data)
}

fn main() {}
