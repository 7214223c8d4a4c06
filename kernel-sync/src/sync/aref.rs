// SPDX-License-Identifier: GPL-2.0

//! References to objects that carry their own reference count.
//!
//! Most of the kernel's C structures have a count inside, and a pair of functions like
//! `get_device()` and `put_device()`. The Rust type that stands for such a structure implements
//! [`AlwaysRefCounted`] with them; then an [`ARef<T>`] owns one of the references.
//!
//! For objects made in Rust use [`Arc`](crate::sync::Arc), which brings the count along.

use core::{marker::PhantomData, mem::ManuallyDrop, ops::Deref, ptr::NonNull};

/// A type all of whose objects are counted, by a count that C or the type itself keeps.
///
/// # Safety
///
/// - Each object stays allocated and valid for as long as its count is not zero, and whoever holds
///   a reference keeps it from becoming zero.
/// - [`inc_ref`](Self::inc_ref) adds one reference, which lasts until
///   [`dec_ref`](Self::dec_ref) takes one away. What that reference keeps alive can be used as `T`,
///   shared, without a lifetime.
/// - No object of the type exists that is not counted, for instance on the stack, or owned by a
///   `Box`: `&T` is proof enough to take a reference.
/// - The count never overflows: it saturates, or there cannot be as many references.
///
/// # Examples
///
/// An object made and counted in Rust:
///
/// ```
/// use core::ptr::NonNull;
/// use kernel::{
///     alloc::AllocError,
///     sync::{aref::{ARef, AlwaysRefCounted}, Refcount},
/// };
///
/// struct Session {
///     refs: Refcount,
///     id: u32,
/// }
///
/// impl Session {
///     fn new(id: u32) -> Result<ARef<Self>, AllocError> {
///         let session = KBox::new(Self { refs: Refcount::new(1), id }, GFP_KERNEL)?;
///         // SAFETY: The count of one belongs to the `ARef`.
///         Ok(unsafe { ARef::from_raw(KBox::leak(session).into()) })
///     }
/// }
///
/// // SAFETY: `new` is the only way to get one, so all are counted; the count saturates, and the
/// // object lives until it comes to zero.
/// unsafe impl AlwaysRefCounted for Session {
///     fn inc_ref(&self) {
///         self.refs.inc();
///     }
///
///     unsafe fn dec_ref(obj: NonNull<Self>) {
///         // SAFETY: The caller owns a reference, so that `obj` is valid.
///         let last = unsafe { obj.as_ref() }.refs.dec_and_test();
///         if last {
///             // SAFETY: It came from a `KBox`, and was the last reference.
///             drop(unsafe { KBox::from_raw(obj.as_ptr()) });
///         }
///     }
/// }
///
/// let session = Session::new(7)?;
/// let again = session.clone();
/// drop(session);
/// assert_eq!(again.id, 7);
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait AlwaysRefCounted {
    /// Takes a reference to the object.
    fn inc_ref(&self);

    /// Gives a reference to the object back, and frees the object with the last one.
    ///
    /// # Safety
    ///
    /// The caller must own a reference to `obj`, and gives it up: after this it may only use `obj`
    /// if something else keeps the object alive.
    unsafe fn dec_ref(obj: NonNull<Self>);
}

/// An owned reference to an object that carries its own count.
///
/// Cloning takes another reference, dropping gives it back, and with the last one the object goes.
/// That happens where the drop is, so where the object's release must not run (with a spinlock
/// held, in an interrupt handler) no `ARef` may be dropped that could be the last.
///
/// A `&T` becomes an `ARef<T>` with [`From`]: `ARef::from(dev)`.
///
/// # Invariants
///
/// `ptr` points to a valid object, one of whose references belongs to this `ARef`.
///
/// # Examples
///
/// Keep an object beyond the borrow, whatever its type is:
///
/// ```
/// use kernel::sync::aref::ARef;
/// # use core::ptr::NonNull;
/// # use kernel::sync::{aref::AlwaysRefCounted, Refcount};
/// # struct Session { refs: Refcount, id: u32 }
/// # // SAFETY: All are counted, by a count that saturates, and each lives until it comes to zero.
/// # unsafe impl AlwaysRefCounted for Session {
/// #     fn inc_ref(&self) { self.refs.inc(); }
/// #     unsafe fn dec_ref(obj: NonNull<Self>) {
/// #         // SAFETY: The caller owns a reference, so that `obj` is valid.
/// #         if unsafe { obj.as_ref() }.refs.dec_and_test() {
/// #             // SAFETY: It came from a `KBox`, and was the last reference.
/// #             drop(unsafe { KBox::from_raw(obj.as_ptr()) });
/// #         }
/// #     }
/// # }
/// # let session = KBox::new(Session { refs: Refcount::new(1), id: 7 }, GFP_KERNEL)?;
/// # // SAFETY: The count of one belongs to the `ARef`.
/// # let session = unsafe { ARef::from_raw(KBox::leak(session).into()) };
///
/// struct Request<T: AlwaysRefCounted> {
///     from: ARef<T>,
/// }
///
/// impl<T: AlwaysRefCounted> Request<T> {
///     fn new(from: &T) -> Self {
///         Self { from: from.into() }
///     }
/// }
///
/// let request = Request::new(&*session);
/// drop(session);
/// assert_eq!(request.from.id, 7);
/// # Ok::<(), Error>(())
/// ```
pub struct ARef<T: AlwaysRefCounted> {
    ptr: NonNull<T>,
    // It may drop a `T`.
    _owns: PhantomData<T>,
}

