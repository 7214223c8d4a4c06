// SPDX-License-Identifier: GPL-2.0

//! The attributes in configfs.

use core::{fmt::Write as _, ops::RangeInclusive};
use kernel::{
    block::mq::gen_disk::{GenDisk, GenDiskBuilder},
    configfs::{configfs_attrs, AttributeOperations, Group, GroupOperations, Subsystem},
    new_mutex,
    page::PAGE_SIZE,
    prelude::*,
    str::{kstrtobool_bytes, parse_int::ParseInt, BStr, CString, Formatter},
    sync::{Arc, Mutex},
};

use crate::{queue::Queue, store::Store, THIS_MODULE};

/// The names of devices are shorter than this: `DISK_NAME_LEN` in C.
const NAME_SIZE: usize = 32;

// The attributes that are more than a setting.
const BLOCKSIZE: u64 = 1;
const BADBLOCKS: u64 = 10;
const POWER: u64 = 11;

/// The directory of the module, in which devices are made.
pub(crate) struct Devices;

/// Registers it.
pub(crate) fn subsystem() -> impl PinInit<Subsystem<Devices>, Error> {
    let item_type = configfs_attrs! {
        container: Subsystem<Devices>,
        data: Devices,
        child: Device,
        attributes: [
            features: 0,
        ],
    };
    Subsystem::new(c"rnull", item_type, Ok(Devices))
}

/// The attributes that devices have.
#[vtable]
impl AttributeOperations<0> for Devices {
    type Data = Devices;

    fn show(_: &Devices, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        let mut text = Formatter::new(page);
        text.write_str(
            "badblocks,blocking,blocksize,discard,hw_queue_depth,irqmode,memory_backed,no_sched,power,\
             rotational,size,submit_queues\n",
        )?;
        Ok(text.bytes_written())
    }
}

#[vtable]
impl GroupOperations for Devices {
    type Child = Device;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Device>, Error>> {
        if name.to_bytes().len() >= NAME_SIZE || name.to_str().is_err() {
            return Err(EINVAL);
        }
        let item_type = configfs_attrs! {
            container: Group<Device>,
            data: Device,
            attributes: [
                blocking: 0,
                blocksize: 1, // `BLOCKSIZE`
                discard: 2,
                hw_queue_depth: 3,
                irqmode: 4,
                memory_backed: 5,
                no_sched: 6,
                rotational: 7,
                size: 8,
                submit_queues: 9,
                badblocks: 10, // `BADBLOCKS`
                power: 11, // `POWER`
            ],
        };
        let store = Arc::pin_init(Store::new(), GFP_KERNEL)?;
        let state = State {
            disk: None,
            settings: Settings::default(),
        };
        Ok(Group::new(
            name.try_into()?,
            item_type,
            try_pin_init!(Device {
                name: name.try_into()?,
                state <- new_mutex!(state),
                store,
            }),
        ))
    }
}

/// What a device is to be like.
pub(crate) struct Settings {
    pub(crate) blocking: bool,
    pub(crate) block_size: u32,
    pub(crate) discard: bool,
    pub(crate) depth: u32,
    pub(crate) irq_mode: u32,
    pub(crate) memory_backed: bool,
    pub(crate) no_sched: bool,
    pub(crate) rotational: bool,
    pub(crate) size_mib: u32,
    pub(crate) queues: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            blocking: false,
            block_size: 4096,
            discard: false,
            depth: 256,
            irq_mode: 0,
            memory_backed: false,
            no_sched: false,
            rotational: false,
            size_mib: 4096,
            queues: 1,
        }
    }
}

/// A setting, and what values a number can have.
enum Field<'a> {
    Flag(&'a mut bool),
    Number(&'a mut u32, RangeInclusive<u32>),
}

impl Settings {
    /// Finds what an attribute stands for.
    fn field(&mut self, attribute: u64) -> Field<'_> {
        match attribute {
            0 => Field::Flag(&mut self.blocking),
            1 => Field::Number(&mut self.block_size, 512..=4096),
            2 => Field::Flag(&mut self.discard),
            3 => Field::Number(&mut self.depth, 1..=10240),
            4 => Field::Number(&mut self.irq_mode, 0..=1),
            5 => Field::Flag(&mut self.memory_backed),
            6 => Field::Flag(&mut self.no_sched),
            7 => Field::Flag(&mut self.rotational),
            8 => Field::Number(&mut self.size_mib, 1..=u32::MAX),
            _ => Field::Number(&mut self.queues, 1..=65536),
        }
    }
}

/// The directory of a device.
#[pin_data]
pub(crate) struct Device {
    name: CString,
    #[pin]
    state: Mutex<State>,
    store: Arc<Store>,
}

struct State {
    /// The device, while it is powered.
    disk: Option<GenDisk<Queue>>,
    settings: Settings,
}

#[vtable]
impl<const ATTRIBUTE: u64> AttributeOperations<ATTRIBUTE> for Device {
    type Data = Device;

    fn show(device: &Device, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        let mut text = Formatter::new(page);
        let mut state = device.state.lock();
        match ATTRIBUTE {
            BADBLOCKS => device.store.bad_blocks.show(&mut text)?,
            POWER => writeln!(text, "{}", u32::from(state.disk.is_some()))?,
            _ => match state.settings.field(ATTRIBUTE) {
                Field::Flag(value) => writeln!(text, "{}", u32::from(*value))?,
                Field::Number(value, _) => writeln!(text, "{value}")?,
            },
        }
        Ok(text.bytes_written())
    }

    fn store(device: &Device, page: &[u8]) -> Result {
        let mut state = device.state.lock();
        match ATTRIBUTE {
            BADBLOCKS => return device.mark(page.trim_ascii()),
            POWER => {
                let on = kstrtobool_bytes(page)?;
                if on != state.disk.is_some() {
                    // What is there is gone before this returns.
                    state.disk = if on {
                        Some(device.start(&state.settings)?)
                    } else {
                        None
                    };
                }
                return Ok(());
            }
            _ if state.disk.is_some() => return Err(EBUSY),
            _ => {}
        }
        match state.settings.field(ATTRIBUTE) {
            Field::Flag(value) => *value = kstrtobool_bytes(page)?,
            Field::Number(value, range) => {
                let wanted = number(page.trim_ascii())?;
                if !range.contains(&wanted) {
                    return Err(EINVAL);
                }
                if ATTRIBUTE == BLOCKSIZE {
                    GenDiskBuilder::validate_block_size(wanted)?;
                }
                *value = wanted;
            }
        }
        Ok(())
    }
}

impl Device {
    /// Brings the device up.
    fn start(&self, settings: &Settings) -> Result<GenDisk<Queue>> {
        Queue::start(&self.name, settings, self.store.clone())
    }

    /// Marks sectors as bad or good: `+START-END` or `-START-END`. The caller has the lock of the state.
    fn mark(&self, text: &[u8]) -> Result {
        let (bad, range) = match text {
            [b'+', range @ ..] => (true, range),
            [b'-', range @ ..] => (false, range),
            _ => return Err(EINVAL),
        };
        let dash = range.iter().position(|&byte| byte == b'-').ok_or(EINVAL)?;
        let (start, last): (u64, u64) = (number(&range[..dash])?, number(&range[dash + 1..])?);
        let end = last
            .checked_add(1)
            .filter(|&end| start < end)
            .ok_or(EINVAL)?;
        self.store.bad_blocks.set(start..end, bad)
    }
}

fn number<T: ParseInt>(text: &[u8]) -> Result<T> {
    T::from_str(BStr::from_bytes(text))
}
