// SPDX-License-Identifier: GPL-2.0

//! Borrowing from an [`Arc`] without touching the count.

use super::{Arc, ArcInner};
use core::{
    marker::{CoercePointee, PhantomData},
    ops::Deref,
    ptr::NonNull,
};

/// An object borrowed from an [`Arc`].
///
/// What `&Arc<T>` is, too; but this is a pointer to the object and not to a pointer to it, and it
/// needs no `Arc` anywhere: a pointer that C keeps for the owner does. It is what
/// [`ForeignOwnable::borrow`] gives for an `Arc`, and so what callbacks from C get.
///
/// It is copied freely, costs no counting, and becomes an owner by [`Into`]:
///
/// - take `ArcBorrow<'_, T>` where the callee may want to keep the object;
/// - take `&T` where it just looks at it;
/// - take `Arc<T>` where it surely keeps it.
///
/// [`ForeignOwnable::borrow`]: crate::types::ForeignOwnable::borrow
///
/// # Invariants
///
/// `inner` is what an [`Arc`] points to, and during `'a` there is an owner of it that neither goes
/// away nor becomes a [`UniqueArc`](super::UniqueArc).
///
/// # Examples
///
/// ```
/// use kernel::sync::{Arc, ArcBorrow};
///
/// struct Cache {
///     latest: Option<Arc<[u8; 4]>>,
/// }
///
/// impl Cache {
///     /// Keeps the object, if it is worth it.
///     fn offer(&mut self, object: ArcBorrow<'_, [u8; 4]>) {
///         if object[0] != 0 {
///             self.latest = Some(object.into());
///         }
///     }
/// }
///
/// let mut cache = Cache { latest: None };
/// let dull = Arc::new([0, 1, 2, 3], GFP_KERNEL)?;
/// let good = Arc::new([1, 1, 2, 3], GFP_KERNEL)?;
///
/// cache.offer(good.as_arc_borrow());
/// cache.offer(dull.as_arc_borrow());
///
/// assert!(cache.latest.is_some_and(|kept| Arc::ptr_eq(&kept, &good)));
/// # Ok::<(), Error>(())
/// ```
///
/// As the receiver of a method:
///
/// ```
/// use kernel::sync::{Arc, ArcBorrow};
///
/// struct Node(u32);
///
/// impl Node {
///     fn keep(self: ArcBorrow<'_, Self>) -> Arc<Self> {
///         self.into()
///     }
/// }
///
/// let node = Arc::new(Node(6), GFP_KERNEL)?;
/// let kept = node.as_arc_borrow().keep();
/// drop(node);
/// assert_eq!(kept.0, 6);
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
#[derive(CoercePointee)]
pub struct ArcBorrow<'a, T: ?Sized + 'a> {
    inner: NonNull<ArcInner<T>>,
    _owner: PhantomData<&'a ()>,
}

impl<T: ?Sized> ArcBorrow<'_, T> {
    /// Borrows for any lifetime from whoever owns what `inner` points to.
    ///
    /// # Safety
    ///
    /// `inner` must be what an [`Arc`] points to, and for the whole lifetime there must be an owner
    /// that neither goes away nor becomes a [`UniqueArc`](super::UniqueArc).
    pub(super) unsafe fn from_inner(inner: NonNull<ArcInner<T>>) -> Self {
        // INVARIANT: The caller promises just that.
        Self {
            inner,
            _owner: PhantomData,
        }
    }

    /// Borrows an object of which there is a pointer only.
    ///
    /// # Safety
    ///
    /// - `ptr` must come from [`Arc::into_raw`] or [`Arc::as_ptr`].
    /// - For the whole lifetime of the result, there must be an owner that neither goes away nor
    ///   becomes a [`UniqueArc`](super::UniqueArc): as a rule the reference that `into_raw` gave
    ///   away, or the `Arc` that `as_ptr` was called on.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::{Arc, ArcBorrow};
    ///
    /// let raw = Arc::into_raw(Arc::new(9, GFP_KERNEL)?);
    ///
    /// // SAFETY: `raw` comes from `into_raw`, and its reference is taken back only below.
    /// let borrowed = unsafe { ArcBorrow::from_raw(raw) };
    /// assert_eq!(*borrowed, 9);
    ///
    /// // SAFETY: `raw` comes from `into_raw`, and is not used after this.
    /// drop(unsafe { Arc::from_raw(raw) });
    /// # Ok::<(), Error>(())
    /// ```
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: A pointer from either function comes from `ArcInner::data`, and the owner that
        // the caller promises keeps the object valid.
        let inner = unsafe { ArcInner::containing(ptr) };
        // SAFETY: It is what the `Arc` it came from points to; the rest the caller promises.
        unsafe { Self::from_inner(inner) }
    }

    /// Becomes an owner.
    pub(super) fn to_owner(self) -> Arc<T> {
        // SAFETY: By the type invariant it is what an `Arc` points to, and has an owner that stays.
        unsafe { ArcInner::refcount(self.inner) }.inc();
        // SAFETY: By the type invariant it is what an `Arc` points to; the reference has just been
        // counted.
        unsafe { Arc::from_inner(self.inner) }
    }
}

impl<T: ?Sized> Clone for ArcBorrow<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ArcBorrow<'_, T> {}

impl<T: ?Sized> Deref for ArcBorrow<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariant there is an owner meanwhile, so the contents are valid; and
        // none that is alone, so nobody has them mutably.
        unsafe { &self.inner.as_ref().data }
    }
}
