// SPDX-License-Identifier: GPL-2.0

//! Shared ownership of objects made in Rust.
//!
//! - [`Arc<T>`] owns an object together with others. The last owner frees it.
//! - [`ArcBorrow<'_, T>`](ArcBorrow) borrows an object from an `Arc`, and can become an owner.
//! - [`UniqueArc<T>`] is the only owner, so far, and may therefore change the object.
//!
//! Unlike the standard library's: the count is a [`Refcount`], which saturates where the other
//! aborts; there are no weak references, and so a word less to store; the object is always pinned;
//! and allocating takes flags, and may fail.
//!
//! For C structures that bring their own count see [`aref`](crate::sync::aref).

use crate::{
    alloc::{AllocError, Flags, KBox},
    bindings, fmt,
    init::InPlaceInit,
    sync::Refcount,
    types::ForeignOwnable,
    uaccess::{contents::BinaryWriter, UserSliceWriter},
};
use core::{
    borrow::Borrow,
    marker::{CoercePointee, PhantomData},
    mem::{offset_of, ManuallyDrop},
    ops::Deref,
    pin::Pin,
    ptr::NonNull,
};
use pin_init::{Init, PinInit};

mod borrow;
mod std_vendor;
mod tests;
mod unique;

pub use borrow::ArcBorrow;
pub use unique::UniqueArc;

/// An owner, among others, of an object on the heap.
///
/// Cloning makes another owner, dropping gives one up, and the last one to go drops the object and
/// frees its memory. That may happen in any context that drops an `Arc`: where the object's `Drop`
/// may sleep, do not drop its `Arc`s in an interrupt handler or with a spinlock held. (Freeing the
/// memory is fine there.)
///
/// The object can only be looked at, since other owners may do so at the same time. To change it,
/// put a lock or an atomic inside, or begin with a [`UniqueArc`].
///
/// It stays at its address for life, so an `Arc` needs no [`Pin`] around it, and a value that must
/// not move is made in place, by [`Arc::pin_init`](InPlaceInit::pin_init).
///
/// Owners that own each other in a circle are never freed. Neither is an object whose count ever
/// overflowed: it saturates, with a warning.
///
/// # Invariants
///
/// `ptr` comes from a `KBox<ArcInner<T>>` that has been leaked; its contents are valid, and one of
/// the references that `refcount` counts belongs to this `Arc`.
///
/// # Examples
///
/// ```
/// use kernel::sync::Arc;
///
/// struct Firmware {
///     version: u32,
/// }
///
/// let one = Arc::new(Firmware { version: 3 }, GFP_KERNEL)?;
/// let two = one.clone();
///
/// assert!(Arc::ptr_eq(&one, &two));
/// drop(one);
/// assert_eq!(two.version, 3);
/// # Ok::<(), Error>(())
/// ```
///
/// Of a type that must not move, here a lock, and used from a method that wants an owner:
///
/// ```
/// use kernel::sync::{new_mutex, Arc, Mutex};
///
/// #[pin_data]
/// struct Queue {
///     #[pin]
///     jobs: Mutex<KVec<u32>>,
/// }
///
/// impl Queue {
///     fn new() -> Result<Arc<Self>> {
///         Arc::pin_init(
///             pin_init!(Self { jobs <- new_mutex!(KVec::new()) }),
///             GFP_KERNEL,
///         )
///     }
///
///     /// Adds a job, and returns another owner of the queue.
///     fn with(self: &Arc<Self>, job: u32) -> Result<Arc<Self>> {
///         self.jobs.lock().push(job, GFP_KERNEL)?;
///         Ok(self.clone())
///     }
/// }
///
/// let queue = Queue::new()?;
/// let same = queue.with(1)?.with(2)?;
/// assert_eq!(same.jobs.lock().len(), 2);
/// # Ok::<(), Error>(())
/// ```
///
/// As a trait object:
///
/// ```
/// use kernel::sync::Arc;
///
/// trait Shape: Send + Sync {
///     fn area(&self) -> u32;
/// }
///
/// struct Square(u32);
///
/// impl Shape for Square {
///     fn area(&self) -> u32 {
///         self.0 * self.0
///     }
/// }
///
/// let square = Arc::new(Square(4), GFP_KERNEL)?;
/// let shape: Arc<dyn Shape> = square.clone();
/// assert_eq!(shape.area(), square.area());
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
#[derive(CoercePointee)]
pub struct Arc<T: ?Sized> {
    ptr: NonNull<ArcInner<T>>,
    // It may drop a `T`.
    _owns: PhantomData<ArcInner<T>>,
}

