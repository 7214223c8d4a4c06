// SPDX-License-Identifier: GPL-2.0

//! Whether there is a `ListArc` of an object.

use crate::sync::atomic::{Acquire, AtomicFlag, Release};
use core::pin::Pin;
use pin_init::{init, PinInit};

/// Types that a [`ListArc<Self, ID>`](super::ListArc) can own.
///
/// Implement it by [`impl_list_arc_safe!`]. The methods tell an object that its `ListArc` comes
/// into being and goes away; an untracked type does nothing in either.
///
/// # Safety
///
/// Types that an object is seen as at different times have to agree. If an `Arc<Self>` can be
/// coerced to an `Arc<U>`, as to a trait object, and `U` implements `ListArcSafe<ID>`, too, and one
/// of the two implements [`TryNewListArc<ID>`](TryNewListArc), then both must do the same in these
/// methods. (A trait that has `ListArcSafe` for a supertrait does as its objects do.)
///
/// Linux 7.2 does not ask for this. Then two types that differ in it let safe code make a second
/// `ListArc` of an object.
///
/// [`impl_list_arc_safe!`]: super::impl_list_arc_safe
pub unsafe trait ListArcSafe<const ID: u64 = 0> {
    /// Is called when the first `ListArc` of an object is made, and nobody shares the object yet.
    ///
    /// # Safety
    ///
    /// The caller must make a `ListArc<Self, ID>` of the object at once.
    unsafe fn on_create_list_arc_from_unique(self: Pin<&mut Self>);

    /// Is called when the `ListArc` goes away and the object may stay.
    ///
    /// # Safety
    ///
    /// The caller must own the object's `ListArc<Self, ID>`, and give it up with this call.
    unsafe fn on_drop_list_arc(&self);
}

/// Types of which it is known whether there is a [`ListArc<Self, ID>`](super::ListArc) of an
/// object.
///
/// [`impl_list_arc_safe!`](super::impl_list_arc_safe) implements it for types that track by a
/// field.
///
/// # Safety
///
/// Of an object for which [`try_new_list_arc`](Self::try_new_list_arc) returned true there must not
/// be a `ListArc<Self, ID>` at that time, and until
/// [`on_drop_list_arc`](ListArcSafe::on_drop_list_arc) is called, the method must not return true
/// for it again. What was done before that call must be visible after the method has returned true.
pub unsafe trait TryNewListArc<const ID: u64 = 0>: ListArcSafe<ID> {
    /// Returns true if there was no `ListArc` of the object: then the caller may make it.
    ///
    /// A caller who does not leaves the object without for as long as it is shared.
    fn try_new_list_arc(&self) -> bool;
}

/// A field that tracks whether there is a [`ListArc<_, ID>`](super::ListArc) of the object.
///
/// Declared by `tracked_by` in [`impl_list_arc_safe!`](super::impl_list_arc_safe). It takes a byte
/// or a word.
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_list_arc_safe, AtomicTracker, ListArc};
///
/// #[pin_data]
/// struct Reply {
///     #[pin]
///     tracker: AtomicTracker,
/// }
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Reply { tracked_by tracker: AtomicTracker; }
/// }
///
/// let one: ListArc<Reply> =
///     ListArc::pin_init(try_pin_init!(Reply { tracker <- AtomicTracker::new() }), GFP_KERNEL)?;
/// let shared = one.clone_arc();
///
/// // There is one.
/// let shared = ListArc::<Reply>::try_from_arc(shared).err().ok_or(EINVAL)?;
/// // There is none.
/// drop(one);
/// assert!(ListArc::<Reply>::try_from_arc(shared).is_ok());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `taken` is set if there is a `ListArc<_, ID>` of the object around.
#[repr(transparent)]
pub struct AtomicTracker<const ID: u64 = 0> {
    taken: AtomicFlag,
}

impl<const ID: u64> AtomicTracker<ID> {
    /// Initialises the field, for an object without a `ListArc`.
    ///
    /// Where the object gets one as it is made, the tracker is told.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: An object that is being made has no `ListArc`.
        init!(Self {
            taken: AtomicFlag::new(false),
        })
    }
}

