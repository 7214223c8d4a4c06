// SPDX-License-Identifier: GPL-2.0

//! Ioctls of graphics devices.
//!
//! [`declare_drm_ioctls!`](crate::declare_drm_ioctls) makes the table of a driver's ioctls.
//!
//! On the C side this is [`include/drm/drm_ioctl.h`](srctree/include/drm/drm_ioctl.h) with
//! [`drivers/gpu/drm/drm_ioctl.c`](srctree/drivers/gpu/drm/drm_ioctl.c).

use super::{
    device::{Device, Section},
    file::File,
    Driver,
};
use crate::{bindings, ioctl, prelude::*, uapi};
use core::{marker::PhantomData, ptr::NonNull};

/// The type of all ioctls here.
const BASE: u32 = uapi::DRM_IOCTL_BASE as u32;

/// Numbers an ioctl without an argument. A `nr` of more than 8 bits ends the build.
#[expect(non_snake_case, reason = "the name is the one in C")]
#[inline(always)]
pub const fn IO(nr: u32) -> u32 {
    ioctl::_IO(BASE, nr)
}

/// Numbers an ioctl that user space reads a `T` with. The bounds are those of [`ioctl::_IOR`].
#[expect(non_snake_case, reason = "the name is the one in C")]
#[inline(always)]
pub const fn IOR<T>(nr: u32) -> u32 {
    ioctl::_IOR::<T>(BASE, nr)
}

/// Numbers an ioctl that user space writes a `T` with. The bounds are those of [`ioctl::_IOR`].
#[expect(non_snake_case, reason = "the name is the one in C")]
#[inline(always)]
pub const fn IOW<T>(nr: u32) -> u32 {
    ioctl::_IOW::<T>(BASE, nr)
}

/// Numbers an ioctl whose `T` goes both ways. The bounds are those of [`ioctl::_IOR`].
///
/// # Examples
///
/// ```
/// use kernel::{drm::ioctl, uapi};
///
/// const CREATE: u32 = ioctl::IOWR::<uapi::drm_nova_gem_create>(uapi::DRM_COMMAND_BASE + 1);
/// assert_eq!(CREATE, uapi::DRM_IOCTL_NOVA_GEM_CREATE);
/// ```
#[expect(non_snake_case, reason = "the name is the one in C")]
#[inline(always)]
pub const fn IOWR<T>(nr: u32) -> u32 {
    ioctl::_IOWR::<T>(BASE, nr)
}

/// What C knows of an ioctl of a `D`: [`struct drm_ioctl_desc`](srctree/include/drm/drm_ioctl.h).
///
/// Only [`declare_drm_ioctls!`](crate::declare_drm_ioctls) makes one.
///
/// # Invariants
///
/// Its function is `call`, for a `D`.
#[repr(transparent)]
pub struct DrmIoctlDescriptor<D>(pub(super) bindings::drm_ioctl_desc, PhantomData<fn(D) -> D>);

/// For whoever is authenticated: the file of the device is his who is the master, or whom that one has let in.
pub const AUTH: u32 = bindings::drm_ioctl_flags_DRM_AUTH;

/// For the master of the device only.
pub const MASTER: u32 = bindings::drm_ioctl_flags_DRM_MASTER;

/// For who may administer the system only.
pub const ROOT_ONLY: u32 = bindings::drm_ioctl_flags_DRM_ROOT_ONLY;

/// On render nodes, too. There, nobody needs to be authenticated.
pub const RENDER_ALLOW: u32 = bindings::drm_ioctl_flags_DRM_RENDER_ALLOW;

