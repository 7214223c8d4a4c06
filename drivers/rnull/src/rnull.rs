// SPDX-License-Identifier: GPL-2.0

//! Null block devices: they complete what they are asked for, at once or by an interrupt of software, and
//! keep nothing, or keep it in memory. For finding out what the block layer costs, and for tests.
//!
//! A directory in `/sys/kernel/config/rnull` is a device, `/dev/NAME` once 1 is written to its attribute
//! `power`. 0, or removing the directory, takes the device away, whoever has it open: I/O that is
//! under way is waited for, and what comes later fails. Meanwhile the attributes are fixed: `EBUSY`. So
//! `power` twice the same does nothing, as with C's null_blk. Attributes named as there mean the same:
//!
//! | attribute | what | at first |
//! | --- | --- | --- |
//! | `badblocks` | `+START-END` marks sectors, both included, so that I/O on them fails: `EIO`. `-START-END` takes that back. Reading shows `START LENGTH` for each range. At any time. | none |
//! | `blocking` | the block layer lets the driver sleep, which it does not | 0 |
//! | `blocksize` | bytes of a block: a power of two, 512 to 4096 | 4096 |
//! | `discard` | takes discards, which free memory; without memory it has no effect | 0 |
//! | `hw_queue_depth` | requests under way in each queue: 1 to 10240 | 256 |
//! | `irqmode` | 0: I/O completes at once; 1: by a softirq, on the processor that asked | 0 |
//! | `memory_backed` | keeps what is written, until the directory is removed; without it, reading gives what was in the reader's pages | 0 |
//! | `no_sched` | no I/O scheduler unless one is asked for | 0 |
//! | `power` | whether there is a device | 0 |
//! | `rotational` | says that it is a disk that turns | 0 |
//! | `size` | in MiB | 4096 |
//! | `submit_queues` | hardware queues: 1 to 65536, but no more than there are processors are made | 1 |
//!
//! Sectors have 512 bytes, whatever the size of a block. Numbers may be octal (`0…`) and hexadecimal
//! (`0x…`). What is no number, or out of range, is `EINVAL`.
//!
//! | file | what |
//! | --- | --- |
//! | `config.rs` | the attributes |
//! | `queue.rs` | what happens to a request |
//! | `store.rs` | memory, and bad blocks: what outlives a device |

#![cfg_attr(cargo, no_std)]

use kernel::{configfs::Subsystem, prelude::*};

mod config;
mod queue;
mod store;

module! {
    type: Driver,
    name: "rnull",
    authors: ["kernel-crates maintainers"],
    description: "Null block devices: queues that answer at once or later, with memory behind them if asked",
    license: "GPL",
}

/// What the module keeps while it is loaded. Each directory keeps it loaded.
#[pin_data]
struct Driver {
    #[pin]
    config: Subsystem<config::Devices>,
}

impl kernel::InPlaceModule for Driver {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            config <- config::subsystem(),
        })
    }
}