// SAFETY: A tracker is sized, and is not coerced to anything but to a trait object, which
// implements `ListArcSafe` by having it for a supertrait.
unsafe impl<const ID: u64> ListArcSafe<ID> for AtomicTracker<ID> {
    unsafe fn on_create_list_arc_from_unique(self: Pin<&mut Self>) {
        // INVARIANT: There is one from here on.
        *self.get_mut().taken.get_mut() = true;
    }

    unsafe fn on_drop_list_arc(&self) {
        // INVARIANT: The caller gives up the `ListArc`, and there was only one.
        //
        // Release: who makes the next one sees what this one did to links and fields.
        self.taken.store(false, Release);
    }
}

// SAFETY: By the type invariant there is no `ListArc` if the flag is not set. Of several that set
// it, one sees that it was not; until it is cleared, in `on_drop_list_arc`, nobody does. The
// acquire here and the release there make visible what was done before.
unsafe impl<const ID: u64> TryNewListArc<ID> for AtomicTracker<ID> {
    fn try_new_list_arc(&self) -> bool {
        // INVARIANT: The flag may be set without a `ListArc`.
        self.taken.cmpxchg(false, true, Acquire).is_ok()
    }
}

/// Does not compile for a type without a size.
///
/// Not API: public for the expansion of [`impl_list_arc_safe!`](super::impl_list_arc_safe).
#[doc(hidden)]
pub const fn assert_sized<T>() {}