/// What an [`Arc`] points to.
#[repr(C)]
struct ArcInner<T: ?Sized> {
    refcount: Refcount,
    data: T,
}

impl<T: ?Sized> ArcInner<T> {
    /// Returns the address of the object inside.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an allocated `ArcInner<T>`.
    unsafe fn data(ptr: NonNull<Self>) -> *mut T {
        // No reference is made on the way, so that the result can be used for the whole object, and
        // to get back to the count.
        //
        // SAFETY: The caller says that the pointer is within an allocation.
        unsafe { &raw mut (*ptr.as_ptr()).data }
    }

    /// Returns the count.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an `ArcInner<T>` whose count is valid, and for as long as the result is
    /// used there must be a reference, of the caller's or of an owner that it knows to stay.
    unsafe fn refcount<'a>(ptr: NonNull<Self>) -> &'a Refcount {
        // Past a `dec_and_test` the result may dangle already, as another owner may have freed it
        // since. That is allowed for: a `Refcount` is an `UnsafeCell` throughout.
        //
        // SAFETY: The caller says that it is valid.
        unsafe { &(*ptr.as_ptr()).refcount }
    }

    /// Returns what the object at `data` lies in.
    ///
    /// # Safety
    ///
    /// `data` must come from [`Self::data`], and the object must be valid.
    unsafe fn containing(data: *const T) -> NonNull<Self> {
        // SAFETY: The caller says that the object is valid; shared it may be for this moment.
        let align = align_of_val(unsafe { &*data });
        // The count has offset zero, and the object the next one that suits it: `repr(C)`.
        let offset = size_of::<Refcount>().next_multiple_of(align);
        // SAFETY: `data` points that far into an `ArcInner<T>`, says the caller.
        let inner = unsafe { data.byte_sub(offset) } as *const Self;
        // SAFETY: It points into an allocation, so it is not null.
        unsafe { NonNull::new_unchecked(inner.cast_mut()) }
    }
}

// SAFETY: An `Arc` shares the object with owners that may stay behind, hence `T: Sync`; and with
// it goes the duty to drop the object, hence `T: Send`.
unsafe impl<T: ?Sized + Sync + Send> Send for Arc<T> {}

// SAFETY: `&Arc` gives `&T`, hence `T: Sync`, and by cloning an `Arc` on another thread, which may
// be the one to drop the object, hence `T: Send`.
unsafe impl<T: ?Sized + Sync + Send> Sync for Arc<T> {}

// The object does not move when the `Arc` does.
impl<T: ?Sized> Unpin for Arc<T> {}

impl<T> Arc<T> {
    /// How many bytes into the allocation the object starts.
    ///
    /// For C code and debuggers that find an object by the pointer that
    /// [`into_foreign`](ForeignOwnable::into_foreign) returned. [`Arc::into_raw`] and
    /// [`Arc::as_ptr`] point to the object itself already.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{sync::Arc, types::ForeignOwnable};
    ///
    /// let arc = Arc::new(0x1234u64, GFP_KERNEL)?;
    /// let object = Arc::as_ptr(&arc);
    /// let foreign = arc.into_foreign();
    ///
    /// assert_eq!(object as usize - foreign as usize, Arc::<u64>::DATA_OFFSET);
    ///
    /// // SAFETY: `foreign` comes from `into_foreign`, and is not used after this.
    /// drop(unsafe { Arc::<u64>::from_foreign(foreign) });
    /// # Ok::<(), Error>(())
    /// ```
    pub const DATA_OFFSET: usize = offset_of!(ArcInner<T>, data);

    /// Moves a value to the heap, where it can have several owners.
    ///
    /// # Errors
    ///
    /// If there is no memory; then `contents` is dropped.
    pub fn new(contents: T, flags: Flags) -> Result<Self, AllocError> {
        let inner = ArcInner {
            refcount: Refcount::new(1),
            data: contents,
        };
        let inner = KBox::leak(KBox::new(inner, flags)?);
        // SAFETY: `inner` has just been leaked, and the count of one belongs to this `Arc`.
        Ok(unsafe { Self::from_inner(inner.into()) })
    }
}

