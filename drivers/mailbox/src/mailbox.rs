// SPDX-License-Identifier: GPL-2.0

//! A device through which processes send each other messages.
//!
//! `/dev/mailbox` knows boxes, each by its name. Whoever opens the device has an endpoint, which is bound
//! to a box by an ioctl ([`uapi`]) and from then on sends with `write()` and receives with `read()`:
//! messages as a whole, in the order in which they were sent, each to one receiver. Both wait when they
//! have to, unless the file is `O_NONBLOCK`; `poll()` tells when they don't.
//!
//! - A box is there while an endpoint is bound to it, or while it has a directory in configfs, and its
//!   messages are as well.
//! - Those who are bound to a box share a page of memory: `mmap()` of one page, `MAP_SHARED`.
//! - `/sys/kernel/config/mailbox` has the limits on boxes and messages. A directory made in it is a box.
//! - `/sys/kernel/debug/mailboxes` counts what happens to messages: each is sent, and then received,
//!   expired, flushed, or discarded with its box.
//!
//! From the outside in:
//!
//! | file | what |
//! | --- | --- |
//! | `uapi.rs` | the ioctls, as user space knows them |
//! | `endpoint.rs` | an open file |
//! | `config.rs`, `debug.rs` | what there is in configfs and debugfs |
//! | `sweeper.rs` | the timer and the work that expire messages |
//! | `office.rs` | all that there is while the module is loaded: boxes, limits, statistics |
//! | `letterbox.rs`, `letter.rs` | a box, and a message |
//!
//! Locks are taken in this order: the boxes of the office, then the inside of a box. The ids of
//! endpoints have one of their own.

#![cfg_attr(cargo, no_std)]

use kernel::{
    configfs::Subsystem,
    debugfs::Scope,
    miscdevice::{MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
    sync::{Arc, ArcSlot, ArcSlotGuard},
    time::hrtimer::ArcHrTimerHandle,
};

mod config;
mod debug;
mod endpoint;
mod letter;
mod letterbox;
mod limits;
mod name;
mod office;
mod stats;
mod sweeper;
mod uapi;

use config::Config;
use endpoint::Endpoint;
use office::Office;
use sweeper::Sweeper;

module! {
    type: Driver,
    name: "mailbox",
    authors: ["kernel-crates maintainers"],
    description: "A device through which processes send each other messages",
    license: "GPL",
}

/// Where those who open the device find the office.
static OFFICE: ArcSlot<Office> = ArcSlot::new();

/// What the module keeps while it is loaded; dropped from top to bottom, the way in first.
#[pin_data]
struct Driver {
    #[pin]
    device: MiscDeviceRegistration<Endpoint>,
    _open: ArcSlotGuard<'static, Office>,
    #[pin]
    config: Subsystem<Config>,
    #[pin]
    debug: Scope<Arc<Office>>,
    _sweeper: ArcHrTimerHandle<Sweeper>,
}

impl kernel::InPlaceModule for Driver {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let office = Office::new()?;
            let sweeper = Sweeper::start(office.clone())?;
            Ok(try_pin_init!(Self {
                _sweeper: sweeper,
                debug <- debug::scope(office.clone()),
                config <- config::subsystem(office.clone()),
                _open: OFFICE.fill(office)?,
                device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"mailbox" }),
            }))
        })
    }
}
