// SPDX-License-Identifier: GPL-2.0

//! Fields that go with a `ListArc`.

use core::cell::UnsafeCell;

/// A field of a shared object that only the owner of its [`ListArc<_, ID>`](super::ListArc)
/// reaches.
///
/// There is one such owner at most, and so no need of a lock. While the object is in a list, it is
/// the list, and nobody reaches the field.
///
/// Methods for it are made by
/// [`define_list_arc_field_getter!`](super::define_list_arc_field_getter).
///
/// # Examples
///
/// ```
/// use kernel::list::{
///     define_list_arc_field_getter, impl_list_arc_safe, ListArc, ListArcField,
/// };
///
/// struct Session {
///     id: u32,
///     requests: ListArcField<u32>,
/// }
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Session { untracked; }
/// }
///
/// impl Session {
///     define_list_arc_field_getter! {
///         /// Returns the number of requests, for change.
///         fn requests_mut(&mut self<0>) -> &mut u32 { requests }
///         fn requests(&self<0>) -> &u32 { requests }
///     }
/// }
///
/// let session = Session { id: 3, requests: ListArcField::new(0) };
/// let mut session: ListArc<Session> = ListArc::new(session, GFP_KERNEL)?;
/// let shared = session.clone_arc();
///
/// *session.requests_mut() += 1;
/// assert_eq!((shared.id, *session.requests()), (3, 1));
/// # Ok::<(), Error>(())
/// ```
pub struct ListArcField<T, const ID: u64 = 0> {
    cell: UnsafeCell<T>,
}

// SAFETY: A `ListArcField` that is sent sends the value.
unsafe impl<T: Send + Sync, const ID: u64> Send for ListArcField<T, ID> {}

// SAFETY: A shared reference reaches the value with the `ListArc` only. Who has it may be any
// thread that the object is shared with, so that the value is sent, in effect; who has it shared,
// shares the value.
unsafe impl<T: Send + Sync, const ID: u64> Sync for ListArcField<T, ID> {}

impl<T, const ID: u64> ListArcField<T, ID> {
    /// Makes a field of a value.
    pub fn new(value: T) -> Self {
        Self {
            cell: UnsafeCell::new(value),
        }
    }

    /// Returns the value, of an object that is not shared.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::list::ListArcField;
    ///
    /// let mut field = ListArcField::<_, 0>::new(1);
    /// *field.get_mut() += 1;
    /// assert_eq!(*field.get_mut(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.cell.get_mut()
    }

    /// Returns the value to who has the `ListArc` shared.
    ///
    /// # Safety
    ///
    /// The caller must have a shared reference to the object's `ListArc<_, ID>` for as long as it
    /// uses the result.
    pub unsafe fn assert_ref(&self) -> &T {
        // SAFETY: With a shared reference to the only `ListArc` around, nobody has a mutable one,
        // which `assert_mut` asks for.
        unsafe { &*self.cell.get() }
    }

    /// Returns the value, for change, to who has the `ListArc`.
    ///
    /// # Safety
    ///
    /// The caller must have a mutable reference to the object's `ListArc<_, ID>` for as long as it
    /// uses the result, and must use this field through no other.
    #[expect(
        clippy::mut_from_ref,
        reason = "the `ListArc` is what is borrowed mutably"
    )]
    pub unsafe fn assert_mut(&self) -> &mut T {
        // SAFETY: With a mutable reference to the only `ListArc` around, nobody has another, and
        // both methods ask for one.
        unsafe { &mut *self.cell.get() }
    }
}

/// Defines methods that return a [`ListArcField`](crate::list::ListArcField), in an `impl` of its
/// struct.
///
/// ```text
/// define_list_arc_field_getter! {
///     pub fn name(&self<ID>) -> &Type { field }
///     pub fn name_mut(&mut self<ID>) -> &mut Type { field }
/// }
/// ```
///
/// There may be any number of them. They are called on a `ListArc<Self, ID>`. The field has to be a
/// `ListArcField<Type, ID>` of the struct itself.
///
/// # Examples
///
/// ```
/// use kernel::list::{
///     define_list_arc_field_getter, impl_list_arc_safe, ListArc, ListArcField,
/// };
/// use kernel::sync::UniqueArc;
///
/// /// Has two owners who use it for different things.
/// struct Link {
///     sent: ListArcField<KVec<u8>, 1>,
///     received: ListArcField<KVec<u8>, 2>,
/// }
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<1> for Link { untracked; }
///     impl ListArcSafe<2> for Link { untracked; }
/// }
///
/// impl Link {
///     define_list_arc_field_getter! {
///         pub(crate) fn sent(&mut self<1>) -> &mut KVec<u8> { sent }
///         pub(crate) fn received(&mut self<2>) -> &mut KVec<u8> { received }
///     }
/// }
///
/// let link = UniqueArc::new(
///     Link { sent: ListArcField::new(KVec::new()), received: ListArcField::new(KVec::new()) },
///     GFP_KERNEL,
/// )?;
/// let (mut sender, mut receiver) = ListArc::<Link, 1>::pair_from_unique::<2>(link);
///
/// sender.sent().push(1, GFP_KERNEL)?;
/// receiver.received().push(2, GFP_KERNEL)?;
/// assert_eq!((sender.sent()[0], receiver.received()[0]), (1, 2));
/// # Ok::<(), Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! define_list_arc_field_getter {
    () => {};
    ($(#[$attr:meta])* $vis:vis fn $name:ident(&self<$id:tt>) -> &$ty:ty { $field:ident }
        $($rest:tt)*) => {
        $(#[$attr])*
        $vis fn $name<'a>(self: &'a $crate::list::ListArc<Self, $id>) -> &'a $ty {
            // By a pattern, which takes a field of the struct and not of one that it derefs to.
            let Self { $field: field, .. } = &**self;
            // Of just that type, and that ID.
            let field: *const $crate::list::ListArcField<$ty, $id> = field;
            // SAFETY: It is the field of an object that lives as long as its `ListArc` is borrowed.
            let field: &'a $crate::list::ListArcField<$ty, $id> = unsafe { &*field };
            // SAFETY: `self` is the `ListArc` of the object, borrowed for as long as the result is.
            unsafe { field.assert_ref() }
        }

        $crate::define_list_arc_field_getter! { $($rest)* }
    };
    ($(#[$attr:meta])* $vis:vis fn $name:ident(&mut self<$id:tt>) -> &mut $ty:ty { $field:ident }
        $($rest:tt)*) => {
        $(#[$attr])*
        $vis fn $name<'a>(self: &'a mut $crate::list::ListArc<Self, $id>) -> &'a mut $ty {
            // By a pattern, which takes a field of the struct and not of one that it derefs to.
            let Self { $field: field, .. } = &**self;
            // Of just that type, and that ID.
            let field: *const $crate::list::ListArcField<$ty, $id> = field;
            // SAFETY: It is the field of an object that lives as long as its `ListArc` is borrowed.
            let field: &'a $crate::list::ListArcField<$ty, $id> = unsafe { &*field };
            // SAFETY: `self` is the `ListArc` of the object, mutably borrowed for as long as the
            // result.
            unsafe { field.assert_mut() }
        }

        $crate::define_list_arc_field_getter! { $($rest)* }
    };
}
#[doc(inline)]
pub use define_list_arc_field_getter;
