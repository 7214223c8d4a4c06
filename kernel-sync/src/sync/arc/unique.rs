// SPDX-License-Identifier: GPL-2.0

//! The only owner of an object that can have more.

use super::{Arc, ArcInner};
use crate::{
    alloc::{AllocError, Flags, KBox},
    fmt,
    init::InPlaceInit,
    sync::Refcount,
};
use core::{
    borrow::{Borrow, BorrowMut},
    mem::{ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    pin::Pin,
    ptr::NonNull,
};
use pin_init::{InPlaceWrite, Init, PinInit};

/// The only owner of an object, which may therefore change it.
///
/// Two uses:
///
/// - to set an object up before it is shared: change it, then turn it [`Into`] an [`Arc`], which
///   neither moves nor allocates anything;
/// - to allocate where that is allowed, and to fill in where it is not, with a lock held for
///   instance: [`UniqueArc::new_uninit`] takes the memory, and [`write`](UniqueArc::write),
///   [`init_with`](UniqueArc::init_with) or [`pin_init_with`](UniqueArc::pin_init_with) cannot run
///   out of any.
///
/// Dropping it drops the object and frees the memory. What is borrowed mutably from a
/// `UniqueArc<T>` may be moved out of it; a [`Pin<UniqueArc<T>>`](Pin) prevents that.
///
/// # Invariants
///
/// `inner` has the only reference to the object; no [`ArcBorrow`](super::ArcBorrow) of it exists
/// either.
///
/// # Examples
///
/// ```
/// use kernel::sync::{Arc, UniqueArc};
///
/// let mut table = UniqueArc::new([0u16; 8], GFP_KERNEL)?;
/// for (i, entry) in table.iter_mut().enumerate() {
///     *entry = 1 << i;
/// }
///
/// // From here on it is read-only.
/// let table: Arc<[u16; 8]> = table.into();
/// assert_eq!(table[3], 8);
/// # Ok::<(), Error>(())
/// ```
///
/// Allocate first, and put the value in when it is known:
///
/// ```
/// use kernel::sync::{new_spinlock, Arc, SpinLock, UniqueArc};
///
/// #[pin_data]
/// struct Table {
///     #[pin]
///     latest: SpinLock<Option<Arc<u32>>>,
/// }
///
/// let table = KBox::pin_init(pin_init!(Table { latest <- new_spinlock!(None) }), GFP_KERNEL)?;
///
/// let slot = UniqueArc::new_uninit(GFP_KERNEL)?;
/// {
///     // No allocation while this is held.
///     let mut latest = table.latest.lock();
///     *latest = Some(slot.write(23).into());
/// }
/// assert_eq!(table.latest.lock().as_deref(), Some(&23));
/// # Ok::<(), Error>(())
/// ```
pub struct UniqueArc<T: ?Sized> {
    inner: Arc<T>,
}

impl<T> UniqueArc<T> {
    /// Moves a value to the heap.
    ///
    /// # Errors
    ///
    /// If there is no memory; then `value` is dropped.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        // INVARIANT: It has one reference, and has just been made.
        Ok(Self {
            inner: Arc::new(value, flags)?,
        })
    }

    /// Allocates memory for a value to come.
    ///
    /// # Errors
    ///
    /// If there is no memory.
    pub fn new_uninit(flags: Flags) -> Result<UniqueArc<MaybeUninit<T>>, AllocError> {
        // In place, lest a large `T` should pass over the stack.
        let slot = KBox::<ArcInner<MaybeUninit<T>>>::new_uninit(flags)?;
        let inner = NonNull::from(KBox::leak(slot)).cast::<ArcInner<MaybeUninit<T>>>();

        // SAFETY: `inner` points to memory for an `ArcInner`.
        let refcount = unsafe { &raw mut (*inner.as_ptr()).refcount };
        // SAFETY: The memory is ours to write to, and aligned as `ArcInner` is.
        unsafe { refcount.write(Refcount::new(1)) };

        // SAFETY: It comes from a leaked `KBox`, and is valid now: the count, of one, has been
        // written, and a `MaybeUninit` is valid without.
        let inner = unsafe { Arc::from_inner(inner) };
        // INVARIANT: It has one reference, and has just been made.
        Ok(UniqueArc { inner })
    }
}

impl<T> UniqueArc<MaybeUninit<T>> {
    /// Puts a value in.
    pub fn write(mut self, value: T) -> UniqueArc<T> {
        self.deref_mut().write(value);
        // SAFETY: There is a value now.
        unsafe { self.assume_init() }
    }

