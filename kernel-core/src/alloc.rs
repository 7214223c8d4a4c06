// SPDX-License-Identifier: GPL-2.0

//! Memory allocation.
//!
//! Three allocators are on offer, each a type without values that implements [`Allocator`]:
//!
//! | allocator | memory is contiguous | C counterpart | good for |
//! | --- | --- | --- | --- |
//! | [`Kmalloc`](allocator::Kmalloc) | physically and virtually | [`kmalloc`] | objects up to a few pages |
//! | [`Vmalloc`](allocator::Vmalloc) | virtually | [`vmalloc`] | large buffers; may sleep |
//! | [`KVmalloc`](allocator::KVmalloc) | virtually | [`kvmalloc`] | buffers of any size |
//!
//! Code seldom calls them. It names a container and, with it, the allocator:
//!
//! | one value | many values | allocator |
//! | --- | --- | --- |
//! | [`KBox`] | [`KVec`] | `Kmalloc` |
//! | [`VBox`] | [`VVec`] | `Vmalloc` |
//! | [`KVBox`] | [`KVVec`] | `KVmalloc` |
//!
//! Two things differ from Rust's own `alloc` crate. Every allocation can fail, and says so with
//! [`AllocError`]. And whatever may allocate takes [`Flags`], which tell the kernel how hard it may
//! try: above all, whether it may sleep.
//!
//! [`kmalloc`]: srctree/include/linux/slab.h
//! [`kvmalloc`]: srctree/include/linux/slab.h
//! [`vmalloc`]: srctree/include/linux/vmalloc.h

pub mod allocator;
pub mod kbox;
pub mod kvec;
pub mod layout;

pub use self::{
    kbox::{Box, KBox, KVBox, VBox},
    kvec::{IntoIter, KVVec, KVec, VVec, Vec},
};

use crate::error::{code::EINVAL, Result};
use core::{alloc::Layout, ptr::NonNull};

/// The error of an allocation that could not be had.
///
/// It becomes [`ENOMEM`](crate::error::code::ENOMEM) when converted to [`Error`](crate::error::Error).
///
/// # Examples
///
/// ```
/// use kernel::alloc::AllocError;
///
/// assert_eq!(Error::from(AllocError), ENOMEM);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError;

/// How an allocation is to be made: a set of the kernel's "get free pages" flags.
///
/// The constants of [`flags`] are combined with `|`, `&` and `!`. Stands for [`gfp_t`].
///
/// # Invariants
///
/// No flag is set that is not part of one of those constants. C has others, which not every allocator
/// puts up with, and one that keeps memory from being zeroed.
///
/// # Examples
///
/// ```
/// use kernel::alloc::flags::*;
///
/// let quiet = GFP_KERNEL | __GFP_NOWARN;
///
/// assert!(quiet.contains(GFP_KERNEL));
/// assert!(quiet.contains(__GFP_NOWARN));
/// assert!(!(quiet & !__GFP_NOWARN).contains(__GFP_NOWARN));
/// ```
///
/// [`gfp_t`]: srctree/include/linux/gfp_types.h
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(bindings::gfp_t);

impl Flags {
    /// All flags that there can be in a value of this type.
    const ALL: bindings::gfp_t = flags::GFP_ATOMIC.0
        | flags::GFP_KERNEL.0
        | flags::GFP_KERNEL_ACCOUNT.0
        | flags::GFP_NOWAIT.0
        | flags::__GFP_HIGHMEM.0
        | flags::__GFP_NOWARN.0
        | flags::__GFP_ZERO.0;

    /// Returns the flags as C has them.
    ///
    /// Not API: for the kernel's own abstractions that hand the flags to C.
    #[doc(hidden)]
    #[inline]
    pub fn as_raw(self) -> bindings::gfp_t {
        self.0
    }

