// SPDX-License-Identifier: GPL-2.0

//! What a device lends to its driver, and takes back when the driver is unbound.
//!
//! A mapping of registers, an interrupt, memory for DMA: none may be used once the driver is no longer
//! bound to the device, whoever still has it. A [`Devres`] keeps such a thing with the device. It is
//! dropped when the driver is unbound or when the `Devres` is, whichever comes first.
//!
//! | who wants it | has | by |
//! | --- | --- | --- |
//! | a callback that knows the device to be bound | `&Device<Bound>` | [`Devres::access`], for two comparisons |
//! | anybody else | nothing | [`Devres::try_access`] and its like, in a read side of RCU |
//!
//! What nobody wants to touch, but only to be dropped in time, goes to [`register`].
//!
//! ## How it is taken back
//!
//! There are two who can take it back: the device, in [`devres_release_all()`], and the drop of the
//! `Devres`. The first of them has it dropped, and the other one waits for that; so after either of them
//! it is gone. It may happen that one of them is at work *inside* the other: when what is dropped has a
//! `Devres` of the same device in it, or even its own. Who finds that it is itself the one it would wait
//! for does not wait.
//!
//! The device takes its resources back one after the other, the last one first. Until the interrupt is
//! its turn, the handler may run, with a `&Device<Bound>` for which resources that came later are gone:
//! [`Devres::access`] says so, and whoever had one before is waited for. That is what
//! [`BoundSection`] is about.
//!
//! On the C side this is [`include/linux/device/devres.h`] with [`drivers/base/devres.c`].
//!
//! [`devres_release_all()`]: srctree/drivers/base/devres.c
//! [`include/linux/device/devres.h`]: srctree/include/linux/device/devres.h
//! [`drivers/base/devres.c`]: srctree/drivers/base/devres.c

use crate::{
    alloc::{allocator::Kmalloc, Allocator, Flags},
    bindings,
    device::{Bound, Device},
    prelude::*,
    revocable::{Revocable, RevocableGuard},
    sync::{
        aref::ARef,
        atomic::{Acquire, Atomic, Full},
        rcu, Completion, Refcount,
    },
};
use core::{alloc::Layout, marker::PhantomData, ptr, ptr::NonNull};

mod action;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

#[doc(hidden)]
pub use action::{add_action, add_user, end_users, remove_user};

/// A callback that gives out a `&Device<Bound>` without holding the device's lock.
///
/// Not API: for the abstractions of interrupts and of whatever else calls a driver while its device is
/// bound. For as long as this is there, no resource of any device is taken from who could have it.
///
/// So whoever is called must not wait for a driver to be unbound, from whatever device: by dropping the
/// registration of one that hangs on his own, say. He would wait for himself.
#[doc(hidden)]
pub struct BoundSection {
    index: c_int,
    /// It ends in the task that it began in.
    _here: PhantomData<*mut ()>,
}

impl BoundSection {
    /// Begins; may be called in any context but an NMI.
    #[inline]
    pub fn enter() -> Self {
        Self {
            // SAFETY: The function may be called anywhere but in an NMI.
            index: unsafe { bindings::bound_enter() },
            _here: PhantomData,
        }
    }
}

impl Drop for BoundSection {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `enter` has begun it, in this task.
        unsafe { bindings::bound_leave(self.index) };
    }
}

/// What there is to know about a resource without knowing its type.
///
/// It is owned by the [`Devres`] and by the device; who is last frees it. All that the device calls is
/// part of the kernel, whatever module the resource's type is from: only `revoke` is not, and that is
/// called while the `Devres` waits.
#[pin_data]
struct Entry {
    owners: Refcount,
    /// The task that takes the resource back, or 0.
    taken_by: Atomic<usize>,
    /// That it has been taken back.
    #[pin]
    gone: Completion,
    device: ARef<Device>,
    /// Takes back what lies behind this entry.
    revoke: unsafe fn(NonNull<Entry>),
    /// What to free.
    layout: Layout,
}

/// The present task.
fn current() -> usize {
    // SAFETY: There always is one.
    unsafe { bindings::get_current() }.addr()
}

impl Entry {
    /// Whether it is for the caller to take the resource back.
    fn take(&self) -> bool {
        self.taken_by.cmpxchg(0, current(), Full).is_ok()
    }

    /// Waits until who took it is done, unless the caller is part of that.
    fn wait(&self) {
        if self.taken_by.load(Acquire) != current() {
            self.gone.wait_for_completion();
        }
    }

    /// Gives up one of the two who own it.
    ///
    /// # Safety
    ///
    /// The caller is one of them, and no longer uses the entry. Its resource has been taken back if the
    /// other one is gone.
    unsafe fn put(this: NonNull<Self>) {
        // SAFETY: The caller owns it, so that it is there.
        let entry = unsafe { this.as_ref() };
        if !entry.owners.dec_and_test() {
            return;
        }
        let layout = entry.layout;
        // SAFETY: Nobody else has it. What lies behind it has been taken back, and has nothing to drop.
        unsafe { ptr::drop_in_place(this.as_ptr()) };
        // SAFETY: `Devres::new` allocated it by this allocator, with this layout.
        unsafe { Kmalloc::free(this.cast(), layout) };
    }
}

