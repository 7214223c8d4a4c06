// SPDX-License-Identifier: GPL-2.0

//! Work that goes on its queue only after a while.

use super::{HasWork, Work, WorkItem, WorkItemPointer};
use crate::{bindings, prelude::*, sync::LockClassKey, types::Opaque};
use core::marker::PhantomData;

/// Initialises a [`DelayedWork`] with a name and lock classes of its own.
///
/// `new_delayed_work!("name")` is a `PinInit<DelayedWork<T, ID>>`. Without a name, file and line serve
/// as such. The timer inside has a lock class of its own, whose name ends in `_timer`.
///
/// # Examples
///
/// ```
/// use kernel::{impl_has_delayed_work, new_delayed_work, workqueue::{DelayedWork, WorkItem}};
///
/// #[pin_data]
/// struct Watchdog {
///     #[pin]
///     bark: DelayedWork<Watchdog>,
/// }
/// # impl_has_delayed_work! { impl HasDelayedWork<Watchdog> for Watchdog { self.bark } }
/// # impl WorkItem for Watchdog {
/// #     type Pointer = Pin<KBox<Watchdog>>;
/// #     fn run(_: Pin<KBox<Watchdog>>) {}
/// # }
///
/// let named = new_delayed_work!("Watchdog::bark");
/// let watchdog = KBox::pin_init(pin_init!(Watchdog { bark <- named }), GFP_KERNEL)?;
/// assert_eq!(size_of_val(&watchdog.bark), size_of::<Watchdog>());
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! new_delayed_work {
    () => {
        $crate::workqueue::DelayedWork::new(
            $crate::__lock_name!(),
            $crate::static_lock_class!(),
            $crate::c_str!(::core::concat!(
                ::core::file!(),
                ":",
                ::core::line!(),
                "_timer"
            )),
            $crate::static_lock_class!(),
        )
    };
    ($name:literal $(,)?) => {
        $crate::workqueue::DelayedWork::new(
            $crate::__lock_name!($name),
            $crate::static_lock_class!(),
            $crate::c_str!(::core::concat!($name, "_timer")),
            $crate::static_lock_class!(),
        )
    };
}

/// The links and the timer that an object of type `T` has for a queue.
///
/// As [`Work`], but for [`Queue::enqueue_delayed`]; [`Queue::enqueue`] takes the object as well. It is
/// initialised with [`new_delayed_work!`], and named by [`impl_has_delayed_work!`].
///
/// C counterpart: [`struct delayed_work`].
///
/// # Invariants
///
/// The C structure is initialised, the function of its work item is `run` of the [`WorkItemPointer`]
/// that `T` has for `ID`, and its timer is the one of delayed work.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_delayed_work, new_delayed_work,
///     sync::{Arc, Completion},
///     workqueue::{self, DelayedWork, WorkItem},
/// };
///
/// #[pin_data]
/// struct Timeout {
///     #[pin]
///     over: Completion,
///     #[pin]
///     work: DelayedWork<Timeout>,
/// }
///
/// impl_has_delayed_work! {
///     impl HasDelayedWork<Timeout> for Timeout { self.work }
/// }
///
/// impl WorkItem for Timeout {
///     type Pointer = Arc<Timeout>;
///
///     fn run(this: Arc<Timeout>) {
///         this.over.complete_all();
///     }
/// }
///
/// let timeout = Arc::pin_init(
///     pin_init!(Timeout { over <- Completion::new(), work <- new_delayed_work!() }),
///     GFP_KERNEL,
/// )?;
/// // It is pending from then on, although not on the queue yet.
/// assert!(workqueue::system().enqueue_delayed(timeout.clone(), 2).is_ok());
/// timeout.over.wait_for_completion();
/// # Ok::<(), Error>(())
/// ```
///
/// [`Queue::enqueue`]: super::Queue::enqueue
/// [`Queue::enqueue_delayed`]: super::Queue::enqueue_delayed
/// [`impl_has_delayed_work!`]: super::impl_has_delayed_work
/// [`struct delayed_work`]: srctree/include/linux/workqueue.h
#[pin_data]
#[repr(transparent)]
pub struct DelayedWork<T: ?Sized, const ID: u64 = 0> {
    #[pin]
    delayed: Opaque<bindings::delayed_work>,
    _of: PhantomData<fn(&T)>,
}

// SAFETY: What goes to a queue, and from there to another task, is the pointer to the object, and
// `enqueue` asks that of it. The structure itself belongs to no task.
unsafe impl<T: ?Sized, const ID: u64> Send for DelayedWork<T, ID> {}

// SAFETY: `&DelayedWork` allows for nothing but to get a pointer.
unsafe impl<T: ?Sized, const ID: u64> Sync for DelayedWork<T, ID> {}