    /// Returns whether every flag of `flags` is set in `self`.
    #[inline]
    pub fn contains(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl core::ops::BitAnd for Flags {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self::Output {
        Self(self.0 & other.0)
    }
}

impl core::ops::BitOr for Flags {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self::Output {
        Self(self.0 | other.0)
    }
}

impl core::ops::Not for Flags {
    type Output = Self;

    /// Returns the flags that are not set, of those that the constants of [`flags`] consist of.
    #[inline]
    fn not(self) -> Self::Output {
        // INVARIANT: Flags of C that have no constant here stay clear.
        Self(!self.0 & Self::ALL)
    }
}

/// The flags that an allocation can be made with.
///
/// C header: [`include/linux/gfp_types.h`](srctree/include/linux/gfp_types.h)
pub mod flags {
    use super::Flags;

    /// For code that must not sleep and cannot do without the memory: interrupt handlers, code that
    /// holds a spinlock. May dip into the reserves.
    pub const GFP_ATOMIC: Flags = Flags(bindings::GFP_ATOMIC);

    /// What code in process context normally uses. The allocation may sleep, and may wait for other
    /// memory to be written back.
    pub const GFP_KERNEL: Flags = Flags(bindings::GFP_KERNEL);

    /// [`GFP_KERNEL`], and the memory is charged to the control group of the current task. For what
    /// user space can make the kernel allocate.
    pub const GFP_KERNEL_ACCOUNT: Flags = Flags(bindings::GFP_KERNEL_ACCOUNT);

    /// For code that must not sleep and has a way out when there is no memory. Never touches the
    /// reserves, and does not warn.
    pub const GFP_NOWAIT: Flags = Flags(bindings::GFP_NOWAIT);

    /// Whole pages may come from memory that has no permanent address in the kernel. An addition to
    /// another flag, for pages that are mapped only while they are used.
    pub const __GFP_HIGHMEM: Flags = Flags(bindings::__GFP_HIGHMEM);

    /// A failure is not to be reported in the kernel's log. An addition to another flag.
    pub const __GFP_NOWARN: Flags = Flags(bindings::__GFP_NOWARN);

    /// The memory is to be filled with zeroes. An addition to another flag.
    pub const __GFP_ZERO: Flags = Flags(bindings::__GFP_ZERO);
}

/// The NUMA node that an allocation should come from, where there is a choice.
///
/// # Invariants
///
/// The number is `NUMA_NO_NODE`, or that of a node which this system can have.
///
/// # Examples
///
/// ```
/// use kernel::alloc::NumaNode;
///
/// // A system has at least node 0, and none with a negative number.
/// assert!(NumaNode::new(0).is_ok());
/// assert_eq!(NumaNode::new(-1).err(), Some(EINVAL));
/// assert_eq!(NumaNode::new(i32::MAX).err(), Some(EINVAL));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumaNode(i32);

impl NumaNode {
    /// No preference: the kernel takes the nearest node.
    // INVARIANT: The number is `NUMA_NO_NODE`.
    pub const NO_NODE: NumaNode = NumaNode(bindings::NUMA_NO_NODE);
}

impl NumaNode {
    /// Names the node with number `node`.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if this system cannot have a node of that number.
    pub fn new(node: i32) -> Result<Self> {
        // There are at most 1024 nodes, so the cast keeps the value.
        if !(0..bindings::MAX_NUMNODES as i32).contains(&node) {
            return Err(EINVAL);
        }
        // The page allocator has no data for the numbers in between that stand for no node, and
        // looks for it all the same.
        //
        // SAFETY: The number was just checked to be less than `MAX_NUMNODES`, and not negative.
        if !unsafe { bindings::node_possible(node) } {
            return Err(EINVAL);
        }
        // INVARIANT: The node is a possible one.
        Ok(Self(node))
    }
}

/// A source of memory, for the containers of this module.
///
/// An allocator has no state that its users could see: all functions belong to the type, so that a
/// container costs no more than its pointer.
///
/// An allocation of size zero is free of charge: it is made without calling the kernel, its pointer
/// dangles, and is good only for accesses of size zero.
///
/// # Safety
///
/// An implementation ensures that:
///
/// - the memory which [`realloc`](Self::realloc) and [`alloc`](Self::alloc) return is valid for
///   reads and writes of the length asked for, and belongs to the caller alone, until it is given
///   to `realloc` (which succeeds) or to [`free`](Self::free);
/// - that memory is aligned as its layout demands, and if its size is not zero, also to
///   [`MIN_ALIGN`](Self::MIN_ALIGN) bytes;
/// - `realloc` does what its documentation says about the contents of the memory.
///
/// # Examples
///
/// ```
/// use core::alloc::Layout;
/// use kernel::alloc::{allocator::Kmalloc, Allocator, NumaNode};
///
/// let layout = Layout::new::<[u64; 4]>();
/// let memory = Kmalloc::alloc(layout, GFP_KERNEL | __GFP_ZERO, NumaNode::NO_NODE)?;
///
/// assert_eq!(memory.len(), 32);
/// // SAFETY: The memory has this layout, is initialised with zeroes, and nobody else has it.
/// assert_eq!(unsafe { memory.cast::<[u64; 4]>().read() }, [0; 4]);
///
/// // SAFETY: The memory was allocated by this allocator, with this layout.
/// unsafe { Kmalloc::free(memory.cast(), layout) };
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait Allocator {
    /// The alignment, in bytes, that every allocation has whose size is not zero.
    const MIN_ALIGN: usize;

    /// Changes the layout of an allocation from `old_layout` to `layout`.
    ///
    /// The contents are kept, up to the lesser of both sizes. What comes after them is
    /// uninitialised. If `flags` has [`__GFP_ZERO`](flags::__GFP_ZERO), and every earlier request
    /// for this allocation had it too, it is zero. The allocation may move.
    ///
    /// - With `None`, or an `old_layout` of size zero, this allocates memory as
    ///   [`alloc`](Self::alloc) does.
    /// - With a `layout` of size zero, this frees the memory as [`free`](Self::free) does, and
    ///   succeeds.
    ///
    /// `nid` is where new memory should come from; memory that can stay where it is stays.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no such memory to be had. The old allocation is then as before.
    ///
    /// # Safety
    ///
    /// If `ptr` is not `None`, it is an allocation that this allocator has made with `old_layout`,
    /// and that has not been given back. Unless the call fails, the caller no longer uses it.
    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError>;

    /// Allocates memory of the given layout, preferably from node `nid`.
    ///
    /// The contents are uninitialised, or zero if `flags` has [`__GFP_ZERO`](flags::__GFP_ZERO).
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no such memory to be had.
    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: There is no previous allocation to say anything about.
        unsafe { Self::realloc(None, layout, Layout::new::<()>(), flags, nid) }
    }

    /// Gives an allocation back.
    ///
    /// # Safety
    ///
    /// `ptr` is an allocation that this allocator has made with `layout`, and that has not been
    /// given back. The caller no longer uses it.
    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: What this function demands of `ptr` is what `realloc` demands.
        let result = unsafe {
            Self::realloc(
                Some(ptr),
                Layout::new::<()>(),
                layout,
                Flags(0),
                NumaNode::NO_NODE,
            )
        };
        // Nothing was asked for, hence nothing can be missing.
        debug_assert!(result.is_ok());
    }
}

/// The pointer of an allocation of size zero: not null, and aligned as `layout` demands.
#[inline]
fn dangling(layout: Layout) -> NonNull<u8> {
    let ptr = core::ptr::without_provenance_mut(layout.align());
    // SAFETY: An alignment is a power of two, hence not zero.
    unsafe { NonNull::new_unchecked(ptr) }
}