/// What C calls for an ioctl of a `D` with an `A`, whose handler is of the type `F`.
///
/// # Safety
///
/// - For C: `dev` is a [`Device<D>`](Device) that is being registered, or has been. `file` is one of its
///   files, which stays open for the call. `arg` points to the size of an `A`, initialised, which nobody
///   else uses meanwhile.
/// - `F` has no size, and a value of it exists. It is `Copy`.
/// - Any bytes are a valid `A`.
unsafe extern "C" fn call<D, A, F>(
    dev: *mut bindings::drm_device,
    arg: *mut c_void,
    file: *mut bindings::drm_file,
) -> c_int
where
    D: Driver,
    F: Fn(&Device<D>, &mut A, &File<D::File>) -> Result<u32> + Copy,
{
    // SAFETY: The caller says so.
    let dev = unsafe { Device::<D>::from_raw(dev) };
    // Who unplugs the device waits for the end of this.
    let Some(_section) = Section::enter(dev) else {
        return ENODEV.to_errno();
    };
    let arg = arg.cast::<A>();
    // Small arguments lie in an array of bytes on C's stack, which compilers align as they see fit; well
    // enough, on all machines there are.
    if !arg.is_aligned() {
        return EINVAL.to_errno();
    }
    // SAFETY: It is aligned, and valid, as the caller says.
    let arg = unsafe { &mut *arg };
    // SAFETY: The caller says so.
    let file = unsafe { File::from_raw(file) };
    // SAFETY: There is nothing to be read for something without a size. The caller says that there is
    // one, of which this is a copy.
    let handler = unsafe { NonNull::<F>::dangling().read() };
    match handler(dev, arg, file) {
        Ok(value) => c_int::try_from(value).unwrap_or(ERANGE.to_errno()),
        Err(error) => error.to_errno(),
    }
}

/// The handler of an ioctl of a `D` with an `A`.
///
/// Not API: part of the macro [`declare_drm_ioctls!`](crate::declare_drm_ioctls).
#[doc(hidden)]
pub struct Handler<D, A, F>(F, PhantomData<fn(D, A)>);

impl<D, A, F> Handler<D, A, F>
where
    D: Driver,
    F: Fn(&Device<D>, &mut A, &File<D::File>) -> Result<u32> + Copy,
{
    /// Says what `handler` is the handler of.
    pub const fn new(handler: F) -> Self {
        Self(handler, PhantomData)
    }

    /// Describes the ioctl.
    ///
    /// # Safety
    ///
    /// Any bytes are a valid `A`.
    pub const unsafe fn descriptor(
        &self,
        cmd: u32,
        flags: u32,
        name: &'static CStr,
    ) -> DrmIoctlDescriptor<D> {
        assert!(size_of::<F>() == 0, "the handler of an ioctl is a function");
        assert!(
            ioctl::_IOC_SIZE(cmd) == size_of::<A>(),
            "the ioctl has an argument of another size"
        );
        let desc = bindings::drm_ioctl_desc {
            cmd,
            flags,
            // The clauses of `call` on `F` and `A` are true: `self` has the one, and the caller vouches for
            // the other. C gives as much as the size in `cmd`, and fills up with zeroes.
            func: Some(call::<D, A, F>),
            name: name.to_bytes_with_nul().as_ptr().cast(),
        };
        // INVARIANT: See `func`.
        DrmIoctlDescriptor(desc, PhantomData)
    }
}

/// Sees to it that C finds each ioctl of a table where it looks for it.
///
/// Not API: part of the macro [`declare_drm_ioctls!`](crate::declare_drm_ioctls).
#[doc(hidden)]
pub const fn in_order<D, const N: usize>(
    table: [DrmIoctlDescriptor<D>; N],
) -> [DrmIoctlDescriptor<D>; N] {
    let first = uapi::DRM_COMMAND_BASE as usize;
    assert!(
        first + N <= uapi::DRM_COMMAND_END as usize,
        "more ioctls than a driver can have"
    );
    let mut index = 0;
    while index < N {
        assert!(
            ioctl::_IOC_NR(table[index].0.cmd) as usize == first + index,
            "ioctls have to be listed by their numbers, from DRM_COMMAND_BASE on, without a gap"
        );
        index += 1;
    }
    table
}

