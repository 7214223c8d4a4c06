// SPDX-License-Identifier: GPL-2.0

//! Ranges of addresses: who has them, and who reserved a part.
//!
//! The kernel keeps a tree of them for memory and one for I/O ports, which is what `/proc/iomem` and
//! `/proc/ioports` show. A device has a [`Resource`] for each range that it answers at.
//!
//! In C: [`ioport.h`](srctree/include/linux/ioport.h)

use crate::{
    bindings,
    ffi::{c_int, c_ulong},
    prelude::*,
    str::CString,
    types::Opaque,
};
use core::{
    ops::{BitAnd, BitOr, Deref, Not},
    ptr::NonNull,
};

pub use super::{PhysAddr, ResourceSize};

/// A range of addresses.
///
/// C counterpart: [`struct resource`](srctree/include/linux/ioport.h).
///
/// # Invariants
///
/// The object is an initialised `struct resource`, whose name is null or a string that lives as long.
#[repr(transparent)]
pub struct Resource(Opaque<bindings::resource>);

// SAFETY: Nothing about a resource depends on the thread: the tree has a lock, in C.
unsafe impl Send for Resource {}

// SAFETY: Methods only read what does not change once the resource is in use, and the tree has a lock, in
// C.
unsafe impl Sync for Resource {}

impl Resource {
    /// Takes a pointer for a reference.
    ///
    /// Public for buses, which have such pointers.
    ///
    /// # Safety
    ///
    /// For all of `'a`, the pointer is to an initialised `struct resource`, whose range, flags and name
    /// stay what they are, and whose name is null or a string.
    #[doc(hidden)]
    pub unsafe fn from_raw<'a>(pointer: *mut bindings::resource) -> &'a Self {
        // SAFETY: `Self` is transparent, and the caller vouches for the object.
        unsafe { &*pointer.cast() }
    }

    /// Returns the range of all memory, the root of the tree of those.
    pub(super) fn all_memory() -> &'static Self {
        let root = &raw mut bindings::iomem_resource;
        // SAFETY: It is there for as long as the kernel is, with the name that it was built with. Its end
        // was last changed while the system booted.
        unsafe { Self::from_raw(root) }
    }

    /// Returns the C object.
    fn as_raw(&self) -> *mut bindings::resource {
        self.0.get()
    }

    /// Returns the first address.
    pub fn start(&self) -> PhysAddr {
        let inner = self.as_raw();
        // SAFETY: By the type invariant this is initialised.
        unsafe { (*inner).start }
    }

    /// Returns the last address, which is one less than the first if there is none.
    fn end(&self) -> PhysAddr {
        let inner = self.as_raw();
        // SAFETY: By the type invariant this is initialised.
        unsafe { (*inner).end }
    }

    /// Returns how many addresses there are, for memory in bytes.
    ///
    /// Zero if there is none, and if there are all that a [`ResourceSize`] has, one more than which it
    /// can say.
    pub fn size(&self) -> ResourceSize {
        self.end().wrapping_sub(self.start()).wrapping_add(1)
    }

    /// Returns the name, if it has one: often that of the device.
    pub fn name(&self) -> Option<&CStr> {
        let inner = self.as_raw();
        // SAFETY: By the type invariant this is initialised.
        let name = unsafe { (*inner).name };
        if name.is_null() {
            return None;
        }
        // SAFETY: By the type invariant a name that is not null is a string that lives as long.
        Some(unsafe { CStr::from_char_ptr(name) })
    }

    /// Returns what kind of addresses these are.
    pub fn flags(&self) -> Flags {
        let inner = self.as_raw();
        // SAFETY: By the type invariant this is initialised.
        Flags(unsafe { (*inner).flags })
    }

    /// Returns whether the addresses are those of memory, and not of ports or whatever.
    pub(super) fn is_memory(&self) -> bool {
        self.flags().0 & Flags::TYPE == Flags::IORESOURCE_MEM.0
    }

    /// Reserves a part of the range, which nobody else has then: `size` addresses from `start` on.
    ///
    /// It is listed under `name`. `flags` are added to those of the range; with
    /// [`IORESOURCE_MUXED`](Flags::IORESOURCE_MUXED) it waits until whoever has reserved it with the same
    /// flag is done. May sleep.
    ///
    /// Returns `None` if a part of it is reserved, if it is not in this range, or empty, or if there is
    /// no memory.
    ///
    /// C counterpart: `__request_region()`.
    pub fn request_region(
        &self,
        start: PhysAddr,
        size: ResourceSize,
        name: CString,
        flags: Flags,
    ) -> Option<Region<'_>> {
        let end = start.checked_add(size.checked_sub(1)?)?;
        if start < self.start() || end > self.end() {
            return None;
        }
        // SAFETY: By the type invariant this is a resource. The name lives as long as the region: it is
        // dropped after it is released. The range is not empty, and in this one.
        let region = unsafe {
            bindings::__request_region(
                self.as_raw(),
                start,
                size,
                name.as_char_ptr(),
                flags.0 as c_int,
            )
        };
        // INVARIANT: It was reserved by this call, in this resource.
        Some(Region {
            resource: NonNull::new(region)?,
            parent: self,
            _name: name,
        })
    }
}

