// SPDX-License-Identifier: GPL-2.0

//! The ioctls of `/dev/mailbox`, as user space knows them.
//!
//! All structures are the same for 32-bit and 64-bit processes. What is not one of these ioctls, of just
//! this direction and size, fails with `ENOTTY`, and memory that is not there with `EFAULT`.

use kernel::{
    ioctl::{_IO, _IOR, _IOW, _IOWR},
    prelude::*,
};

/// The type of all ioctls here: `_IOC_TYPE`.
const GROUP: u32 = b'm' as u32;

/// Binds the endpoint to the box with a name, which comes into being if there is none. [`Address`].
///
/// - `EINVAL` if there can't be such a name.
/// - `EBUSY` if the endpoint is bound already. It stays bound until it is closed.
/// - `ENOSPC` if there are as many boxes as there may be.
pub(crate) const BIND: u32 = _IOW::<Address>(GROUP, 0);

/// Sends a message to the box with a name, or to the endpoint's own if the name is empty. [`Transfer`].
///
/// - `EINVAL` if the message is empty, there can't be such a name, or `endpoint` is not 0.
/// - `EMSGSIZE` if it is longer than messages may be.
/// - `ENOENT` if there is no such box, `ENODEV` if the endpoint is not bound.
/// - `EAGAIN` if the box is full and the file is `O_NONBLOCK`.
/// - `EPIPE` if the box went away while this waited.
pub(crate) const SEND: u32 = _IOW::<Transfer>(GROUP, 1);

/// Receives a message from the box that the endpoint is bound to. [`Transfer`].
///
/// `length` is that of the buffer before, and that of the message afterwards. `endpoint` becomes that of
/// the sender. The name has to be empty.
///
/// - `EINVAL` if it is not, or `endpoint` is not 0.
/// - `EMSGSIZE` if the message is longer than the buffer. It stays, and `length` is how long it is.
/// - `ENODEV` if the endpoint is not bound.
/// - `EAGAIN` if there is no message and the file is `O_NONBLOCK`.
pub(crate) const RECEIVE: u32 = _IOWR::<Transfer>(GROUP, 2);

/// Tells how things are in the box that the endpoint is bound to. [`Counts`].
///
/// - `ENODEV` if the endpoint is not bound.
pub(crate) const COUNTS: u32 = _IOR::<Counts>(GROUP, 3);

/// Drops the messages in the box that the endpoint is bound to, and returns how many there were.
///
/// - `ENODEV` if the endpoint is not bound.
pub(crate) const FLUSH: u32 = _IO(GROUP, 4);

/// The size of a name with the zero bytes behind it, of which there is at least one.
pub(crate) const NAME_SIZE: usize = 32;

/// Names a box.
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub(crate) struct Address {
    /// 1 to 31 bytes, none of them zero or a slash; not `.` or `..`. The others are zero.
    pub(crate) name: [u8; NAME_SIZE],
}

/// A message, as it goes in or out.
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub(crate) struct Transfer {
    /// The address of the bytes.
    pub(crate) buffer: u64,
    /// How many they are.
    pub(crate) length: u32,
    /// Who has sent them.
    pub(crate) endpoint: u32,
    /// The box, as in [`Address`], or all zero.
    pub(crate) name: [u8; NAME_SIZE],
}

/// How things are.
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub(crate) struct Counts {
    /// The number of this endpoint, which no other has while it is open.
    pub(crate) endpoint: u32,
    /// How many endpoints are bound to the box, plus one if it has a directory in configfs.
    pub(crate) users: u32,
    /// How many messages are waiting.
    pub(crate) messages: u32,
    /// How many bytes they have.
    pub(crate) bytes: u32,
    /// How many messages a box takes.
    pub(crate) most_messages: u32,
    /// How many bytes a message can have.
    pub(crate) most_bytes: u32,
}