/// Makes the constant `IOCTLS` of a [`drm::Driver`](crate::drm::Driver).
///
/// Each ioctl is `(NAME, argument, flags, handler)`:
///
/// - `DRM_IOCTL_NAME` is its number in `kernel::uapi`. They are listed in the order of their numbers, from
///   `DRM_COMMAND_BASE` on, without a gap.
/// - `argument` is the structure in `kernel::uapi` that its argument is. The size is the one in the number.
///   As these are C structures of integers, raw pointers and arrays and unions of such, whatever bytes user
///   space passes are a valid value; what they mean is for the handler to check.
/// - `flags` are [`AUTH`](crate::drm::ioctl::AUTH) and so on, joined by `|`.
/// - `handler` is a function, `fn(&drm::Device<Self>, &mut argument, &drm::File<Self::File>) ->
///   Result<u32>`. What it returns is what the system call returns, up to `i32::MAX`. It has a copy of the
///   argument, and what it leaves there is copied back, even if it fails. Where user space passes less
///   than the size of the argument, the rest is zero.
///
/// While a handler runs, the device is not unplugged: unbinding its driver waits for it. So it must not
/// wait for that. When the device is unplugged, an ioctl fails with `ENODEV`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::{self, file::DriverFile, gem::{self, DriverObject}, ioctl, DeviceContext},
///     uapi,
/// };
///
/// struct Lamp;
///
/// #[vtable]
/// impl drm::Driver for Lamp {
///     type Data = u64;
///     type File = LampFile;
///     type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;
///
///     const INFO: drm::DriverInfo = drm::DriverInfo {
///         major: 1,
///         minor: 0,
///         patchlevel: 0,
///         name: c"lamp",
///         desc: c"A lamp that can draw",
///     };
///
///     kernel::declare_drm_ioctls! {
///         (NOVA_GETPARAM, drm_nova_getparam, ioctl::RENDER_ALLOW, LampFile::get_param),
///     }
/// }
///
/// struct LampFile;
///
/// impl LampFile {
///     fn get_param(
///         dev: &drm::Device<Lamp>,
///         arg: &mut uapi::drm_nova_getparam,
///         _file: &drm::File<LampFile>,
///     ) -> Result<u32> {
///         arg.value = **dev;
///         Ok(0)
///     }
/// }
/// # impl DriverFile for LampFile {
/// #     type Driver = Lamp;
/// #     fn open(_dev: &drm::Device<Lamp>) -> Result<Pin<KBox<Self>>> {
/// #         Ok(KBox::new(Self, GFP_KERNEL)?.into())
/// #     }
/// # }
/// # struct LampBuffer;
/// # impl DriverObject for LampBuffer {
/// #     type Driver = Lamp;
/// #     type Args = ();
/// #     fn new<C: DeviceContext>(
/// #         _: &drm::Device<Lamp, C>, _: usize, _: (),
/// #     ) -> impl PinInit<Self, Error> {
/// #         Ok(Self)
/// #     }
/// # }
///
/// let ioctls = <Lamp as drm::Driver>::IOCTLS;
/// assert_eq!(ioctls.len(), 1);
/// ```
#[macro_export]
macro_rules! declare_drm_ioctls {
    ($(($name:ident, $arg:ident, $flags:expr, $handler:expr)),* $(,)?) => {
        const IOCTLS: &'static [$crate::drm::ioctl::DrmIoctlDescriptor<Self>] =
            &$crate::drm::ioctl::in_order([$({
                let cmd: u32 = {
                    use $crate::uapi::*;
                    $crate::macros::concat_idents!(DRM_IOCTL_, $name) as u32
                };
                let flags: u32 = $flags;
                let name = $crate::c_str!(::core::stringify!($name));
                let handler =
                    $crate::drm::ioctl::Handler::<Self, $crate::uapi::$arg, _>::new($handler);
                // SAFETY: The structures of `uapi` are C's, of integers, raw pointers, and arrays and
                // unions of such: any bytes are valid.
                unsafe { handler.descriptor(cmd, flags, name) }
            }),*]);
    };
}
