// SPDX-License-Identifier: GPL-2.0

//! The names of boxes.

use crate::uapi::NAME_SIZE;
use kernel::{fmt, prelude::*, str::BStr};

/// A name that a box can have: see [`uapi::Address`](crate::uapi::Address).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// The name, and zero bytes behind it.
    bytes: [u8; NAME_SIZE],
}

impl Name {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// `EINVAL` if no box can have it.
    pub(crate) fn new(name: &[u8]) -> Result<Self> {
        if matches!(name, b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
            return Err(EINVAL);
        }
        let mut bytes = [0; NAME_SIZE];
        if name.len() >= bytes.len() {
            return Err(EINVAL);
        }
        bytes[..name.len()].copy_from_slice(name);
        Ok(Self { bytes })
    }

    /// Takes a name as user space passes it, with zero bytes behind it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub(crate) fn from_padded(bytes: &[u8; NAME_SIZE]) -> Result<Self> {
        let length = bytes.iter().rposition(|&byte| byte != 0);
        Self::new(&bytes[..length.map_or(0, |last| last + 1)])
    }

    fn as_bytes(&self) -> &[u8] {
        let length = self.bytes.iter().position(|&byte| byte == 0);
        &self.bytes[..length.unwrap_or(NAME_SIZE)]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escapes what would break a line.
        fmt::Display::fmt(BStr::from_bytes(self.as_bytes()), f)
    }
}