    /// Says that there is a value inside.
    ///
    /// # Safety
    ///
    /// There must be one: all that makes a valid `T` must have been written.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::UniqueArc;
    ///
    /// let mut bytes = UniqueArc::<[u8; 64]>::new_uninit(GFP_KERNEL)?;
    ///
    /// // SAFETY: The pointer is good for 64 bytes.
    /// unsafe { bytes.as_mut_ptr().cast::<u8>().write_bytes(0xff, 64) };
    /// // SAFETY: All of them have been written.
    /// let bytes = unsafe { bytes.assume_init() };
    /// assert_eq!(bytes[63], 0xff);
    /// # Ok::<(), Error>(())
    /// ```
    pub unsafe fn assume_init(self) -> UniqueArc<T> {
        let inner = ManuallyDrop::new(self).inner.ptr.cast::<ArcInner<T>>();
        // SAFETY: `MaybeUninit<T>` and `T` have one layout, so the same `KBox` is fine for both, and
        // by the caller the contents are valid. The reference of `self` goes to the new `Arc`.
        let inner = unsafe { Arc::from_inner(inner) };
        // INVARIANT: As in `self`.
        UniqueArc { inner }
    }

    /// Runs an initializer inside.
    ///
    /// # Errors
    ///
    /// If the initializer fails: with its error, and the memory is freed.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::UniqueArc;
    ///
    /// let zeroes = UniqueArc::<[u32; 1024]>::new_uninit(GFP_KERNEL)?
    ///     .init_with(pin_init::init_zeroed())?;
    /// assert_eq!(zeroes[1023], 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn init_with<E>(mut self, init: impl Init<T, E>) -> Result<UniqueArc<T>, E> {
        // SAFETY: The memory is ours alone, and aligned; if this fails, it is freed without a look.
        unsafe { init.__init(self.as_mut_ptr()) }?;
        // SAFETY: The initializer succeeded, so there is a value.
        Ok(unsafe { self.assume_init() })
    }

    /// Runs an initializer inside, for a value that must not move.
    ///
    /// # Errors
    ///
    /// If the initializer fails: with its error, and the memory is freed.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::convert::Infallible;
    /// use kernel::sync::{new_mutex, Arc, Mutex, UniqueArc};
    ///
    /// let slot = UniqueArc::new_uninit(GFP_KERNEL)?;
    /// let Ok(lock) = slot.pin_init_with::<Infallible>(new_mutex!(3u8));
    ///
    /// let lock: Arc<Mutex<u8>> = lock.into();
    /// assert_eq!(*lock.lock(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pin_init_with<E>(mut self, init: impl PinInit<T, E>) -> Result<Pin<UniqueArc<T>>, E> {
        // SAFETY: The memory is ours alone, and aligned; if this fails, it is freed without a look;
        // else the value stays there, pinned below, until it is dropped.
        unsafe { init.__pinned_init(self.as_mut_ptr()) }?;
        // SAFETY: The initializer succeeded, so there is a value.
        Ok(unsafe { self.assume_init() }.into())
    }
}

impl<T: ?Sized> UniqueArc<T> {
    /// Returns a pointer to the object.
    pub fn as_ptr(this: &Self) -> *const T {
        Arc::as_ptr(&this.inner)
    }

    /// Makes a unique owner of an owner who is alone.
    ///
    /// # Safety
    ///
    /// `inner` must have the only reference to its object, and there must be no
    /// [`ArcBorrow`](super::ArcBorrow) of it.
    pub(super) unsafe fn from_last(inner: Arc<T>) -> Self {
        // INVARIANT: The caller promises just that.
        Self { inner }
    }

    /// Lets there be other owners.
    pub(super) fn into_shared(self) -> Arc<T> {
        self.inner
    }
}

impl<T: ?Sized> Deref for UniqueArc<T> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for UniqueArc<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        // SAFETY: By the invariant of `Arc` the contents are valid; by that of `self` nobody else
        // has a way to them, and `self` is borrowed mutably.
        unsafe { &mut self.inner.ptr.as_mut().data }
    }
}

impl<T: ?Sized> Borrow<T> for UniqueArc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> BorrowMut<T> for UniqueArc<T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized> From<UniqueArc<T>> for Pin<UniqueArc<T>> {
    /// Pins the object where it is.
    fn from(unique: UniqueArc<T>) -> Self {
        // SAFETY: From here on the object can only be had through the `Pin`, or through an `Arc`,
        // which gives no `&mut T`; and it is dropped where it lies.
        unsafe { Pin::new_unchecked(unique) }
    }
}

impl<T> InPlaceInit<T> for UniqueArc<T> {
    type PinnedSelf = Pin<Self>;

    #[inline]
    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.pin_init_with(init)
    }

    #[inline]
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.init_with(init)
    }
}

impl<T> InPlaceWrite<T> for UniqueArc<MaybeUninit<T>> {
    type Initialized = UniqueArc<T>;

    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        self.init_with(init)
    }

    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        self.pin_init_with(init)
    }
}

impl<T: fmt::Display + ?Sized> fmt::Display for UniqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