/// Implements [`ListArcSafe`](trait@crate::list::ListArcSafe), and so says how `ListArc`s of a type
/// are tracked.
///
/// ```text
/// impl_list_arc_safe! {
///     impl ListArcSafe<ID> for Type { untracked; }
///     impl{GENERICS} ListArcSafe<ID> for Type { tracked_by field: FieldType; }
/// }
/// ```
///
/// There may be any number of `impl`s. The `<ID>` is 0 if it is missing; an expression has braces
/// around. Generic parameters are in braces.
///
/// - `untracked`: only a new object gets a `ListArc`, or one that has a single owner again.
/// - `tracked_by`: the field, which has to be pinned, is told of the `ListArc`s of the object. If
///   it can tell, too, whether there is one, as an [`AtomicTracker`](crate::list::AtomicTracker)
///   can, then so can the object: it implements [`TryNewListArc`](crate::list::TryNewListArc).
///
/// Types without a size, and so those that can be coerced to one, have to be of one family that
/// does the same for all its members. Its parameter is written `{T: ?Sized}` or `{T: ListArcSafe +
/// ?Sized}`, with an ID if need be, and makes the difference. Other types have to have a size.
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_list_arc_safe, AtomicTracker, ListArc, ListArcSafe};
///
/// #[pin_data]
/// struct Event<T: ?Sized> {
///     #[pin]
///     tracker: AtomicTracker<1>,
///     #[pin]
///     data: T,
/// }
///
/// impl_list_arc_safe! {
///     impl{T: ?Sized} ListArcSafe<1> for Event<T> { tracked_by tracker: AtomicTracker<1>; }
///     impl{T: ListArcSafe<2> + ?Sized} ListArcSafe<2> for Event<T> { tracked_by data: T; }
/// }
///
/// let event: ListArc<Event<[u8; 3]>, 1> = ListArc::pin_init(
///     try_pin_init!(Event { tracker <- AtomicTracker::new(), data: [1, 2, 3] }),
///     GFP_KERNEL,
/// )?;
///
/// // Without its size it is still the same object.
/// let event: ListArc<Event<[u8]>, 1> = event;
/// let event = event.into_arc();
/// let event = ListArc::<_, 1>::try_from_arc(event).map_err(|_| EBUSY)?;
/// assert_eq!(event.data.len(), 3);
/// # Ok::<(), Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! impl_list_arc_safe {
    () => {};

    // Families of types with and without a size.
    (impl{$param:ident: ?Sized}
        ListArcSafe $(<$id:tt>)? for $ty:ty { $($how:tt)* } $($rest:tt)*) => {
        const _: () = {
            #[allow(dead_code)]
            fn has_a_size_if_its_parameter_has<$param>() {
                $crate::list::assert_sized::<$ty>();
            }
        };
        $crate::impl_list_arc_safe! { @($param: ?Sized) ($(<$id>)?) ($ty) {} $($how)* }
        $crate::impl_list_arc_safe! { $($rest)* }
    };
    (impl{$param:ident: ListArcSafe $(<$bound:tt>)? + ?Sized}
        ListArcSafe $(<$id:tt>)? for $ty:ty { $($how:tt)* } $($rest:tt)*) => {
        const _: () = {
            #[allow(dead_code)]
            fn has_a_size_if_its_parameter_has<$param: $crate::list::ListArcSafe $(<$bound>)?>() {
                $crate::list::assert_sized::<$ty>();
            }
        };
        $crate::impl_list_arc_safe! {
            @($param: $crate::list::ListArcSafe $(<$bound>)? + ?Sized) ($(<$id>)?) ($ty) {} $($how)*
        }
        $crate::impl_list_arc_safe! { $($rest)* }
    };
    // Types with a size.
    (impl $({$($generics:tt)*})?
        ListArcSafe $(<$id:tt>)? for $ty:ty { $($how:tt)* } $($rest:tt)*) => {
        $crate::impl_list_arc_safe! {
            @($($($generics)*)?) ($(<$id>)?) ($ty) { $crate::list::assert_sized::<Self>(); }
            $($how)*
        }
        $crate::impl_list_arc_safe! { $($rest)* }
    };

    (@($($generics:tt)*) ($($id:tt)*) ($ty:ty) {$($check:tt)*} untracked;) => {
        // SAFETY: An object whose type has a size is coerced to one of a family, or to a bare trait
        // object, which does as the object does. A family has all that can be coerced to one of its
        // types, and this is its only rule.
        unsafe impl<$($generics)*> $crate::list::ListArcSafe $($id)* for $ty {
            unsafe fn on_create_list_arc_from_unique(self: ::core::pin::Pin<&mut Self>) {
                $($check)*
            }

            unsafe fn on_drop_list_arc(&self) {}
        }
    };
    (@($($generics:tt)*) ($($id:tt)*) ($ty:ty) {$($check:tt)*}
        tracked_by $field:ident: $field_ty:ty;) => {
        // SAFETY: As for untracked types: a type and what it is coerced to have one rule.
        unsafe impl<$($generics)*> $crate::list::ListArcSafe $($id)* for $ty {
            unsafe fn on_create_list_arc_from_unique(self: ::core::pin::Pin<&mut Self>) {
                $($check)*
                // So it is a field of the struct itself, and not of something that it derefs to.
                ::pin_init::assert_pinned!($ty, $field, $field_ty, inline);

                // SAFETY: The field is pinned with the struct.
                let field = unsafe {
                    ::core::pin::Pin::map_unchecked_mut(self, |this| &mut this.$field)
                };
                // SAFETY: The caller makes a `ListArc` of the object at once, and so one of what is
                // told on the object's behalf.
                unsafe {
                    <$field_ty as $crate::list::ListArcSafe $($id)*>
                        ::on_create_list_arc_from_unique(field)
                }
            }

            unsafe fn on_drop_list_arc(&self) {
                // SAFETY: The caller gives up the `ListArc` of the object.
                unsafe {
                    <$field_ty as $crate::list::ListArcSafe $($id)*>::on_drop_list_arc(&self.$field)
                }
            }
        }

        // SAFETY: The field hears of all `ListArc`s of the object, and keeps these promises for
        // them.
        unsafe impl<$($generics)*> $crate::list::TryNewListArc $($id)* for $ty
        where
            $field_ty: $crate::list::TryNewListArc $($id)*,
        {
            fn try_new_list_arc(&self) -> bool {
                <$field_ty as $crate::list::TryNewListArc $($id)*>::try_new_list_arc(&self.$field)
            }
        }
    };
}
#[doc(inline)]
pub use impl_list_arc_safe;
