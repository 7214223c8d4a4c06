// SPDX-License-Identifier: GPL-2.0

//! What there is in configfs: the limits, and the boxes that stay without an endpoint.

use crate::{
    limits::Limit,
    name::Name,
    office::{Membership, Office},
    THIS_MODULE,
};
use core::fmt::Write as _;
use kernel::{
    configfs::{configfs_attrs, AttributeOperations, Group, GroupOperations, Subsystem},
    page::PAGE_SIZE,
    prelude::*,
    str::Formatter,
    sync::Arc,
};

/// The directory of the module, with the limits.
pub(crate) struct Config {
    office: Arc<Office>,
}

/// Registers the directory of the module.
pub(crate) fn subsystem(office: Arc<Office>) -> impl PinInit<Subsystem<Config>, Error> {
    let item_type = configfs_attrs! {
        container: Subsystem<Config>,
        data: Config,
        child: Directory,
        attributes: [
            max_messages: 0,
            max_bytes: 1,
            max_boxes: 2,
            lifetime_ms: 3,
        ],
    };
    Subsystem::new(c"mailbox", item_type, Ok(Config { office }))
}

impl Config {
    /// Returns the limit that an attribute stands for.
    fn limit(&self, attribute: u64) -> &Limit {
        let limits = &self.office.limits;
        match attribute {
            0 => &limits.messages,
            1 => &limits.bytes,
            2 => &limits.boxes,
            _ => &limits.lifetime,
        }
    }
}

#[vtable]
impl<const LIMIT: u64> AttributeOperations<LIMIT> for Config {
    type Data = Config;

    fn show(config: &Config, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        show_number(config.limit(LIMIT).get(), page)
    }

    fn store(config: &Config, page: &[u8]) -> Result {
        config.limit(LIMIT).set(parse_number(page)?)?;
        config.office.limits_changed();
        Ok(())
    }
}

#[vtable]
impl GroupOperations for Config {
    type Child = Directory;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Directory>, Error>> {
        let item_type = configfs_attrs! {
            container: Group<Directory>,
            data: Directory,
            attributes: [
                messages: 0,
                flush: 1,
            ],
        };
        let directory = Directory {
            membership: Membership::new(&self.office, Name::new(name.to_bytes())?)?,
            office: self.office.clone(),
        };
        Ok(Group::new(name.try_into()?, item_type, Ok(directory)))
    }
}

/// The directory of a box, which stays at least as long.
pub(crate) struct Directory {
    membership: Membership,
    office: Arc<Office>,
}

/// How many messages there are.
#[vtable]
impl AttributeOperations<0> for Directory {
    type Data = Directory;

    fn show(directory: &Directory, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        show_number(directory.membership.letterbox().level().messages, page)
    }
}

/// Drops the messages when 1 is written.
#[vtable]
impl AttributeOperations<1> for Directory {
    type Data = Directory;

    fn store(directory: &Directory, page: &[u8]) -> Result {
        if parse_number(page)? != 1 {
            return Err(EINVAL);
        }
        directory.membership.letterbox().flush(&directory.office);
        Ok(())
    }
}

fn show_number(number: u32, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
    let mut text = Formatter::new(page);
    writeln!(text, "{number}")?;
    Ok(text.bytes_written())
}

fn parse_number(page: &[u8]) -> Result<u32> {
    let text = core::str::from_utf8(page)?.trim();
    text.parse().map_err(|_| EINVAL)
}