// Applies to no type; see the one of `Arc`.
impl<T: ?Sized> fmt::Display for UniqueArc<T>
where
    UniqueArc<T>: core::fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        <Self as core::fmt::Display>::fmt(self, f)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for UniqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

#[crate::macros::kunit_tests(rust_unique_arc)]
mod tests {
    use super::*;
    use crate::{
        prelude::*,
        str::CString,
        sync::atomic::{Atomic, Relaxed},
    };

    /// A value that says when it is dropped.
    struct Probe<'a>(&'a Atomic<u32>);

    impl Drop for Probe<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn drops_its_value_once() -> Result {
        let drops = Atomic::new(0);
        drop(UniqueArc::new(Probe(&drops), GFP_KERNEL)?);
        assert_eq!(drops.load(Relaxed), 1);

        let pinned = Pin::from(UniqueArc::new(Probe(&drops), GFP_KERNEL)?);
        drop(pinned);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn changes_stay_after_sharing() -> Result {
        let mut unique = UniqueArc::new([1u32; 4], GFP_KERNEL)?;
        unique[2] = 9;
        let at = UniqueArc::as_ptr(&unique);

        let arc: Arc<_> = unique.into();
        assert!(core::ptr::eq(Arc::as_ptr(&arc), at));
        assert_eq!(*arc, [1, 1, 9, 1]);
        assert_eq!(*arc.clone(), [1, 1, 9, 1]);
        Ok(())
    }

    #[test]
    fn memory_without_a_value() -> Result {
        let drops = Atomic::new(0);

        // There is nothing to drop in it...
        drop(UniqueArc::<Probe<'_>>::new_uninit(GFP_KERNEL)?);
        assert_eq!(drops.load(Relaxed), 0);

        // ...until something has been put in.
        let filled = UniqueArc::new_uninit(GFP_KERNEL)?.write(Probe(&drops));
        assert_eq!(drops.load(Relaxed), 0);
        drop(filled);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn initializers_run_in_place() -> Result {
        let slot = UniqueArc::<[u16; 100]>::new_uninit(GFP_KERNEL)?;
        let at = slot.as_ptr();
        let value = slot.write_init(pin_init::init_zeroed::<[u16; 100]>())?;
        assert!(core::ptr::eq(&*value, at));
        assert_eq!(value[99], 0);

        let slot = UniqueArc::<[u16; 100]>::new_uninit(GFP_KERNEL)?;
        let at = slot.as_ptr();
        let value = slot.write_pin_init(pin_init::init_zeroed::<[u16; 100]>())?;
        assert!(core::ptr::eq(&*value, at));
        Ok(())
    }

    #[test]
    fn a_failing_initializer_gives_its_error() -> Result {
        struct Half<'a> {
            _first: Probe<'a>,
            _second: u32,
        }

        fn fails(drops: &Atomic<u32>) -> impl Init<Half<'_>, Error> {
            try_init!(Half {
                _first: Probe(drops),
                _second: Err(EIO)?,
            })
        }

        let drops = Atomic::new(0);
        // What had been initialized until then is dropped.
        let slot = UniqueArc::new_uninit(GFP_KERNEL)?;
        assert_eq!(slot.init_with(fails(&drops)).err(), Some(EIO));
        assert_eq!(drops.load(Relaxed), 1);
        let slot = UniqueArc::new_uninit(GFP_KERNEL)?;
        assert_eq!(slot.pin_init_with(fails(&drops)).err(), Some(EIO));
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn a_pinned_one_is_still_unique() -> Result {
        let mut pinned = UniqueArc::pin_init(pin_init::init_zeroed::<u64>(), GFP_KERNEL)?;
        *pinned.as_mut() = 3;
        let arc: Arc<u64> = pinned.into();
        assert_eq!(*arc, 3);
        assert_eq!(Arc::into_unique_or_drop(arc).map(|unique| *unique), Some(3));
        Ok(())
    }

    #[test]
    fn forwards_formatting() -> Result {
        let unique = UniqueArc::new("text", GFP_KERNEL)?;
        let text = CString::try_from_fmt(fmt!("{} {:?}", unique, unique))?;
        assert_eq!(text.to_bytes(), b"text \"text\"");
        Ok(())
    }

    #[test]
    fn borrows_as_the_value() -> Result {
        fn sum(values: &impl Borrow<[u32; 2]>) -> u32 {
            values.borrow().iter().sum()
        }

        fn clear(values: &mut impl BorrowMut<[u32; 2]>) {
            *values.borrow_mut() = [0; 2];
        }

        let mut unique = UniqueArc::new([3, 4], GFP_KERNEL)?;
        assert_eq!(sum(&unique), 7);
        clear(&mut unique);
        assert_eq!(sum(&unique), 0);
        Ok(())
    }
}
