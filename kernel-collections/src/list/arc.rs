// SPDX-License-Identifier: GPL-2.0

//! The right to use the links of a shared object.

use super::{ListArcSafe, TryNewListArc};
use crate::{
    alloc::{AllocError, Flags},
    init::InPlaceInit,
    prelude::*,
    sync::{Arc, ArcBorrow, UniqueArc},
};
use core::{marker::CoercePointee, mem::ManuallyDrop, ops::Deref, pin::Pin, ptr};

/// An [`Arc`] that has the right to the object's [`ListLinks<ID>`](super::ListLinks), too.
///
/// Of an object there is one `ListArc` for each ID, at most, and any number of `Arc`s. It can't be
/// cloned; [`clone_arc`](Self::clone_arc) makes an `Arc`. With it goes access to the object's
/// [`ListArcField`](super::ListArcField)s.
///
/// It is made with a new object, by [`new`](Self::new), [`pin_init`](Self::pin_init), or [`From`] a
/// [`UniqueArc`]. Of an object that is shared it is made by [`try_from_arc`](Self::try_from_arc),
/// if the type is tracked; see [`impl_list_arc_safe!`](super::impl_list_arc_safe).
///
/// Like an `Arc` it can be coerced to that of a trait object.
///
/// # Invariants
///
/// - No other `ListArc` with this ID exists of the object, seen as any type, and it is in no list
///   of that ID.
/// - A tracked object knows of it.
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_list_arc_safe, ListArc};
///
/// struct Slot(u32);
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Slot { untracked; }
/// }
///
/// let slot: ListArc<Slot> = ListArc::new(Slot(9), GFP_KERNEL)?;
/// let shared = slot.clone_arc();
/// drop(slot);
/// assert_eq!(shared.0, 9);
/// # Ok::<(), Error>(())
/// ```
///
/// As a trait object:
///
/// ```
/// use kernel::list::{impl_list_arc_safe, ListArc, ListArcSafe};
///
/// trait Named: ListArcSafe {
///     fn name(&self) -> &'static str;
/// }
///
/// struct Disk;
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Disk { untracked; }
/// }
///
/// impl Named for Disk {
///     fn name(&self) -> &'static str {
///         "disk"
///     }
/// }
///
/// let disk: ListArc<Disk> = ListArc::new(Disk, GFP_KERNEL)?;
/// let named: ListArc<dyn Named> = disk;
/// assert_eq!(named.name(), "disk");
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
#[derive(CoercePointee)]
pub struct ListArc<T, const ID: u64 = 0>
where
    T: ListArcSafe<ID> + ?Sized,
{
    owner: Arc<T>,
}

impl<T: ListArcSafe<ID>, const ID: u64> ListArc<T, ID> {
    /// Moves a value to the heap.
    ///
    /// # Errors
    ///
    /// If there is no memory; then `contents` is dropped.
    pub fn new(contents: T, flags: Flags) -> Result<Self, AllocError> {
        UniqueArc::new(contents, flags).map(Self::from)
    }

    /// Makes a value on the heap, in place.
    ///
    /// # Errors
    ///
    /// If there is no memory, or the initialiser fails.
    pub fn init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_init(init, flags).map(Self::from)
    }

    /// Makes a value on the heap, in place, where it will stay.
    ///
    /// # Errors
    ///
    /// If there is no memory, or the initialiser fails.
    pub fn pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_pin_init(init, flags).map(Self::from)
    }
}

