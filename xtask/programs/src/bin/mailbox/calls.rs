// SPDX-License-Identifier: GPL-2.0

//! The driver's interface, as its `uapi.rs` describes it, and where its other files are.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use guest_programs::{direction, ioc, ioctl, ioctl_with, open, put, read, write, Errno, Outcome};

pub(crate) const DEVICE: &str = "/dev/mailbox";
pub(crate) const CONFIG: &str = "/sys/kernel/config/mailbox";
pub(crate) const DEBUG: &str = "/sys/kernel/debug/mailboxes";

/// The type of the ioctls.
pub(crate) const GROUP: u8 = b'm';
pub(crate) const BIND: u64 = ioc(direction::WRITE, GROUP, 0, 32);
pub(crate) const SEND: u64 = ioc(direction::WRITE, GROUP, 1, 48);
pub(crate) const RECEIVE: u64 = ioc(direction::BOTH, GROUP, 2, 48);
pub(crate) const COUNTS: u64 = ioc(direction::READ, GROUP, 3, 24);
pub(crate) const FLUSH: u64 = ioc(direction::NONE, GROUP, 4, 0);

/// A message that an ioctl sends or receives.
#[repr(C)]
#[derive(Clone, Default)]
pub(crate) struct Transfer {
    pub(crate) buffer: u64,
    pub(crate) length: u32,
    pub(crate) endpoint: u32,
    pub(crate) name: [u8; 32],
}

impl Transfer {
    /// One with this memory, which need not be there.
    pub(crate) fn new(address: usize, length: u32) -> Self {
        Self {
            buffer: address as u64,
            length,
            ..Self::default()
        }
    }

    /// The same for the box `name`.
    pub(crate) fn to(self, name: &str) -> Self {
        Self {
            name: padded(name.as_bytes()),
            ..self
        }
    }
}

/// How things are in a box.
#[repr(C)]
#[derive(Clone, Default, Debug, PartialEq)]
pub(crate) struct Counts {
    pub(crate) endpoint: u32,
    pub(crate) users: u32,
    pub(crate) messages: u32,
    pub(crate) bytes: u32,
    pub(crate) most_messages: u32,
    pub(crate) most_bytes: u32,
}

/// The first 32 bytes of a name, with zeroes where there are fewer.
pub(crate) fn padded(name: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(name) {
        *to = *from;
    }
    bytes
}

/// An open file of the device.
#[derive(Debug)]
pub(crate) struct Endpoint(OwnedFd);

impl AsRawFd for Endpoint {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Endpoint {
    /// One that is bound to nothing.
    pub(crate) fn open(flags: i32) -> Outcome<Self> {
        open(DEVICE, libc::O_RDWR | flags).map(Self)
    }

    /// One that is bound to the box `name`, and waits when it has to.
    pub(crate) fn bound(name: &str) -> Outcome<Self> {
        let endpoint = Self::open(0)?;
        endpoint.bind(name.as_bytes())?;
        Ok(endpoint)
    }

    /// One that is bound to the box `name`, and does not wait.
    pub(crate) fn nonblocking(name: &str) -> Outcome<Self> {
        let endpoint = Self::open(libc::O_NONBLOCK)?;
        endpoint.bind(name.as_bytes())?;
        Ok(endpoint)
    }

    pub(crate) fn bind(&self, name: &[u8]) -> Outcome {
        ioctl_with(self, BIND, &mut padded(name))
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Outcome {
        write(self, bytes)
    }

    /// Reads a message of up to `room` bytes.
    pub(crate) fn read(&self, room: usize) -> Outcome<Vec<u8>> {
        let mut buffer = vec![0; room];
        let length = read(self, &mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    pub(crate) fn send(&self, transfer: &Transfer) -> Outcome {
        ioctl_with(self, SEND, &mut transfer.clone())
    }

    pub(crate) fn receive(&self, transfer: &mut Transfer) -> Outcome {
        ioctl_with(self, RECEIVE, transfer)
    }

    pub(crate) fn counts(&self) -> Outcome<Counts> {
        let mut counts = Counts::default();
        ioctl_with(self, COUNTS, &mut counts)?;
        Ok(counts)
    }

    pub(crate) fn flush(&self) -> Outcome {
        ioctl(self, FLUSH, 0)
    }

    /// What `poll()` reports for `events` within `milliseconds`.
    pub(crate) fn poll(&self, events: i16, milliseconds: i32) -> Outcome<i16> {
        let mut entry = libc::pollfd {
            fd: self.as_raw_fd(),
            events,
            revents: 0,
        };
        // SAFETY: There is one entry, which is alive during the call.
        let result = unsafe { libc::poll(&mut entry, 1, milliseconds) };
        guest_programs::outcome(result as isize)?;
        Ok(entry.revents)
    }
}

/// The number in a file of debugfs.
pub(crate) fn count(file: &str) -> Outcome<u64> {
    let text = fs::read_to_string(format!("{DEBUG}/{file}"))?;
    text.trim().parse().map_err(|_| Errno(libc::EPROTO))
}

/// The list of boxes in debugfs.
pub(crate) fn boxes() -> Outcome<String> {
    Ok(fs::read_to_string(format!("{DEBUG}/boxes"))?)
}

/// The value of a limit.
pub(crate) fn limit(name: &str) -> Outcome<u32> {
    let text = fs::read_to_string(format!("{CONFIG}/{name}"))?;
    text.trim().parse().map_err(|_| Errno(libc::EPROTO))
}

/// Writes a limit.
pub(crate) fn set_limit(name: &str, value: &str) -> Outcome<()> {
    put(&format!("{CONFIG}/{name}"), value)
}

/// Makes a directory in configfs.
pub(crate) fn make(name: &str) -> Outcome<()> {
    Ok(fs::create_dir(format!("{CONFIG}/{name}"))?)
}

/// Removes a directory in configfs.
pub(crate) fn remove(name: &str) -> Outcome<()> {
    Ok(fs::remove_dir(format!("{CONFIG}/{name}"))?)
}
