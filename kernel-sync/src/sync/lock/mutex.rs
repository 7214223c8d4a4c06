// SPDX-License-Identifier: GPL-2.0

//! Mutexes: locks whose waiters sleep.

use super::{Backend, Guard, Lock};
use crate::{
    bindings,
    fmt::{self, contents::Writer},
    prelude::*,
    uaccess::{contents::BinaryWriter, UserSliceWriter},
};

/// Initialises a [`Mutex`] with a name and a lock class of its own.
///
/// `new_mutex!(value, "name")` is a `PinInit<Mutex<T>>`; `value` is a `T` or an initialiser of one.
/// Without a name, file and line serve as such.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_mutex, Mutex};
///
/// #[pin_data]
/// struct Device {
///     #[pin]
///     open_count: Mutex<u32>,
///     #[pin]
///     name: Mutex<&'static str>,
/// }
///
/// let device = KBox::pin_init(
///     pin_init!(Device {
///         open_count <- new_mutex!(0, "Device::open_count"),
///         name <- new_mutex!("none"),
///     }),
///     GFP_KERNEL,
/// )?;
///
/// *device.open_count.lock() += 1;
/// assert_eq!(*device.open_count.lock(), 1);
/// assert_eq!(*device.name.lock(), "none");
/// # Ok::<(), Error>(())
/// ```
///
/// [`Mutex`]: crate::sync::Mutex
#[macro_export]
macro_rules! new_mutex {
    ($value:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::Mutex::new(
            $value,
            $crate::__lock_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}
pub use new_mutex;

/// A value that one task at a time can reach, where the others sleep until it is their turn.
///
/// Acquire it in process context only, and with no spinlock held. A task that acquires a mutex twice
/// sleeps for ever; lockdep reports it.
///
/// Initialise one with [`new_mutex!`]. C counterpart: [`struct mutex`].
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_mutex, Arc, Mutex};
///
/// struct Inner {
///     a: u32,
///     b: u32,
/// }
///
/// #[pin_data]
/// struct Example {
///     /// Needs no lock: never changes.
///     id: u32,
///     #[pin]
///     inner: Mutex<Inner>,
/// }
///
/// impl Example {
///     fn new(id: u32) -> impl PinInit<Self> {
///         pin_init!(Self {
///             id,
///             inner <- new_mutex!(Inner { a: 1, b: 2 }, "Example::inner"),
///         })
///     }
///
///     /// Swaps both fields; nobody ever sees just one of them changed.
///     fn swap(&self) {
///         let mut inner = self.inner.lock();
///         let Inner { a, b } = &mut *inner;
///         core::mem::swap(a, b);
///     }
/// }
///
/// let example = Arc::pin_init(Example::new(3), GFP_KERNEL)?;
/// example.swap();
/// assert_eq!(example.id, 3);
/// assert_eq!(example.inner.lock().a, 2);
/// assert_eq!(example.inner.lock().b, 1);
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct mutex`]: srctree/include/linux/mutex.h
/// [`new_mutex!`]: crate::sync::new_mutex
pub type Mutex<T> = Lock<T, MutexBackend>;

/// The [`Guard`] of a [`Mutex`].
pub type MutexGuard<'a, T> = Guard<'a, T, MutexBackend>;

/// The kernel's `struct mutex` as a kind of lock.
pub struct MutexBackend;

// SAFETY: `mutex_lock` returns, and `mutex_trylock` gives non-zero, only to the one owner there is
// until `mutex_unlock`; the owner itself waits or fails, too. Acquiring and giving up order memory
// as C's locks do. A mutex that is not held refers to nothing else.
unsafe impl Backend for MutexBackend {
    type State = bindings::mutex;
    type GuardState = ();

    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut bindings::lock_class_key) {
        // SAFETY: The caller provides memory for a mutex, and a name and a key that live as long.
        unsafe { bindings::__mutex_init(ptr, name, key) }
    }

    #[inline]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: The caller says that this is an initialised mutex.
        unsafe { bindings::mutex_lock(ptr) }
    }

    #[inline]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: The caller says that this is an initialised mutex.
        let acquired = unsafe { bindings::mutex_trylock(ptr) };
        (acquired != 0).then_some(())
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, _guard_state: &Self::GuardState) {
        // SAFETY: The caller says that the current task owns this mutex.
        unsafe { bindings::mutex_unlock(ptr) }
    }

    unsafe fn assert_is_held(ptr: *mut Self::State) {
        // SAFETY: The caller says that this is an initialised mutex.
        unsafe { bindings::mutex_assert_is_held(ptr) }
    }
}

/// Shows the value in a file of debugfs, while it holds the mutex.
impl<T: Writer> Writer for Mutex<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::write(&self.lock(), f)
    }
}

/// Lets the bytes of the value be read from a file of debugfs, while it holds the mutex.
///
/// Whoever reads the file can delay the copying, and thus all who wait for the mutex.
impl<T: BinaryWriter> BinaryWriter for Mutex<T> {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        T::write_to_slice(&self.lock(), writer, offset)
    }
}

#[kunit_tests(rust_sync_mutex)]
mod tests {
    use super::*;

    #[test]
    fn names_are_optional() -> Result {
        let unnamed = KBox::pin_init(new_mutex!(1), GFP_KERNEL)?;
        let named = KBox::pin_init(new_mutex!(2, "mutex with a name",), GFP_KERNEL)?;
        assert_eq!(*unnamed.lock() + 1, *named.lock());
        Ok(())
    }

    #[test]
    fn value_may_be_an_initialiser() -> Result {
        // A `Result` initialises a value with what it holds, if that is not an error.
        let value = Ok::<u8, core::convert::Infallible>(7);
        let mutex: Pin<KBox<Mutex<u8>>> = KBox::pin_init(new_mutex!(value), GFP_KERNEL)?;
        assert_eq!(*mutex.lock(), 7);
        Ok(())
    }

    /// A mutex inside a mutex: the inner one is initialised in its final place.
    #[test]
    fn value_may_be_pinned() -> Result {
        let outer = KBox::pin_init(new_mutex!(new_mutex!(4)), GFP_KERNEL)?;
        assert_eq!(*outer.lock().lock(), 4);
        Ok(())
    }

    #[test]
    fn guard_survives_an_early_return() -> Result {
        fn fails(mutex: &Mutex<i32>) -> Result {
            let mut guard = mutex.lock();
            *guard += 1;
            Err(EINVAL)
        }

        let mutex = KBox::pin_init(new_mutex!(0), GFP_KERNEL)?;
        assert!(fails(&mutex).is_err());
        assert_eq!(mutex.try_lock().map(|value| *value), Some(1));
        Ok(())
    }
}