impl<T, const ID: u64> ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    /// Makes the rights to two of an object's pairs of links.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{list::{impl_list_arc_safe, ListArc}, sync::UniqueArc};
    ///
    /// struct Both;
    ///
    /// impl_list_arc_safe! {
    ///     impl ListArcSafe<1> for Both { untracked; }
    ///     impl ListArcSafe<2> for Both { untracked; }
    /// }
    ///
    /// let both = UniqueArc::new(Both, GFP_KERNEL)?;
    /// let (one, two) = ListArc::<Both, 1>::pair_from_unique::<2>(both);
    /// assert!(core::ptr::eq(&*one, &*two));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Two of one ID would not compile.
    pub fn pair_from_unique<const ID2: u64>(unique: UniqueArc<T>) -> (Self, ListArc<T, ID2>)
    where
        T: ListArcSafe<ID2>,
    {
        Self::pair_from_pin_unique(unique.into())
    }

    /// Makes the rights to two of an object's pairs of links; the object is pinned already.
    pub fn pair_from_pin_unique<const ID2: u64>(
        mut unique: Pin<UniqueArc<T>>,
    ) -> (Self, ListArc<T, ID2>)
    where
        T: ListArcSafe<ID2>,
    {
        const_assert!(ID != ID2, "one object has one `ListArc` of each ID");

        // SAFETY: The `ListArc` is made below.
        unsafe { <T as ListArcSafe<ID>>::on_create_list_arc_from_unique(unique.as_mut()) };
        // SAFETY: As above, for the other ID.
        unsafe { <T as ListArcSafe<ID2>>::on_create_list_arc_from_unique(unique.as_mut()) };

        let one = Arc::from(unique);
        let two = one.clone();
        // INVARIANT: Nobody had the object but us, so there were no `ListArc`s of it and it was in
        // no list. Tracked, it was told. The two have different IDs.
        (Self { owner: one }, ListArc { owner: two })
    }

    /// Makes the `ListArc` of an object, unless there is one already; then returns the `Arc`.
    ///
    /// # Errors
    ///
    /// With the `Arc`, if there is a `ListArc` of this ID, which may be in a list.
    pub fn try_from_arc(arc: Arc<T>) -> Result<Self, Arc<T>>
    where
        T: TryNewListArc<ID>,
    {
        if arc.try_new_list_arc() {
            // INVARIANT: The method says that there was none, and so the object was in no list; and
            // that it knows of this one.
            Ok(Self { owner: arc })
        } else {
            Err(arc)
        }
    }

    /// Makes the `ListArc` of an object that is borrowed, unless there is one already.
    pub fn try_from_arc_borrow(arc: ArcBorrow<'_, T>) -> Option<Self>
    where
        T: TryNewListArc<ID>,
    {
        // INVARIANT: As in `try_from_arc`.
        arc.try_new_list_arc().then(|| Self { owner: arc.into() })
    }

    /// Makes the `ListArc` of an object, unless there is one already; then drops the `Arc`.
    ///
    /// That may drop the object, if whoever has the `ListArc` drops it meanwhile.
    pub fn try_from_arc_or_drop(arc: Arc<T>) -> Option<Self>
    where
        T: TryNewListArc<ID>,
    {
        Self::try_from_arc(arc).ok()
    }

    /// Returns the `Arc` inside, which can be cloned.
    pub fn as_arc(&self) -> &Arc<T> {
        &self.owner
    }

    /// Borrows the object in such a way that the borrower can become an owner.
    pub fn as_arc_borrow(&self) -> ArcBorrow<'_, T> {
        self.owner.as_arc_borrow()
    }

    /// Makes an `Arc` of the object.
    pub fn clone_arc(&self) -> Arc<T> {
        self.owner.clone()
    }

    /// Gives up the right to the links, and stays an owner.
    pub fn into_arc(self) -> Arc<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: This was the `ListArc`, and with this function ends.
        unsafe { this.owner.on_drop_list_arc() };
        // SAFETY: `this` is neither used again nor dropped.
        unsafe { ptr::read(&this.owner) }
    }

    /// Gives the `ListArc` away as a pointer to the object, without giving it up.
    ///
    /// [`from_raw`](Self::from_raw) undoes this; what is never undone leaks the object.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::list::{impl_list_arc_safe, ListArc};
    ///
    /// struct Slot(u32);
    ///
    /// impl_list_arc_safe! {
    ///     impl ListArcSafe<0> for Slot { untracked; }
    /// }
    ///
    /// let slot: ListArc<Slot> = ListArc::new(Slot(2), GFP_KERNEL)?;
    /// let raw = slot.into_raw();
    ///
    /// // SAFETY: It comes from `into_raw`, and is not used after this.
    /// let slot = unsafe { ListArc::<Slot>::from_raw(raw) };
    /// assert_eq!(slot.0, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_raw(self) -> *const T {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither used again nor dropped.
        Arc::into_raw(unsafe { ptr::read(&this.owner) })
    }

    /// Takes a `ListArc` back that [`into_raw`](Self::into_raw) gave away.
    ///
    /// # Safety
    ///
    /// - `ptr` must come from [`into_raw`](Self::into_raw) of a `ListArc` with this ID, and be
    ///   taken back once for each time that it came from there.
    /// - The object must be in no list of this ID.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // INVARIANT: It is the `ListArc` that was given away. The object is in no list, says the
        // caller.
        Self {
            // SAFETY: It comes from the `Arc::into_raw` in there, once.
            owner: unsafe { Arc::from_raw(ptr) },
        }
    }

    /// Returns whether two `ListArc`s own the same object; of one ID they never do.
    ///
    /// Compares addresses, not what is there.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&this.owner, &other.owner)
    }
}

impl<T, const ID: u64> Deref for ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    type Target = T;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.owner
    }
}

impl<T, const ID: u64> AsRef<Arc<T>> for ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    fn as_ref(&self) -> &Arc<T> {
        self.as_arc()
    }
}

impl<T, const ID: u64> From<UniqueArc<T>> for ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    /// Lets there be other owners, and takes the right to the links.
    fn from(unique: UniqueArc<T>) -> Self {
        Self::from(Pin::from(unique))
    }
}

impl<T, const ID: u64> From<Pin<UniqueArc<T>>> for ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    /// Lets there be other owners, and takes the right to the links.
    fn from(mut unique: Pin<UniqueArc<T>>) -> Self {
        // SAFETY: The `ListArc` is made with the next step.
        unsafe { T::on_create_list_arc_from_unique(unique.as_mut()) };
        // INVARIANT: Nobody had the object but us, so there was no `ListArc` of it and it was in no
        // list. Tracked, it was told.
        Self {
            owner: unique.into(),
        }
    }
}

impl<T, const ID: u64> Drop for ListArc<T, ID>
where
    T: ListArcSafe<ID> + ?Sized,
{
    fn drop(&mut self) {
        // SAFETY: This is the `ListArc`, and it ends here. The object is dropped, if at all, after
        // that.
        unsafe { self.owner.on_drop_list_arc() };
    }
}
