// SPDX-License-Identifier: GPL-2.0

//! A driver for a faux device, and what its devices, files and buffers do.

use super::{
    device::Device,
    driver::{Driver, DriverInfo, Registration},
    file::{self, DriverFile, File},
    gem::{self, DriverObject},
    ioctl, DeviceContext, UnregisteredDevice,
};
use crate::{
    bindings,
    device::Bound,
    faux, new_work,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
        Arc, Completion,
    },
    time::{delay::fsleep, Delta},
    types::Opaque,
    uapi,
    workqueue::{Work, WorkItem},
};

mod buffers;
mod devices;
mod files;

/// What has been dropped, and done.
struct Log {
    data: Atomic<u32>,
    files: Atomic<u32>,
    buffers: Atomic<u32>,
    /// How often a file got a handle.
    handles: Atomic<u32>,
    /// How often a handler has come to its end.
    handled: Atomic<u32>,
}

/// The driver.
struct Lamp;

#[pin_data(PinnedDrop)]
struct LampData {
    log: Arc<Log>,
    /// A handler that takes its time has begun.
    #[pin]
    entered: Completion,
    #[pin]
    worked: Completion,
    #[pin]
    work: Work<Device<Lamp>>,
}

crate::impl_has_work! {
    impl HasWork<Device<Lamp>> for LampData { self.work }
}

impl WorkItem for LampData {
    type Pointer = ARef<Device<Lamp>>;

    fn run(this: ARef<Device<Lamp>>) {
        this.worked.complete_all();
    }
}

#[pinned_drop]
impl PinnedDrop for LampData {
    fn drop(self: Pin<&mut Self>) {
        self.log.data.add(1, Relaxed);
    }
}

#[vtable]
impl Driver for Lamp {
    type Data = LampData;
    type File = LampFile;
    type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;

    const INFO: DriverInfo = DriverInfo {
        major: 3,
        minor: 2,
        patchlevel: 1,
        name: c"rust-lamp",
        desc: c"A lamp that can draw",
    };
    const FEAT_RENDER: bool = true;

    crate::declare_drm_ioctls! {
        (NOVA_GETPARAM, drm_nova_getparam, ioctl::RENDER_ALLOW, LampFile::get_param),
        (NOVA_GEM_CREATE, drm_nova_gem_create, ioctl::AUTH | ioctl::MASTER, |_, arg, _| {
            arg.handle = 5;
            Ok(6)
        }),
    }
}

struct LampFile {
    log: Arc<Log>,
}

impl Drop for LampFile {
    fn drop(&mut self) {
        self.log.files.add(1, Relaxed);
    }
}

impl DriverFile for LampFile {
    type Driver = Lamp;

    fn open(dev: &Device<Lamp>) -> Result<Pin<KBox<Self>>> {
        let log = dev.log.clone();
        Ok(KBox::new(Self { log }, GFP_KERNEL)?.into())
    }
}

/// What [`LampFile::get_param`] is asked for.
mod param {
    pub(super) const ANSWER: u64 = 0;
    pub(super) const REFUSED: u64 = 1;
    pub(super) const TOO_LARGE: u64 = 2;
    pub(super) const SLOW: u64 = 3;
}

impl LampFile {
    fn get_param(
        dev: &Device<Lamp>,
        arg: &mut uapi::drm_nova_getparam,
        file: &File<LampFile>,
    ) -> Result<u32> {
        // The file's data are there.
        assert!(Arc::ptr_eq(&file.inner().log, &dev.log));
        let result = match arg.param {
            param::ANSWER => {
                arg.value = 42;
                Ok(7)
            }
            param::TOO_LARGE => Ok(1 << 31),
            param::SLOW => {
                dev.entered.complete_all();
                fsleep(Delta::from_millis(50));
                Ok(0)
            }
            _ => Err(EACCES),
        };
        dev.log.handled.add(1, Relaxed);
        result
    }
}

struct LampBuffer {
    number: u32,
    log: Arc<Log>,
}

impl Drop for LampBuffer {
    fn drop(&mut self) {
        self.log.buffers.add(1, Relaxed);
    }
}

impl DriverObject for LampBuffer {
    type Driver = Lamp;
    /// Its number, or an error.
    type Args = Result<u32>;

    fn new<C: DeviceContext>(
        dev: &Device<Lamp, C>,
        _size: usize,
        number: Result<u32>,
    ) -> impl PinInit<Self, Error> {
        number.map(|number| Self {
            number,
            log: dev.log.clone(),
        })
    }

    fn open(buffer: &gem::Object<LampBuffer>, _file: &File<LampFile>) -> Result {
        buffer.log.handles.add(1, Relaxed);
        Ok(())
    }
}

fn data(log: &Arc<Log>) -> impl PinInit<LampData, Error> {
    let log = log.clone();
    try_pin_init!(LampData {
        log,
        entered <- Completion::new(),
        worked <- Completion::new(),
        work <- new_work!("LampData::work"),
    })
}

/// Makes a log.
fn log() -> Result<Arc<Log>> {
    let log = Log {
        data: Atomic::new(0),
        files: Atomic::new(0),
        buffers: Atomic::new(0),
        handles: Atomic::new(0),
        handled: Atomic::new(0),
    };
    Ok(Arc::new(log, GFP_KERNEL)?)
}

/// Takes a faux device for one that it is bound.
fn bound(faux: &faux::Registration) -> &crate::device::Device<Bound> {
    // SAFETY: A faux device is bound for as long as it is there.
    unsafe { faux.as_ref().as_bound() }
}

/// Makes a device, and registers it.
fn registered(faux: &faux::Registration, log: &Arc<Log>) -> Result<ARef<Device<Lamp>>> {
    let drm = UnregisteredDevice::new(faux.as_ref(), data(log))?;
    Ok(Registration::<Lamp>::new_foreign_owned(drm, bound(faux), 0)?.into())
}

/// A file that C has not made: there is no more in it than the driver's part.
struct FakeFile {
    file: Pin<KBox<Opaque<bindings::drm_file>>>,
    dev: ARef<Device<Lamp>>,
}

impl FakeFile {
    fn open(dev: &Device<Lamp>) -> Result<Self> {
        let file = KBox::pin(Opaque::zeroed(), GFP_KERNEL)?;
        // SAFETY: The device has been registered. The file is ours.
        let result = unsafe { file::open::<Lamp>(dev.as_raw(), file.get()) };
        crate::error::to_result(result)?;
        Ok(Self {
            file,
            dev: dev.into(),
        })
    }

    /// Calls an ioctl as C does.
    fn ioctl<A>(&self, index: usize, arg: &mut A) -> c_int {
        let Some(call) = Lamp::IOCTLS[index].0.func else {
            return ENOTTY.to_errno();
        };
        // SAFETY: The device has been registered, and the file is open. The argument is that of the ioctl.
        unsafe { call(self.dev.as_raw(), (&raw mut *arg).cast(), self.file.get()) }
    }

    /// Calls the first ioctl, and returns the value it has left, too.
    fn get_param(&self, param: u64) -> (c_int, u64) {
        let mut arg = uapi::drm_nova_getparam { param, value: 0 };
        (self.ioctl(0, &mut arg), arg.value)
    }
}

impl Drop for FakeFile {
    fn drop(&mut self) {
        // SAFETY: It was opened, and nobody uses it any more.
        unsafe { file::postclose::<Lamp>(self.dev.as_raw(), self.file.get()) };
    }
}
