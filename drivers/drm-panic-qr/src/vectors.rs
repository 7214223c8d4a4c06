// SPDX-License-Identifier: GPL-2.0

//! Codes of each version, drawn by the module when it is loaded.
//!
//! What they come to is one number. The host's tests decode the same codes, and know the number.

use core::ffi::CStr;

use crate::{symbol::max_data_size, version::Version};

/// What a message with a URL begins with.
const URL: &CStr = c"https://qr.example.org/p?a=x86_64&v=7.2.0&z=";

/// What the codes came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many messages were encoded.
    pub(crate) codes: u32,
    /// How many got a code of a wrong size, or got one though there is none of the size they need.
    pub(crate) wrong: u32,
    /// The digest of all pictures.
    pub(crate) digest: u32,
}

/// Encodes messages as long as fit in each version up to `largest`, without a URL and with one, and messages
/// that are longer by a byte.
///
/// `encode` is what encodes one. `image` and `tmp` are the memory for it.
pub(crate) fn run(
    largest: u8,
    image: &mut [u8],
    tmp: &mut [u8],
    mut encode: impl FnMut(Option<&CStr>, &mut [u8], usize, &mut [u8]) -> Option<u8>,
) -> Outcome {
    let mut outcome = Outcome {
        digest: 0x811c_9dc5,
        ..Outcome::default()
    };
    let mut state = 1;
    for version in Version::all().take_while(|version| version.number() <= largest) {
        for url in [None, Some(URL)] {
            let room = max_data_size(version.number(), url.map_or(0, CStr::count_bytes));
            // The smallest have no room for the URL.
            if room == 0 {
                continue;
            }
            for len in [room, room + 1] {
                fill(image, &mut state);
                let width = encode(url, image, len, tmp);
                let next = version.number() + u8::from(len > room);
                let right = Version::new(next).map(Version::width);
                outcome.codes += u32::from(width.is_some());
                outcome.wrong += u32::from(width != right);
                if let Some(version) = Version::new(next).filter(|_| width == right) {
                    let picture = image.get(..version.image_bytes());
                    outcome.digest = digest(outcome.digest, picture.unwrap_or_default());
                }
            }
        }
    }
    outcome
}

/// Fills `bytes` with what looks random, and is the same each time.
fn fill(bytes: &mut [u8], state: &mut u32) {
    for byte in bytes {
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        *byte = *state as u8;
    }
}

/// Goes on with a digest by FNV-1a.
fn digest(mut state: u32, bytes: &[u8]) -> u32 {
    for byte in bytes {
        state = (state ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    state
}
