// SPDX-License-Identifier: GPL-2.0

//! Where the links of an item are.

use super::{ListArcSafe, ListLinks};

/// Types that can be in a [`List<Self, ID>`](super::List).
///
/// Implement it by [`impl_list_item!`](super::impl_list_item); lists are what calls it.
///
/// An object is put into a list by `prepare_to_insert` and taken out by `post_remove`. Before,
/// between and after, [`view_links`](Self::view_links) leads from the object to its links; the
/// other way leads [`view_value`](Self::view_value), but only in between.
///
/// # Safety
///
/// - For a given object, `view_links` and `prepare_to_insert` must return the same address at all
///   times, of a field in it, as a pointer that may be used for what the given one may be used for.
/// - `view_value` and `post_remove` must return the pointer that `prepare_to_insert` got.
/// - The links must have been initialised by [`ListLinks::new`], and not be used by anything else.
pub unsafe trait ListItem<const ID: u64 = 0>: ListArcSafe<ID> {
    /// Returns the links of an object.
    ///
    /// # Safety
    ///
    /// `me` must point to a valid object.
    unsafe fn view_links(me: *const Self) -> *mut ListLinks<ID>;

    /// Returns the object that links belong to.
    ///
    /// # Safety
    ///
    /// - `me` must come from [`prepare_to_insert`](Self::prepare_to_insert), of an object that is
    ///   valid.
    /// - [`post_remove`](Self::post_remove) must not have been called since.
    unsafe fn view_value(me: *mut ListLinks<ID>) -> *const Self;

    /// Is called before an object is put into a list.
    ///
    /// # Safety
    ///
    /// - `me` must come from [`ListArc::into_raw`](super::ListArc::into_raw), and the caller own
    ///   that `ListArc`.
    /// - After an earlier call for the same object, [`post_remove`](Self::post_remove) must have
    ///   been called.
    unsafe fn prepare_to_insert(me: *const Self) -> *mut ListLinks<ID>;

    /// Is called after an object has been taken out of a list.
    ///
    /// The result can be given to [`ListArc::from_raw`](super::ListArc::from_raw).
    ///
    /// # Safety
    ///
    /// - `me` must come from [`prepare_to_insert`](Self::prepare_to_insert), of an object that is
    ///   valid.
    /// - There must be one call for each of `prepare_to_insert`.
    unsafe fn post_remove(me: *mut ListLinks<ID>) -> *const Self;
}

/// Types that have a [`ListLinks<ID>`](ListLinks) somewhere inside.
///
/// Implement it by [`impl_has_list_links!`](super::impl_has_list_links).
///
/// # Safety
///
/// [`raw_get_list_links`](Self::raw_get_list_links) must return a pointer into the object that it
/// is given, always to the same field.
pub unsafe trait HasListLinks<const ID: u64 = 0> {
    /// Returns a pointer to the field, without making a reference.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an object, or to memory for one.
    unsafe fn raw_get_list_links(ptr: *mut Self) -> *mut ListLinks<ID>;
}

/// Types whose [`ListLinks<ID>`](ListLinks) are those in a
/// [`ListLinksSelfPtr<T, ID>`](super::ListLinksSelfPtr).
///
/// Implement it by [`impl_has_list_links_self_ptr!`](super::impl_has_list_links_self_ptr).
///
/// # Safety
///
/// What [`raw_get_list_links`](HasListLinks::raw_get_list_links) returns must be the field
/// [`inner`](super::ListLinksSelfPtr::inner) of a `ListLinksSelfPtr<T, ID>`.
pub unsafe trait HasSelfPtr<T: ?Sized, const ID: u64 = 0>
where
    Self: HasListLinks<ID>,
{
}

/// Implements [`HasListLinks`](trait@crate::list::HasListLinks) by naming the field.
///
/// `impl_has_list_links! { impl{GENERICS} HasListLinks<ID> for Type { self.field } }`, any number
/// of them. The ID is 0 if it is missing, and an expression has braces around. The field may be one
/// of a field, but not one behind a pointer.
///
/// [`impl_list_item!`](crate::list::impl_list_item) does this, too: use this one for types that
/// implement [`ListItem`](crate::list::ListItem) by hand.
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_has_list_links, HasListLinks, ListLinks};
///
/// #[pin_data]
/// struct Inner {
///     #[pin]
///     links: ListLinks<5>,
/// }
///
/// #[pin_data]
/// struct Outer<T> {
///     value: T,
///     #[pin]
///     inner: Inner,
/// }
///
/// impl_has_list_links! {
///     impl{T} HasListLinks<5> for Outer<T> { self.inner.links }
/// }
///
/// let outer = KBox::pin_init(
///     pin_init!(Outer { value: 1u64, inner <- pin_init!(Inner { links <- ListLinks::new() }) }),
///     GFP_KERNEL,
/// )?;
///
/// let at = (&raw const *outer).cast_mut();
/// // SAFETY: It points to an object.
/// let links = unsafe { Outer::raw_get_list_links(at) };
/// assert!(core::ptr::eq(links, &outer.inner.links));
/// assert_eq!(outer.value, 1);
/// # Ok::<(), Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! impl_has_list_links {
    ($(impl $({$($generics:tt)*})? HasListLinks $(<$id:tt>)? for $ty:ty
        { self $(.$field:tt)+ })*) => {$(
        // SAFETY: The field is part of the object: `offset_of` goes through no pointer.
        unsafe impl $(<$($generics)*>)? $crate::list::HasListLinks $(<$id>)? for $ty {
            #[inline]
            unsafe fn raw_get_list_links(ptr: *mut Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // Never called: it has to have that type, and to be aligned, for a reference.
                let _ = |this: &Self| -> *const $crate::list::ListLinks $(<$id>)? {
                    let _ = &this $(.$field)+;
                    &raw const this $(.$field)+
                };
                // SAFETY: That far into what the caller says is an object lies the field.
                unsafe {
                    ptr.cast::<$crate::list::ListLinks $(<$id>)?>()
                        .byte_add(::core::mem::offset_of!(Self, $($field).+))
                }
            }
        }
    )*};
}
#[doc(inline)]
pub use impl_has_list_links;