// SAFETY: An `ARef` shares the object with others that may stay behind, hence `T: Sync`; and with
// it goes the duty to drop the object, hence `T: Send`.
unsafe impl<T: AlwaysRefCounted + Sync + Send> Send for ARef<T> {}

// SAFETY: `&ARef` gives `&T`, hence `T: Sync`, and by cloning an `ARef` on another thread, which
// may be the one to drop the object, hence `T: Send`.
unsafe impl<T: AlwaysRefCounted + Sync + Send> Sync for ARef<T> {}

// The object does not move when the `ARef` does.
impl<T: AlwaysRefCounted> Unpin for ARef<T> {}

impl<T: AlwaysRefCounted> ARef<T> {
    /// Takes over a reference that was counted already.
    ///
    /// # Safety
    ///
    /// `ptr` must point to a valid object, and the caller must own one of its references, which it
    /// gives to the `ARef`.
    pub unsafe fn from_raw(ptr: NonNull<T>) -> Self {
        // INVARIANT: The caller promises just that.
        Self {
            ptr,
            _owns: PhantomData,
        }
    }

    /// Gives the reference away as a pointer, without giving it back to the object.
    ///
    /// Whoever has the pointer owns the reference. [`from_raw`](Self::from_raw) undoes this; what
    /// is not undone, or released by C, leaks the object.
    ///
    /// # Examples
    ///
    /// Through a C structure's pointer and back:
    ///
    /// ```
    /// use kernel::sync::aref::ARef;
    /// # use core::ptr::NonNull;
    /// # use kernel::sync::{aref::AlwaysRefCounted, Refcount};
    /// # struct Session { refs: Refcount, id: u32 }
    /// # // SAFETY: All are counted, by a count that saturates, and each lives until it comes to zero.
    /// # unsafe impl AlwaysRefCounted for Session {
    /// #     fn inc_ref(&self) { self.refs.inc(); }
    /// #     unsafe fn dec_ref(obj: NonNull<Self>) {
    /// #         // SAFETY: The caller owns a reference, so that `obj` is valid.
    /// #         if unsafe { obj.as_ref() }.refs.dec_and_test() {
    /// #             // SAFETY: It came from a `KBox`, and was the last reference.
    /// #             drop(unsafe { KBox::from_raw(obj.as_ptr()) });
    /// #         }
    /// #     }
    /// # }
    /// # let session = KBox::new(Session { refs: Refcount::new(1), id: 7 }, GFP_KERNEL)?;
    /// # // SAFETY: The count of one belongs to the `ARef`.
    /// # let session = unsafe { ARef::from_raw(KBox::leak(session).into()) };
    ///
    /// let raw = ARef::into_raw(session);
    ///
    /// // SAFETY: `raw` has the reference that `into_raw` gave away, and is not used after this.
    /// let session = unsafe { ARef::from_raw(raw) };
    /// assert_eq!(session.id, 7);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_raw(me: Self) -> NonNull<T> {
        ManuallyDrop::new(me).ptr
    }
}

impl<T: AlwaysRefCounted> Deref for ARef<T> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariant the object is valid for as long as `self` is there.
        unsafe { self.ptr.as_ref() }
    }
}

impl<T: AlwaysRefCounted> Drop for ARef<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant there is a reference to give up, and `ptr` is not used
        // after this.
        unsafe { T::dec_ref(self.ptr) };
    }
}

impl<T: AlwaysRefCounted> From<&T> for ARef<T> {
    fn from(object: &T) -> Self {
        object.inc_ref();
        // SAFETY: `inc_ref` has just counted the reference that the `ARef` gets.
        unsafe { Self::from_raw(object.into()) }
    }
}