/// A resource, behind what there is to know about it.
#[repr(C)]
#[pin_data]
struct Node<T> {
    #[pin]
    entry: Entry,
    #[pin]
    data: Revocable<T>,
}

impl<T: Send + 'static> Node<T> {
    /// Drops the resource.
    ///
    /// # Safety
    ///
    /// `entry` is that of a `Node<T>`.
    unsafe fn revoke(entry: NonNull<Entry>) {
        // SAFETY: The caller says so, and the entry comes first in it.
        let node = unsafe { entry.cast::<Self>().as_ref() };
        node.data.revoke();
    }
}

/// A resource that is there for as long as a driver is bound to its device, at the longest.
///
/// To be dropped where sleeping is allowed: if the device is taking the resource back, that waits for it.
///
/// C counterpart: `devm_add_action_or_reset()`, which gives nothing to have the resource by.
///
/// # Examples
///
/// ```
/// use kernel::{device::{Bound, Device}, devres::Devres};
///
/// /// The registers of the device, say.
/// struct Registers([u32; 4]);
///
/// impl Registers {
///     fn first(&self) -> u32 {
///         self.0[0]
///     }
/// }
///
/// fn probe(dev: &Device<Bound>) -> Result<Devres<Registers>> {
///     let registers = Devres::new(dev, Registers([7, 0, 0, 0]))?;
///     // Here the device is bound.
///     assert_eq!(registers.access(dev)?.first(), 7);
///     Ok(registers)
/// }
///
/// # let faux = kernel::faux::Registration::new(c"rust_doc_devres", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # let dev = unsafe { faux.as_ref().as_bound() };
/// let registers = probe(dev)?;
/// // Elsewhere it may be, or not.
/// assert_eq!(registers.try_access_with(Registers::first), Some(7));
/// # drop(faux);
/// // The device is gone.
/// assert_eq!(registers.try_access_with(Registers::first), None);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `node` was allocated by [`new`](Self::new), and this value is one of its owners.
pub struct Devres<T: Send + 'static> {
    node: NonNull<Node<T>>,
    _owned: PhantomData<T>,
}

// SAFETY: Whoever has it can have the resource dropped, which is `Send`; all else is synchronised.
unsafe impl<T: Send> Send for Devres<T> {}

// SAFETY: A shared reference gives shared references to the resource, which is `Sync`. That it can be
// dropped in another task takes that it is `Send`.
unsafe impl<T: Send + Sync> Sync for Devres<T> {}

impl<T: Send + 'static> Devres<T> {
    /// Makes a resource, and leaves it with the device.
    ///
    /// # Errors
    ///
    /// - That of `data`.
    /// - `ENOMEM` without memory, and `ENXIO` when the driver is being unbound, in its `unbind` already.
    ///   The resource is dropped again.
    pub fn new<E>(dev: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        let entry = pin_init!(Entry {
            owners: Refcount::new(1),
            taken_by: Atomic::new(0),
            gone <- Completion::new(),
            device: dev.into(),
            revoke: Node::<T>::revoke,
            layout: Layout::new::<Node<T>>(),
        });
        let node = KBox::pin_init::<Error>(
            try_pin_init!(Node {
                entry <- entry,
                data <- Revocable::new(data),
            }? Error),
            GFP_KERNEL,
        )?;
        // SAFETY: It stays in its allocation until it is freed.
        let node = KBox::into_raw(unsafe { Pin::into_inner_unchecked(node) });
        // SAFETY: It comes from a box.
        let node = unsafe { NonNull::new_unchecked(node) };
        // INVARIANT: The one owner there is so far.
        let devres = Self {
            node,
            _owned: PhantomData,
        };
        devres.entry().owners.inc();
        // SAFETY: The device becomes the other owner, which `release` takes care of.
        let added = unsafe { add_action(dev, release, node.as_ptr().cast(), c"Devres") };
        if added.is_err() {
            // SAFETY: The device did not become its owner. `devres` is the other one.
            unsafe { Entry::put(node.cast()) };
        }
        added.map(|()| devres)
    }

    fn node(&self) -> &Node<T> {
        // SAFETY: It is there, by the type invariants.
        unsafe { self.node.as_ref() }
    }

    fn entry(&self) -> &Entry {
        &self.node().entry
    }

    /// The device that the resource belongs to.
    pub fn device(&self) -> &Device {
        &self.entry().device
    }

    /// The resource, for who knows that the device is bound.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when `dev` is another device.
    /// - `ENXIO` when the driver is being unbound, and the device has taken the resource back already.
    pub fn access<'a>(&'a self, dev: &'a Device<Bound>) -> Result<&'a T> {
        if self.device().as_raw() != dev.as_raw() {
            return Err(EINVAL);
        }
        if self.entry().taken_by.load(Acquire) != 0 {
            return Err(ENXIO);
        }
        // SAFETY: Nobody had begun to take it back. The drop of `self` can't, while it is borrowed. The
        // device does so when the driver is unbound: `dev` is from a callback that holds the device's
        // lock, and unbinding is after it; or from a `BoundSection`, which it waits for.
        Ok(unsafe { self.node().data.access() })
    }

    /// The resource, if it is there, for as long as the guard is: a read side of RCU, where sleeping is
    /// not allowed.
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        self.node().data.try_access()
    }

    /// Calls `f` with the resource, if it is there, in a read side of RCU: it must not sleep.
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.node().data.try_access_with(f)
    }

    /// The resource, if it is there, in a read side of RCU that there is already.
    pub fn try_access_with_guard<'a>(&'a self, guard: &'a rcu::Guard) -> Option<&'a T> {
        self.node().data.try_access_with_guard(guard)
    }
}