impl<T: ?Sized, const ID: u64> DelayedWork<T, ID> {
    /// Initialises it, with names and classes for lockdep: what [`new_delayed_work!`] does.
    ///
    /// [`new_delayed_work!`]: super::new_delayed_work
    pub fn new(
        name: &'static CStr,
        key: Pin<&'static LockClassKey>,
        timer_name: &'static CStr,
        timer_key: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self>
    where
        T: WorkItem<ID>,
    {
        let init = move |delayed| {
            // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place. Names and
            // keys are there for ever.
            unsafe {
                bindings::init_delayed_work_with_keys(
                    delayed,
                    Some(T::Pointer::run),
                    name.as_char_ptr(),
                    key.as_ptr(),
                    timer_name.as_char_ptr(),
                    timer_key.as_ptr(),
                )
            }
        };
        // INVARIANT: That function is what it is initialised with; the helper sets the timer.
        pin_init!(Self {
            delayed <- Opaque::ffi_init(init),
            _of: PhantomData,
        })
    }

    /// Returns a pointer to the [`Work`] inside.
    ///
    /// # Safety
    ///
    /// `ptr` points into an allocation, aligned; what is there need not be initialised.
    #[inline]
    pub unsafe fn raw_as_work(ptr: *const Self) -> *mut Work<T, ID> {
        // SAFETY: The caller says that the pointer is within an allocation.
        let delayed = Opaque::cast_into(unsafe { &raw const (*ptr).delayed });
        // SAFETY: As above: `Opaque` is transparent.
        let work = unsafe { &raw mut (*delayed).work };
        // `Work` is transparent, and the function is the one that its invariants ask for.
        work.cast()
    }
}

/// A type that has a [`DelayedWork<T, ID>`] as one of its fields.
///
/// [`impl_has_delayed_work!`] implements it.
///
/// # Safety
///
/// The [`Work`] that [`HasWork::raw_get_work`] points to is the one inside a `DelayedWork<T, ID>`, as
/// [`DelayedWork::raw_as_work`] returns it.
///
/// [`impl_has_delayed_work!`]: super::impl_has_delayed_work
pub unsafe trait HasDelayedWork<T, const ID: u64 = 0>: HasWork<T, ID> {}

/// Says which field of a type is its [`DelayedWork`], and so implements [`HasDelayedWork`] for it, and
/// [`HasWork`], too.
///
/// The body is as for [`impl_has_work!`], with `HasDelayedWork` for `HasWork`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_delayed_work, new_delayed_work,
///     workqueue::{DelayedWork, HasWork, WorkItem},
/// };
///
/// #[pin_data]
/// struct Retry<const N: usize> {
///     attempts: [u8; N],
///     #[pin]
///     later: DelayedWork<Retry<N>, 7>,
/// }
///
/// impl_has_delayed_work! {
///     impl{const N: usize} HasDelayedWork<Self, 7> for Retry<N> { self.later }
/// }
///
/// impl<const N: usize> WorkItem<7> for Retry<N> {
///     type Pointer = Pin<KBox<Self>>;
///
///     fn run(_this: Pin<KBox<Self>>) {}
/// }
///
/// let retry = KBox::pin_init(
///     pin_init!(Retry { attempts: [0; 3], later <- new_delayed_work!() }),
///     GFP_KERNEL,
/// )?;
/// let at: *const Retry<3> = &*retry;
/// // SAFETY: `at` points to a `Retry`.
/// let work = unsafe { Retry::raw_get_work(at.cast_mut()) };
/// assert!(core::ptr::addr_eq(work, &raw const retry.later));
/// assert_eq!(retry.attempts, [0; 3]);
/// # Ok::<(), Error>(())
/// ```
///
/// [`DelayedWork`]: crate::workqueue::DelayedWork
/// [`HasDelayedWork`]: crate::workqueue::HasDelayedWork
/// [`HasWork`]: crate::workqueue::HasWork
/// [`impl_has_work!`]: crate::workqueue::impl_has_work
#[macro_export]
macro_rules! impl_has_delayed_work {
    ($(
        impl $({$($generics:tt)*})? HasDelayedWork<$of:ty $(, $id:tt)?> for $container:ty {
            self.$field:ident $(,)?
        }
    )*) => {$(
        // SAFETY: `raw_get_work` below goes by way of a `DelayedWork`.
        unsafe impl $(<$($generics)*>)?
            $crate::workqueue::HasDelayedWork<$of $(, $id)?> for $container {}

        // SAFETY: Both functions are about one field, and only add and subtract its offset: a field of
        // something that the type dereferences to has no offset in it. The work item is the first
        // field of what is there.
        unsafe impl $(<$($generics)*>)? $crate::workqueue::HasWork<$of $(, $id)?> for $container {
            #[inline]
            unsafe fn raw_get_work(
                ptr: *mut Self,
            ) -> *mut $crate::workqueue::Work<$of $(, $id)?> {
                // SAFETY: The caller says that it points into an allocation for an object.
                let delayed = unsafe { &raw mut (*ptr).$field };
                // SAFETY: So does this, then.
                unsafe { $crate::workqueue::DelayedWork::<$of $(, $id)?>::raw_as_work(delayed) }
            }

            #[inline]
            unsafe fn work_container_of(
                ptr: *mut $crate::workqueue::Work<$of $(, $id)?>,
            ) -> *mut Self {
                // SAFETY: The caller says that it points to the work item in the field of an object.
                let delayed = unsafe { $crate::workqueue::DelayedWork::from_work(ptr) };
                // SAFETY: So this is the field.
                unsafe { $crate::container_of!(delayed, Self, $field) }
            }
        }
    )*};
}

impl<T: ?Sized, const ID: u64> DelayedWork<T, ID> {
    /// Undoes [`raw_as_work`](Self::raw_as_work).
    ///
    /// Not API: part of the macro [`impl_has_delayed_work!`](super::impl_has_delayed_work).
    ///
    /// # Safety
    ///
    /// `work` points into a `DelayedWork`, and may be used for all of it.
    #[doc(hidden)]
    #[inline]
    pub unsafe fn from_work(work: *mut Work<T, ID>) -> *mut Self {
        let work = work.cast::<bindings::work_struct>();
        // SAFETY: The caller says that it is the field of a larger structure.
        let dwork = unsafe { crate::container_of!(work, bindings::delayed_work, work) };
        // `Self` is transparent.
        dwork.cast()
    }
}