/// Implements [`HasSelfPtr`](trait@crate::list::HasSelfPtr), and
/// [`HasListLinks`](trait@crate::list::HasListLinks) with it, by naming the field.
///
/// `impl_has_list_links_self_ptr! { impl{GENERICS} HasSelfPtr<ItemType, ID> for Type { self.field }
/// }`, any number of them; otherwise like
/// [`impl_has_list_links!`](crate::list::impl_has_list_links). The field is a
/// [`ListLinksSelfPtr<ItemType, ID>`](crate::list::ListLinksSelfPtr).
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_has_list_links_self_ptr, HasListLinks, ListLinksSelfPtr};
///
/// trait Shape {}
///
/// #[pin_data]
/// struct Drawn<T: ?Sized> {
///     #[pin]
///     links: ListLinksSelfPtr<Drawn<dyn Shape>>,
///     shape: T,
/// }
///
/// impl_has_list_links_self_ptr! {
///     impl HasSelfPtr<Drawn<dyn Shape>> for Drawn<dyn Shape> { self.links }
/// }
///
/// struct Square;
/// impl Shape for Square {}
///
/// let drawn = KBox::pin_init(
///     pin_init!(Drawn { links <- ListLinksSelfPtr::new(), shape: Square }),
///     GFP_KERNEL,
/// )?;
///
/// let at: *const Drawn<dyn Shape> = &raw const *drawn;
/// // SAFETY: It points to an object.
/// let links = unsafe { HasListLinks::raw_get_list_links(at.cast_mut()) };
/// assert!(core::ptr::eq(links, &drawn.links.inner));
/// # let _ = &drawn.shape;
/// # Ok::<(), Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! impl_has_list_links_self_ptr {
    ($(impl $({$($generics:tt)*})? HasSelfPtr<$item:ty $(, $id:tt)?> for $ty:ty
        { self $(.$field:tt)+ })*) => {$(
        // SAFETY: `raw_get_list_links` below returns the field `inner` of one.
        unsafe impl $(<$($generics)*>)? $crate::list::HasSelfPtr<$item $(, $id)?> for $ty {}

        // SAFETY: The field is part of the object: `offset_of` goes through no pointer.
        unsafe impl $(<$($generics)*>)? $crate::list::HasListLinks $(<$id>)? for $ty {
            #[inline]
            unsafe fn raw_get_list_links(ptr: *mut Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // Never called: it has to have that type, and to be aligned, for a reference.
                let _ = |this: &Self| -> *const $crate::list::ListLinksSelfPtr<$item $(, $id)?> {
                    let _ = &this $(.$field)+;
                    &raw const this $(.$field)+
                };
                // SAFETY: That far into what the caller says is an object lies the field.
                let links = unsafe {
                    ptr.cast::<$crate::list::ListLinksSelfPtr<$item $(, $id)?>>()
                        .byte_add(::core::mem::offset_of!(Self, $($field).+))
                };
                // SAFETY: It points into an object.
                unsafe { &raw mut (*links).inner }
            }
        }
    )*};
}
#[doc(inline)]
pub use impl_has_list_links_self_ptr;

