// SPDX-License-Identifier: GPL-2.0

//! What an operation borrows is the file's, and goes with it.

extern crate kernel_miscdevice as kernel;

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
    prelude::*,
    sync::{new_spinlock, SpinLock},
};

#[pin_data]
struct Opened {
    #[pin]
    other: SpinLock<Option<&'static Opened>>,
}

#[vtable]
impl MiscDevice for Opened {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Pin<KBox<Self>>> {
        KBox::pin_init(pin_init!(Opened { other <- new_spinlock!(None) }), GFP_KERNEL)
    }

    fn ioctl(opened: Pin<&Self>, _file: &File, _cmd: u32, _arg: usize) -> Result<isize> {
        *opened.other.lock() = Some(opened.get_ref());
        Ok(0)
    }
}

fn main() {}