impl<T: ?Sized> Arc<T> {
    /// Makes an owner of a reference that has been counted.
    ///
    /// # Safety
    ///
    /// `ptr` must come from a leaked `KBox` whose contents are valid, and the caller must own one
    /// of the references counted in there, which it gives to the `Arc`.
    unsafe fn from_inner(ptr: NonNull<ArcInner<T>>) -> Self {
        // INVARIANT: The caller promises just that.
        Self {
            ptr,
            _owns: PhantomData,
        }
    }

    /// Returns the count.
    fn refcount(&self) -> &Refcount {
        // SAFETY: By the type invariant the contents are valid while this `Arc` has its reference.
        unsafe { ArcInner::refcount(self.ptr) }
    }

    /// Gives the reference away as a pointer to the object, without giving it up.
    ///
    /// Whoever has the pointer owns the reference. [`Arc::from_raw`] undoes this; what is never
    /// undone leaks the object.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::Arc;
    ///
    /// let raw = Arc::into_raw(Arc::new(5, GFP_KERNEL)?);
    ///
    /// // SAFETY: The pointer comes from `into_raw`, whose reference has not been taken back.
    /// let arc = unsafe { Arc::from_raw(raw) };
    /// assert_eq!(*arc, 5);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_raw(self) -> *const T {
        Self::as_ptr(&ManuallyDrop::new(self))
    }

    /// Returns a pointer to the object. It is good for as long as there is an owner.
    pub fn as_ptr(this: &Self) -> *const T {
        // SAFETY: By the type invariant `ptr` is an `ArcInner<T>`.
        unsafe { ArcInner::data(this.ptr) }
    }

    /// Takes a reference back that [`Arc::into_raw`] gave away.
    ///
    /// # Safety
    ///
    /// `ptr` must come from [`Arc::into_raw`] of an `Arc<T>`, and be taken back once for each time
    /// that it came from there. It may have been cast, as long as the `T` here is the one the
    /// object has, or the `dyn Trait` or slice that it was coerced to.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: A pointer from `into_raw` comes from `ArcInner::data`, and the reference that the
        // caller owns keeps the object valid.
        let inner = unsafe { ArcInner::containing(ptr) };
        // SAFETY: By the invariant of the `Arc` it was, `inner` comes from a leaked `KBox`; the
        // reference that went with `ptr` has not been taken back yet.
        unsafe { Self::from_inner(inner) }
    }

    /// Borrows the object in such a way that the borrower can become an owner.
    ///
    /// Saves the reference count a round trip where `&Arc<T>` would, too, and the pointer to a
    /// pointer besides. The `Arc` cannot go away during the borrow.
    #[inline]
    pub fn as_arc_borrow(&self) -> ArcBorrow<'_, T> {
        // SAFETY: By the type invariant the contents are valid while there is a reference, and the
        // one of this `Arc` stays for as long as `self` is borrowed.
        unsafe { ArcBorrow::from_inner(self.ptr) }
    }

    /// Returns whether two `Arc`s own the same object.
    ///
    /// Compares addresses, not what is there, and not the vtables of trait objects.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::Arc;
    ///
    /// let a = Arc::new(1, GFP_KERNEL)?;
    /// let b = Arc::new(1, GFP_KERNEL)?;
    ///
    /// assert!(Arc::ptr_eq(&a, &a.clone()));
    /// assert!(!Arc::ptr_eq(&a, &b));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        core::ptr::addr_eq(this.ptr.as_ptr(), other.ptr.as_ptr())
    }

    /// Gives the reference up; if it was the last, returns the object to its now only owner.
    ///
    /// Of several owners that all call this, exactly one gets the object, unless it had yet other
    /// owners. So the object can be reused, or dropped where that is allowed, by whoever happens to
    /// be last.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::Arc;
    ///
    /// let first = Arc::new(7, GFP_KERNEL)?;
    /// let last = first.clone();
    ///
    /// assert!(Arc::into_unique_or_drop(first).is_none());
    ///
    /// let mut unique = Arc::into_unique_or_drop(last).ok_or(EBUSY)?;
    /// *unique += 1;
    /// assert_eq!(*unique, 8);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_unique_or_drop(this: Self) -> Option<Pin<UniqueArc<T>>> {
        // Its reference is given up here, not in `drop`.
        let this = ManuallyDrop::new(this);

        if !this.refcount().dec_and_test() {
            return None;
        }
        // No other owner is left, nor can one come back: nobody has a reference to clone. Set the
        // count to what an owner has.
        this.refcount().set(1);
        // SAFETY: By the type invariant `ptr` comes from a leaked `KBox` with valid contents; the
        // count of one belongs to the new `Arc`.
        let inner = unsafe { Self::from_inner(this.ptr) };
        // SAFETY: The count is one, and no `ArcBorrow` outlives its `Arc`.
        Some(Pin::from(unsafe { UniqueArc::from_last(inner) }))
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[inline]
    fn clone(&self) -> Self {
        // An overflow saturates: then the object is never freed, and stays valid.
        self.refcount().inc();
        // SAFETY: By the type invariant `ptr` comes from a leaked `KBox` with valid contents; the
        // reference has just been counted.
        unsafe { Self::from_inner(self.ptr) }
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        if self.refcount().dec_and_test() {
            // SAFETY: By the type invariant the pointer comes from a `KBox` that has been leaked.
            // That was the last reference, so nobody else uses it.
            drop(unsafe { KBox::from_raw(self.ptr.as_ptr()) });
        }
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariant the contents are valid while this `Arc` has its reference,
        // and nobody has them mutably: that takes a `UniqueArc`, which is alone.
        unsafe { &self.ptr.as_ref().data }
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> From<ArcBorrow<'_, T>> for Arc<T> {
    /// Becomes an owner of what was borrowed.
    fn from(borrow: ArcBorrow<'_, T>) -> Self {
        borrow.to_owner()
    }
}

