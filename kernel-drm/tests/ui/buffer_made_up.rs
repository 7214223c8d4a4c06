// SPDX-License-Identifier: GPL-2.0

//! Nobody else makes a type of buffer.

extern crate kernel_drm as kernel;

use core::ptr::NonNull;
use kernel::drm::gem::IntoGEMObject;
use kernel::sync::aref::AlwaysRefCounted;

struct Mine;

unsafe impl AlwaysRefCounted for Mine {
    fn inc_ref(&self) {}

    unsafe fn dec_ref(_: NonNull<Self>) {}
}

impl IntoGEMObject for Mine {
    fn as_raw(&self) -> *mut kernel::bindings::drm_gem_object {
        core::ptr::null_mut()
    }

    unsafe fn from_raw<'a>(_: *mut kernel::bindings::drm_gem_object) -> &'a Self {
        &Mine
    }
}

fn main() {}
