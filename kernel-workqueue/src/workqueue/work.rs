// SPDX-License-Identifier: GPL-2.0

//! The part of an object that goes on a queue.

use super::{WorkItem, WorkItemPointer};
use crate::{bindings, prelude::*, sync::LockClassKey, types::Opaque};
use core::marker::PhantomData;

/// Initialises a [`Work`] with a name and a lock class of its own.
///
/// `new_work!("name")` is a `PinInit<Work<T, ID>>`. Without a name, file and line serve as such.
/// Lockdep takes work as if it were done under a lock of that name, and so finds out who waits for
/// whom.
///
/// # Examples
///
/// ```
/// use kernel::{impl_has_work, new_work, workqueue::{Work, WorkItem}};
///
/// #[pin_data]
/// struct Blink {
///     #[pin]
///     on: Work<Blink, 1>,
///     #[pin]
///     off: Work<Blink, 2>,
/// }
/// # impl_has_work! { impl HasWork<Blink, 1> for Blink { self.on } }
/// # impl_has_work! { impl HasWork<Blink, 2> for Blink { self.off } }
/// # impl WorkItem<1> for Blink {
/// #     type Pointer = Pin<KBox<Blink>>;
/// #     fn run(_: Pin<KBox<Blink>>) {}
/// # }
/// # impl WorkItem<2> for Blink {
/// #     type Pointer = Pin<KBox<Blink>>;
/// #     fn run(_: Pin<KBox<Blink>>) {}
/// # }
///
/// let blink = KBox::pin_init(
///     pin_init!(Blink { on <- new_work!("Blink::on"), off <- new_work!() }),
///     GFP_KERNEL,
/// )?;
/// assert!(!core::ptr::addr_eq(&blink.on, &blink.off));
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! new_work {
    ($($name:literal)? $(,)?) => {
        $crate::workqueue::Work::new(
            $crate::__lock_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

/// The links that an object of type `T` has for a queue.
///
/// It is initialised with [`new_work!`], and named by [`impl_has_work!`]; the object then does the
/// rest. It must stay in place, since C links it into lists.
///
/// C counterpart: [`struct work_struct`].
///
/// # Invariants
///
/// The C structure is initialised, and its function is `run` of the [`WorkItemPointer`] that `T` has
/// for `ID`.
///
/// # Examples
///
/// An object of one owner, which is freed once its work is done:
///
/// ```
/// use kernel::{
///     impl_has_work, new_work,
///     sync::{Arc, Completion},
///     workqueue::{self, Work, WorkItem},
/// };
///
/// #[pin_data]
/// struct Farewell {
///     done: Arc<Completion>,
///     #[pin]
///     work: Work<Farewell>,
/// }
///
/// impl_has_work! {
///     impl HasWork<Farewell> for Farewell { self.work }
/// }
///
/// impl WorkItem for Farewell {
///     type Pointer = Pin<KBox<Farewell>>;
///
///     fn run(this: Pin<KBox<Farewell>>) {
///         this.done.complete_all();
///     }
/// }
///
/// let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
/// let signal = done.clone();
/// let farewell = pin_init!(Farewell { done: signal, work <- new_work!() });
/// let farewell = KBox::pin_init(farewell, GFP_KERNEL)?;
/// workqueue::system().enqueue(farewell);
/// done.wait_for_completion();
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct work_struct`]: srctree/include/linux/workqueue_types.h
/// [`impl_has_work!`]: super::impl_has_work
#[pin_data]
#[repr(transparent)]
pub struct Work<T: ?Sized, const ID: u64 = 0> {
    #[pin]
    work: Opaque<bindings::work_struct>,
    _of: PhantomData<fn(&T)>,
}

// SAFETY: What goes to a queue, and from there to another task, is the pointer to the object, and
// `enqueue` asks that of it. The structure itself belongs to no task.
unsafe impl<T: ?Sized, const ID: u64> Send for Work<T, ID> {}

// SAFETY: `&Work` allows for nothing but to get a pointer.
unsafe impl<T: ?Sized, const ID: u64> Sync for Work<T, ID> {}

impl<T: ?Sized, const ID: u64> Work<T, ID> {
    /// Initialises it, with a name and a class for lockdep: what [`new_work!`] does.
    ///
    /// [`new_work!`]: super::new_work
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self>
    where
        T: WorkItem<ID>,
    {
        // INVARIANT: That function is what it is initialised with.
        pin_init!(Self {
            work <- Opaque::ffi_init(|work| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place. Name
                // and key are there for ever.
                unsafe {
                    bindings::init_work_with_key(
                        work,
                        Some(T::Pointer::run),
                        name.as_char_ptr(),
                        key.as_ptr(),
                    )
                }
            }),
            _of: PhantomData,
        })
    }

    /// Returns a pointer to the C structure inside.
    ///
    /// # Safety
    ///
    /// `ptr` points into an allocation, aligned; what is there need not be initialised.
    #[inline]
    pub unsafe fn raw_get(ptr: *const Self) -> *mut bindings::work_struct {
        // SAFETY: The caller says that the pointer is within an allocation.
        Opaque::cast_into(unsafe { &raw const (*ptr).work })
    }
}

/// A type that has a [`Work<T, ID>`] as one of its fields.
///
/// [`impl_has_work!`] implements it.
///
/// # Safety
///
/// [`raw_get_work`](Self::raw_get_work) returns a pointer to one and the same field of each object, and
/// [`work_container_of`](Self::work_container_of) is its inverse. Neither dereferences what it is
/// given.
///
/// # Examples
///
/// ```
/// use kernel::{impl_has_work, new_work, workqueue::{HasWork, Work, WorkItem}};
///
/// #[pin_data]
/// struct Task {
///     id: u32,
///     #[pin]
///     work: Work<Task>,
/// }
///
/// impl_has_work! {
///     impl HasWork<Task> for Task { self.work }
/// }
///
/// impl WorkItem for Task {
///     type Pointer = Pin<KBox<Task>>;
///
///     fn run(_this: Pin<KBox<Task>>) {}
/// }
///
/// let task = KBox::pin_init(pin_init!(Task { id: 3, work <- new_work!() }), GFP_KERNEL)?;
/// let at: *const Task = &*task;
/// // SAFETY: `at` points to a `Task`.
/// let work = unsafe { Task::raw_get_work(at.cast_mut()) };
/// // SAFETY: `work` points to the field of a `Task`.
/// let back = unsafe { Task::work_container_of(work) };
/// assert!(core::ptr::eq(back, at));
/// assert_eq!(task.id, 3);
/// # Ok::<(), Error>(())
/// ```
///
/// [`impl_has_work!`]: super::impl_has_work
pub unsafe trait HasWork<T, const ID: u64 = 0> {
    /// Returns a pointer to the field.
    ///
    /// # Safety
    ///
    /// `ptr` points into an allocation for an object of this type.
    unsafe fn raw_get_work(ptr: *mut Self) -> *mut Work<T, ID>;

    /// Returns a pointer to the object that has the field.
    ///
    /// # Safety
    ///
    /// `ptr` points to that field of an object of this type, and may be used for all of the object.
    unsafe fn work_container_of(ptr: *mut Work<T, ID>) -> *mut Self;
}

/// Says which field of a type is its [`Work`], and so implements [`HasWork`] for it.
///
/// The body is `impl HasWork<T, ID> for T { self.field }`, any number of times; `, ID` may be left out
/// for 0. The parameters of a generic type stand in braces: `impl{T: Send} HasWork<Of<T>> for Of<T> {
/// self.field }`. What is no field of the type, or of another type than `Work<T, ID>`, does not
/// compile.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_work, new_work,
///     sync::{atomic::{Atomic, Relaxed}, Arc},
///     workqueue::{OwnedQueue, Work, WorkItem},
/// };
///
/// #[pin_data]
/// struct Apply<F: Fn(u32)> {
///     to: u32,
///     function: F,
///     #[pin]
///     work: Work<Apply<F>>,
/// }
///
/// impl_has_work! {
///     impl{F: Fn(u32)} HasWork<Self> for Apply<F> { self.work }
/// }
///
/// impl<F: Fn(u32) + Send + Sync> WorkItem for Apply<F> {
///     type Pointer = Arc<Self>;
///
///     fn run(this: Arc<Self>) {
///         (this.function)(this.to);
///     }
/// }
///
/// let total = Arc::new(Atomic::new(0), GFP_KERNEL)?;
/// let sum = total.clone();
/// let apply = Arc::pin_init(
///     pin_init!(Apply { to: 5, function: move |by: u32| sum.add(by, Relaxed), work <- new_work!() }),
///     GFP_KERNEL,
/// )?;
/// let queue = OwnedQueue::new(c"apply")?;
/// assert!(queue.enqueue(apply).is_ok());
/// drop(queue);
/// assert_eq!(total.load(Relaxed), 5);
/// # Ok::<(), Error>(())
/// ```
///
/// [`Work`]: crate::workqueue::Work
/// [`HasWork`]: crate::workqueue::HasWork
#[macro_export]
macro_rules! impl_has_work {
    ($(
        impl $({$($generics:tt)*})? HasWork<$of:ty $(, $id:tt)?> for $container:ty {
            self.$field:ident $(,)?
        }
    )*) => {$(
        // SAFETY: Both functions are about one field, and only add and subtract its offset: a field of
        // something that the type dereferences to has no offset in it.
        unsafe impl $(<$($generics)*>)? $crate::workqueue::HasWork<$of $(, $id)?> for $container {
            #[inline]
            unsafe fn raw_get_work(
                ptr: *mut Self,
            ) -> *mut $crate::workqueue::Work<$of $(, $id)?> {
                // SAFETY: The caller says that it points into an allocation for an object.
                unsafe { &raw mut (*ptr).$field }
            }

            #[inline]
            unsafe fn work_container_of(
                ptr: *mut $crate::workqueue::Work<$of $(, $id)?>,
            ) -> *mut Self {
                // SAFETY: The caller says that it points to the field of an object.
                unsafe { $crate::container_of!(ptr, Self, $field) }
            }
        }
    )*};
}