/// A range of addresses that is reserved, until this is dropped.
///
/// It is a [`Resource`] itself.
///
/// # Invariants
///
/// - `resource` is what `__request_region()` returned for `parent`, and is not released yet.
/// - Its name is `_name`.
pub struct Region<'a> {
    resource: NonNull<bindings::resource>,
    parent: &'a Resource,
    _name: CString,
}

// SAFETY: It is like a box of a `Resource`, which is `Send`, and a string. It may be released in any
// thread.
unsafe impl Send for Region<'_> {}

// SAFETY: Shared, it is nothing but a `Resource`, which is `Sync`.
unsafe impl Sync for Region<'_> {}

impl Deref for Region<'_> {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        // SAFETY: By the type invariants it is there until `self` is dropped, and its name, too. Nobody
        // else changes what is reserved.
        unsafe { Resource::from_raw(self.resource.as_ptr()) }
    }
}

impl Drop for Region<'_> {
    fn drop(&mut self) {
        let (start, size) = (self.start(), self.size());
        // SAFETY: By the type invariant such a range was reserved in `parent`, which is still borrowed,
        // and is not released yet. What was reserved in it borrowed it.
        unsafe { bindings::__release_region(self.parent.as_raw(), start, size) };
    }
}

/// What kind of addresses a [`Resource`] is about.
///
/// Combined with `|`, `&` and `!`.
///
/// # Examples
///
/// ```
/// use kernel::io::resource::Flags;
///
/// let flags = Flags::IORESOURCE_MEM | Flags::IORESOURCE_MEM_NONPOSTED;
/// assert!(flags.contains(Flags::IORESOURCE_MEM));
/// assert!(!(flags & !Flags::IORESOURCE_MEM).contains(Flags::IORESOURCE_MEM));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(pub(super) c_ulong);

impl Flags {
    /// I/O ports.
    pub const IORESOURCE_IO: Flags = Self::new(bindings::IORESOURCE_IO);

    /// Memory.
    pub const IORESOURCE_MEM: Flags = Self::new(bindings::IORESOURCE_MEM);

    /// Memory to be mapped so that a write has reached the device when it is done.
    pub const IORESOURCE_MEM_NONPOSTED: Flags = Self::new(bindings::IORESOURCE_MEM_NONPOSTED);

    /// Reserved by several in turn: whoever comes later waits.
    pub const IORESOURCE_MUXED: Flags = Self::new(bindings::IORESOURCE_MUXED);

    /// The bits that tell memory from ports and other things.
    const TYPE: c_ulong = Self::new(bindings::IORESOURCE_TYPE_BITS).0;

    /// Takes the value of a macro in C.
    const fn new(value: u32) -> Self {
        crate::build_assert::static_assert!(c_ulong::BITS >= u32::BITS);
        Self(value as c_ulong)
    }

    /// Returns whether all of `flags` are set.
    pub fn contains(self, flags: Flags) -> bool {
        self & flags == flags
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, rhs: Self) -> Self::Output {
        Self(self.0 | rhs.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;

    fn bitand(self, rhs: Self) -> Self::Output {
        Self(self.0 & rhs.0)
    }
}

impl Not for Flags {
    type Output = Self;

    fn not(self) -> Self::Output {
        Self(!self.0)
    }
}