/// Implements [`ListItem`](trait@crate::list::ListItem), so that objects of a type can be in lists.
///
/// ```text
/// impl_list_item! {
///     impl{GENERICS} ListItem<ID> for Type { using ListLinks { self.field }; }
///     impl{GENERICS} ListItem<ID> for Type { using ListLinksSelfPtr { self.field }; }
/// }
/// ```
///
/// There may be any number of `impl`s. The ID is 0 if it is missing, and an expression has braces
/// around. The field may be one of a field, but not one behind a pointer. It is a
/// [`ListLinks<ID>`](crate::list::ListLinks), or a [`ListLinksSelfPtr<Type,
/// ID>`](crate::list::ListLinksSelfPtr), which types without a size need.
///
/// The type has to be [`ListArcSafe<ID>`](trait@crate::list::ListArcSafe), for which there is
/// [`impl_list_arc_safe!`](crate::list::impl_list_arc_safe).
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
///
/// #[pin_data]
/// struct Tagged<T> {
///     value: T,
///     #[pin]
///     links: ListLinks<{ Tagged::<()>::BY_TAG }>,
/// }
///
/// impl<T> Tagged<T> {
///     const BY_TAG: u64 = 0x7a9;
/// }
///
/// impl_list_arc_safe! {
///     impl{T} ListArcSafe<{ Tagged::<()>::BY_TAG }> for Tagged<T> { untracked; }
/// }
/// impl_list_item! {
///     impl{T} ListItem<{ Tagged::<()>::BY_TAG }> for Tagged<T> {
///         using ListLinks { self.links };
///     }
/// }
///
/// let mut list = List::<Tagged<&str>, { Tagged::<()>::BY_TAG }>::new();
/// list.push_back(ListArc::pin_init(
///     try_pin_init!(Tagged { value: "here", links <- ListLinks::new() }),
///     GFP_KERNEL,
/// )?);
/// assert!(list.iter().all(|item| item.value == "here"));
/// # Ok::<(), Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! impl_list_item {
    () => {};
    (impl $({$($generics:tt)*})? ListItem $(<$id:tt>)? for $ty:ty {
        using ListLinks { self $(.$field:tt)+ };
    } $($rest:tt)*) => {
        $crate::impl_has_list_links! {
            impl $({$($generics)*})? HasListLinks $(<$id>)? for $ty { self $(.$field)+ }
        }

        // SAFETY: The links are always in the same place of an object, so that the way from the
        // object to them, and back, is the same distance at all times. They were initialised, as
        // all fields of an object are, and have no other way to be used.
        unsafe impl $(<$($generics)*>)? $crate::list::ListItem $(<$id>)? for $ty {
            #[inline]
            unsafe fn view_links(me: *const Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // SAFETY: The caller says that it points to an object.
                unsafe {
                    <Self as $crate::list::HasListLinks $(<$id>)?>
                        ::raw_get_list_links(me.cast_mut())
                }
            }

            #[inline]
            unsafe fn view_value(me: *mut $crate::list::ListLinks $(<$id>)?) -> *const Self {
                // SAFETY: The links come from `view_links` of an object, and so are those in there,
                // with a pointer that was made of one to the whole.
                unsafe { $crate::container_of!(me, Self, $($field).+) }
            }

            #[inline]
            unsafe fn prepare_to_insert(me: *const Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // SAFETY: What the caller has a `ListArc` of is an object.
                unsafe { <Self as $crate::list::ListItem $(<$id>)?>::view_links(me) }
            }

            #[inline]
            unsafe fn post_remove(me: *mut $crate::list::ListLinks $(<$id>)?) -> *const Self {
                // SAFETY: The caller says that it comes from `prepare_to_insert`, with no other
                // call of this since.
                unsafe { <Self as $crate::list::ListItem $(<$id>)?>::view_value(me) }
            }
        }

        $crate::impl_list_item! { $($rest)* }
    };
    (impl $({$($generics:tt)*})? ListItem $(<$id:tt>)? for $ty:ty {
        using ListLinksSelfPtr { self $(.$field:tt)+ };
    } $($rest:tt)*) => {
        $crate::impl_has_list_links_self_ptr! {
            impl $({$($generics)*})? HasSelfPtr<$ty $(, $id)?> for $ty { self $(.$field)+ }
        }

        // SAFETY: The links are always in the same place of an object. Next to them lies the
        // pointer that `prepare_to_insert` got, which nothing else changes. They were initialised,
        // as all fields of an object are, and have no other way to be used.
        unsafe impl $(<$($generics)*>)? $crate::list::ListItem $(<$id>)? for $ty {
            #[inline]
            unsafe fn view_links(me: *const Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // SAFETY: The caller says that it points to an object.
                unsafe {
                    <Self as $crate::list::HasListLinks $(<$id>)?>
                        ::raw_get_list_links(me.cast_mut())
                }
            }

            #[inline]
            unsafe fn view_value(me: *mut $crate::list::ListLinks $(<$id>)?) -> *const Self {
                // SAFETY: The links come from `prepare_to_insert`, and so from `remember`; the
                // object has not been taken out since.
                unsafe { $crate::list::ListLinksSelfPtr::<Self $(, $id)?>::recall(me) }
            }

            #[inline]
            unsafe fn prepare_to_insert(me: *const Self) -> *mut $crate::list::ListLinks $(<$id>)? {
                // SAFETY: The caller owns the `ListArc` of the object, which is in no list.
                unsafe { $crate::list::ListLinksSelfPtr::<Self $(, $id)?>::remember(me) }
            }

            #[inline]
            unsafe fn post_remove(me: *mut $crate::list::ListLinks $(<$id>)?) -> *const Self {
                // SAFETY: The links come from `prepare_to_insert`, and so from `remember`; the
                // object has just been taken out.
                unsafe { $crate::list::ListLinksSelfPtr::<Self $(, $id)?>::recall(me) }
            }
        }

        $crate::impl_list_item! { $($rest)* }
    };
}
#[doc(inline)]
pub use impl_list_item;