impl<T: ?Sized> From<UniqueArc<T>> for Arc<T> {
    /// Lets there be other owners.
    fn from(unique: UniqueArc<T>) -> Self {
        unique.into_shared()
    }
}

impl<T: ?Sized> From<Pin<UniqueArc<T>>> for Arc<T> {
    /// Lets there be other owners.
    fn from(unique: Pin<UniqueArc<T>>) -> Self {
        // SAFETY: An `Arc` never moves its object, nor lets others do so: it gives no `&mut T`.
        unsafe { Pin::into_inner_unchecked(unique) }.into_shared()
    }
}

impl<T> InPlaceInit<T> for Arc<T> {
    type PinnedSelf = Self;

    #[inline]
    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_pin_init(init, flags).map(Self::from)
    }

    #[inline]
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_init(init, flags).map(Self::from)
    }
}

// SAFETY: `into_foreign` returns the address of an `ArcInner<T>`, aligned for that and never null,
// and all others take what it returned.
unsafe impl<T: 'static> ForeignOwnable for Arc<T> {
    const FOREIGN_ALIGN: usize = align_of::<ArcInner<T>>();

    type Borrowed<'a> = ArcBorrow<'a, T>;
    // There may be other owners.
    type BorrowedMut<'a> = Self::Borrowed<'a>;

    fn into_foreign(self) -> *mut crate::ffi::c_void {
        ManuallyDrop::new(self).ptr.as_ptr().cast()
    }

    unsafe fn from_foreign(ptr: *mut crate::ffi::c_void) -> Self {
        // SAFETY: The caller says that `ptr` comes from `into_foreign`, where it was not null.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast::<ArcInner<T>>()) };
        // SAFETY: By the type invariant of the `Arc` it was, it comes from a leaked `KBox`; its
        // reference goes to the new one, since the caller does not use `ptr` again.
        unsafe { Self::from_inner(inner) }
    }

    unsafe fn borrow<'a>(ptr: *mut crate::ffi::c_void) -> ArcBorrow<'a, T> {
        // SAFETY: The caller says that `ptr` comes from `into_foreign`, where it was not null.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast::<ArcInner<T>>()) };
        // SAFETY: The reference that `into_foreign` gave away is still there, and stays for `'a`:
        // the caller does not take it back before.
        unsafe { ArcBorrow::from_inner(inner) }
    }

    unsafe fn borrow_mut<'a>(ptr: *mut crate::ffi::c_void) -> ArcBorrow<'a, T> {
        // SAFETY: The caller promises more than `borrow` asks.
        unsafe { <Self as ForeignOwnable>::borrow(ptr) }
    }
}

impl<T: fmt::Display + ?Sized> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

// Applies to no type, as `Arc` does not implement core's `Display`. The interface has it, and a bound
// `Arc<T>: core::fmt::Display` in generic code thus implies the kernel's.
impl<T: ?Sized> fmt::Display for Arc<T>
where
    Arc<T>: core::fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        <Self as core::fmt::Display>::fmt(self, f)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

/// Lets the bytes of the object be read from a file of debugfs.
impl<T> BinaryWriter for Arc<T>
where
    T: BinaryWriter,
{
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> crate::error::Result<usize> {
        T::write_to_slice(self, writer, offset)
    }
}