impl<T: Send + 'static> Drop for Devres<T> {
    fn drop(&mut self) {
        let entry = self.entry();
        if entry.take() {
            // SAFETY: Whoever had it, by whatever way, borrowed `self`, and does so no more. That this has
            // taken it keeps the device from it.
            unsafe { self.node().data.revoke_nosync() };
            entry.gone.complete_all();
        } else {
            entry.wait();
        }
        // SAFETY: The device is initialised: the entry counts it. `release` and the node are what it was
        // given.
        let result = unsafe {
            bindings::devm_remove_action_nowarn(
                entry.device.as_raw(),
                Some(release),
                self.node.as_ptr().cast(),
            )
        };
        if result == 0 {
            // SAFETY: The device was one of its owners until now. `self` is the other one.
            unsafe { Entry::put(self.node.cast()) };
        }
        // SAFETY: `self` is one of its owners, and this is the last use. The resource is gone, or it is
        // by the time that the device, which is in the middle of that, gives up its share.
        unsafe { Entry::put(self.node.cast()) };
    }
}

/// What the device core calls for each [`Devres`] when the driver is unbound.
///
/// # Safety
///
/// `data` is the node of one, and the device is one of its owners, until this call.
// There must be one such function, as it is found by its address: a module must not have another one.
#[inline(never)]
unsafe extern "C" fn release(data: *mut c_void) {
    // SAFETY: The entry comes first in a node.
    let this = unsafe { NonNull::new_unchecked(data.cast::<Entry>()) };
    // SAFETY: The device is one of its owners.
    let entry = unsafe { this.as_ref() };
    if entry.take() {
        // Who got it before, as the device was bound, may still have it.
        // SAFETY: The device core is in a task, with its own locks held, and in no `BoundSection`, as its
        // documentation asks.
        unsafe { bindings::bound_wait() };
        // SAFETY: It is the function for this node. The `Devres` is there, and waits if it is dropped, so
        // that the function is there, too.
        unsafe { (entry.revoke)(this) };
        entry.gone.complete_all();
    } else {
        entry.wait();
    }
    // SAFETY: The device was one of its owners, and the core has forgotten it. The resource is gone, or
    // it is by the time that the `Devres`, inside whose drop this is, gives up its share.
    unsafe { Entry::put(this) };
}

/// Makes something that the device drops when the driver is unbound.
///
/// C counterpart: `devm_add_action_or_reset()`.
///
/// # Errors
///
/// - That of `data`.
/// - `ENOMEM` without memory, and `ENXIO` when the driver is being unbound, in its `unbind` already. What
///   was made is dropped again.
///
/// # Examples
///
/// ```
/// use kernel::{
///     devres,
///     sync::{atomic::{Atomic, Relaxed}, Arc},
/// };
///
/// /// Switches something off at the end.
/// struct Power(Arc<Atomic<bool>>);
///
/// impl Drop for Power {
///     fn drop(&mut self) {
///         self.0.store(false, Relaxed);
///     }
/// }
///
/// let on = Arc::new(Atomic::new(true), GFP_KERNEL)?;
/// # let faux = kernel::faux::Registration::new(c"rust_doc_register", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # let dev = unsafe { faux.as_ref().as_bound() };
/// devres::register(dev, Power(on.clone()), GFP_KERNEL)?;
/// assert!(on.load(Relaxed));
/// # drop(faux);
/// // The device is gone.
/// assert!(!on.load(Relaxed));
/// # Ok::<(), Error>(())
/// ```
pub fn register<T, E>(dev: &Device<Bound>, data: impl PinInit<T, E>, flags: Flags) -> Result
where
    T: Send + 'static,
    Error: From<E>,
{
    /// # Safety
    ///
    /// `data` is a pinned `T` from a box, which is the caller's to give away.
    unsafe extern "C" fn drop_it<T>(data: *mut c_void) {
        // SAFETY: The caller says so.
        let data = unsafe { KBox::<T>::from_raw(data.cast()) };
        // It is dropped where it lies.
        drop(KBox::into_pin(data));
    }

    let data = KBox::pin_init(data, flags)?;
    // SAFETY: It stays in its allocation until `drop_it` has it back as pinned.
    let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
    // SAFETY: `drop_it` takes the data back.
    let added = unsafe { add_action(dev, drop_it::<T>, data.cast(), c"devres::register") };
    if added.is_err() {
        // SAFETY: It is the pointer from above, which nobody has taken.
        unsafe { drop_it::<T>(data.cast()) };
    }
    added
}
