// SPDX-License-Identifier: GPL-2.0

//! The QR codes of the panic screen, by ISO/IEC 18004.
//!
//! When the kernel panics, C has the kernel's log drawn as a code, as it is, or compressed behind a URL
//! as a number. By then nothing can be allocated, and nothing may fail: a code is made in the two buffers that
//! C has set aside.
//!
//! | file | what |
//! | --- | --- |
//! | `drm_panic_qr.rs` | what C calls, and the module |
//! | `symbol.rs` | from a message to a picture |
//! | `segment.rs` | the message as bits |
//! | `ecc.rs` | bytes for correction |
//! | `version.rs` | the sizes of codes, and how they are divided |
//! | `matrix.rs` | where modules go, and masks |
//! | `vectors.rs` | codes that the module draws |
//!
//! In a kernel, in the place of its `drivers/gpu/drm/drm_panic_qr.rs`, this is what the panic screen calls.
//! As a module it leaves that to the kernel, draws codes of all sizes when it is loaded, and says what they
//! came to.

#![cfg_attr(cargo, no_std)]

use core::num::NonZeroU8;
use kernel::{drm_panic::QrEncoder, prelude::*};

mod ecc;
mod matrix;
mod segment;
mod symbol;
#[cfg(any(MODULE, cargo))]
mod vectors;
mod version;

/// The encoder.
struct Encoder;

impl QrEncoder for Encoder {
    fn max_data_size(version: u8, url_len: usize) -> usize {
        symbol::max_data_size(version, url_len)
    }

    fn encode(
        url: Option<&CStr>,
        data: &mut [u8],
        len: usize,
        tmp: &mut [u8],
    ) -> Option<NonZeroU8> {
        symbol::encode(url.map(CStr::to_bytes), data, len, tmp).and_then(NonZeroU8::new)
    }
}

// The kernel that a module is loaded into has these functions.
#[cfg(all(CONFIG_DRM_PANIC_SCREEN_QR_CODE, not(MODULE)))]
kernel::drm_panic_qr_encoder!(Encoder);

#[cfg(any(MODULE, cargo))]
module! {
    type: Driver,
    name: "drm_panic_qr",
    authors: ["kernel-crates maintainers"],
    description: "QR codes for the panic screen",
    license: "GPL",
    params: {
        largest: u8 {
            default: 40,
            description: "Largest version of the codes that are drawn, from 1 to 40",
        },
    },
}

/// What draws the codes when the module is loaded. It keeps what they came to.
#[cfg(any(MODULE, cargo))]
struct Driver {
    outcome: vectors::Outcome,
}

#[cfg(any(MODULE, cargo))]
impl kernel::Module for Driver {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let largest = *module_parameters::largest.value();
        if largest == 0 || largest > version::Version::LAST {
            return Err(EINVAL);
        }
        // As large as those of C's panic screen.
        let mut image = KVec::from_elem(0, 4096, GFP_KERNEL)?;
        let mut tmp = KVec::from_elem(0, 4096, GFP_KERNEL)?;
        let outcome = vectors::run(largest, &mut image, &mut tmp, |url, data, len, tmp| {
            Encoder::encode(url, data, len, tmp).map(NonZeroU8::get)
        });
        pr_info!(
            "versions 1 to {}: {} codes, {} of them wrong, digest {:08x}\n",
            largest,
            outcome.codes,
            outcome.wrong,
            outcome.digest
        );
        Ok(Self { outcome })
    }
}

#[cfg(any(MODULE, cargo))]
impl Drop for Driver {
    fn drop(&mut self) {
        pr_info!("unloaded, after {} codes\n", self.outcome.codes);
    }
}