impl<T: AlwaysRefCounted> Clone for ARef<T> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl<T, U> PartialEq<&U> for ARef<T>
where
    T: AlwaysRefCounted + PartialEq<U>,
{
    fn eq(&self, other: &&U) -> bool {
        **self == **other
    }
}

impl<T, U> PartialEq<ARef<U>> for ARef<T>
where
    T: AlwaysRefCounted + PartialEq<U>,
    U: AlwaysRefCounted,
{
    fn eq(&self, other: &ARef<U>) -> bool {
        **self == **other
    }
}

impl<T: AlwaysRefCounted + Eq> Eq for ARef<T> {}

#[crate::macros::kunit_tests(rust_aref)]
mod tests {
    use super::*;
    use crate::{
        prelude::*,
        sync::{
            atomic::{Atomic, Relaxed},
            Refcount,
        },
    };

    /// An object that says when it goes.
    struct Object<'a> {
        refs: Refcount,
        value: u32,
        freed: &'a Atomic<u32>,
    }

    impl<'a> Object<'a> {
        fn new(value: u32, freed: &'a Atomic<u32>) -> Result<ARef<Self>> {
            let object = Self {
                refs: Refcount::new(1),
                value,
                freed,
            };
            let object = KBox::leak(KBox::new(object, GFP_KERNEL)?);
            // SAFETY: The object is valid, and the reference it starts with goes to the `ARef`.
            Ok(unsafe { ARef::from_raw(object.into()) })
        }

        fn refs(&self) -> i32 {
            self.refs.as_atomic().load(Relaxed)
        }
    }

    impl Drop for Object<'_> {
        fn drop(&mut self) {
            self.freed.add(1, Relaxed);
        }
    }

    impl PartialEq for Object<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.value == other.value
        }
    }

    impl Eq for Object<'_> {}

    impl PartialEq<u32> for Object<'_> {
        fn eq(&self, other: &u32) -> bool {
            self.value == *other
        }
    }

    // SAFETY: All objects are made by `new`, counted, and freed with the last reference.
    unsafe impl AlwaysRefCounted for Object<'_> {
        fn inc_ref(&self) {
            self.refs.inc();
        }

        unsafe fn dec_ref(obj: NonNull<Self>) {
            // SAFETY: The caller owns a reference.
            let last = unsafe { obj.as_ref() }.refs.dec_and_test();
            if last {
                // SAFETY: It was allocated as a `KBox`, and that was the last reference.
                drop(unsafe { KBox::from_raw(obj.as_ptr()) });
            }
        }
    }

    #[test]
    fn the_last_reference_frees() -> Result {
        let freed = Atomic::new(0);
        let one = Object::new(1, &freed)?;
        assert_eq!(one.refs(), 1);
        let two = one.clone();
        assert_eq!(one.refs(), 2);
        drop(one);
        assert_eq!(two.refs(), 1);
        assert_eq!(freed.load(Relaxed), 0);
        drop(two);
        assert_eq!(freed.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_borrow_becomes_a_reference() -> Result {
        fn keep<'a>(object: &Object<'a>) -> ARef<Object<'a>> {
            object.into()
        }

        let freed = Atomic::new(0);
        let one = Object::new(2, &freed)?;
        let kept = keep(&one);
        assert!(core::ptr::eq(&*kept, &*one));
        drop(one);
        assert_eq!(kept.refs(), 1);
        assert_eq!(kept.value, 2);
        Ok(())
    }

    #[test]
    fn raw_pointers_keep_the_count() -> Result {
        let freed = Atomic::new(0);
        let raw = ARef::into_raw(Object::new(3, &freed)?);
        assert_eq!(freed.load(Relaxed), 0);
        // SAFETY: `raw` comes from `into_raw`, and is not used after this.
        let object = unsafe { ARef::from_raw(raw) };
        assert_eq!(object.refs(), 1);
        drop(object);
        assert_eq!(freed.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn equal_if_the_objects_are() -> Result {
        let freed = Atomic::new(0);
        let a = Object::new(4, &freed)?;
        let b = Object::new(4, &freed)?;
        let c = Object::new(5, &freed)?;

        assert!(a == b);
        assert!(a != c);
        assert!(a == &*b);
        assert!(a == &4);
        assert!(c != &4);
        Ok(())
    }

    #[test]
    fn no_larger_than_a_pointer() {
        assert_eq!(size_of::<ARef<Object<'_>>>(), size_of::<usize>());
        assert_eq!(size_of::<Option<ARef<Object<'_>>>>(), size_of::<usize>());
    }
}
