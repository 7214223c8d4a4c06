// SPDX-License-Identifier: GPL-2.0

//! SHA-256 digests, by which files are told apart.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 digest of a file's content, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_hash(Sha256::digest(bytes).as_slice())
    }

    /// One digest for a list of named contents, in the order given.
    pub(crate) fn of_list<'a>(list: impl IntoIterator<Item = (&'a str, &'a Digest)>) -> Self {
        let mut hash = Sha256::new();
        for (name, digest) in list {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(digest.0.as_bytes());
            hash.update([b'\n']);
        }
        Self::from_hash(hash.finalize().as_slice())
    }

    fn from_hash(hash: &[u8]) -> Self {
        use fmt::Write as _;

        Self(hash.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What of a file the two layouts have in common: its content, and whether it can be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    #[serde(rename = "sha256")]
    pub(crate) digest: Digest,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) executable: bool,
}

impl Stamp {
    pub(crate) fn of(bytes: &[u8], mode: u32) -> Self {
        Self {
            digest: Digest::of(bytes),
            executable: is_executable(mode),
        }
    }
}

/// Whether a file of this mode can be run, in the sense that version control has of it.
pub(crate) fn is_executable(mode: u32) -> bool {
    mode & 0o100 != 0
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err("a digest is 64 hexadecimal digits in lower case")
        }
    }
}
