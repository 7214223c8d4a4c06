// SPDX-License-Identifier: GPL-2.0

//! Types that every abstraction is made of.
//!
//! - [`Opaque`] holds a C object that Rust does not look into.
//! - [`ForeignOwnable`] is for owners that can be parked in a `void *` on the C side.
//! - [`ScopeGuard`] runs code at the end of a scope, on whichever path it is left.
//! - [`NotThreadSafe`](type@NotThreadSafe) keeps a type on its thread.
//! - [`ForLt`](trait@ForLt) stands for a type that is generic over a lifetime.

use core::{
    cell::UnsafeCell,
    ffi::c_void,
    marker::{PhantomData, PhantomPinned},
    mem::{align_of, ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    ptr,
};

use pin_init::{pin_init_from_closure, PinInit, Wrapper, Zeroable};

#[doc(hidden)]
pub mod for_lt;

pub use for_lt::ForLt;
#[doc(inline)]
pub use macros::ForLt;

/// Owners whose ownership can be handed to C as a `void *`, and taken back.
///
/// C structures keep driver data in a pointer (`dev_set_drvdata()`, `file->private_data`, an
/// xarray entry), which says nothing about what it owns. The implementer of this trait is what the
/// pointer owns: a `KBox<T>`, an `Arc<T>`, or `()` for no data at all.
///
/// While C holds the pointer, [`borrow`](Self::borrow) gives access to the object behind it.
///
/// # Safety
///
/// - [`into_foreign`](Self::into_foreign) returns pointers that are multiples of
///   [`FOREIGN_ALIGN`](Self::FOREIGN_ALIGN), and not null.
/// - A pointer that it returned can be passed to the other functions as they document it.
///
/// # Examples
///
/// ```
/// use kernel::types::ForeignOwnable;
///
/// let raw = KBox::new(41_u32, GFP_KERNEL)?.into_foreign();
/// // … the pointer is stored in a C structure, and comes back in a callback:
///
/// // SAFETY: `raw` came from `into_foreign` of this type, and the reference is the only one.
/// *unsafe { KBox::<u32>::borrow_mut(raw) } += 1;
/// // SAFETY: As above, and the mutable reference is no longer used.
/// assert_eq!(unsafe { KBox::<u32>::borrow(raw) }, &42);
///
/// // SAFETY: As above, and nothing is borrowed any more.
/// let owner = unsafe { KBox::<u32>::from_foreign(raw) };
/// assert_eq!(*owner, 42);
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait ForeignOwnable: Sized {
    /// How many bytes the pointers of [`into_foreign`](Self::into_foreign) are aligned to.
    ///
    /// Containers that keep tags in the low bits of a pointer check this.
    const FOREIGN_ALIGN: usize;

    /// Turns the owner into a pointer that stands for it.
    ///
    /// The object leaks unless the pointer is passed to [`from_foreign`](Self::from_foreign) or
    /// [`try_from_foreign`](Self::try_from_foreign) once.
    fn into_foreign(self) -> *mut c_void;

    /// Turns a pointer back into the owner.
    ///
    /// # Safety
    ///
    /// - `ptr` was returned by [`into_foreign`](Self::into_foreign) of this very type, and has not
    ///   been passed to this function or to [`try_from_foreign`](Self::try_from_foreign) since.
    /// - No result of [`borrow`](Self::borrow) or [`borrow_mut`](Self::borrow_mut) with this pointer
    ///   is used from now on.
    /// - Where the type is not [`Send`], this runs in the thread that called `into_foreign`.
    unsafe fn from_foreign(ptr: *mut c_void) -> Self;

    /// Turns a pointer back into the owner, or returns `None` if it is null.
    ///
    /// # Safety
    ///
    /// If `ptr` is not null, as for [`from_foreign`](Self::from_foreign).
    unsafe fn try_from_foreign(ptr: *mut c_void) -> Option<Self> {
        // SAFETY: The pointer is not null, so the caller promises what `from_foreign` asks for.
        (!ptr.is_null()).then(|| unsafe { Self::from_foreign(ptr) })
    }

    /// What a shared borrow of the object gives.
    type Borrowed<'a>
    where
        Self: 'a;

    /// Borrows the object that a pointer stands for.
    ///
    /// # Safety
    ///
    /// - `ptr` was returned by [`into_foreign`](Self::into_foreign) of this very type, and will not
    ///   be passed to [`from_foreign`](Self::from_foreign) or
    ///   [`try_from_foreign`](Self::try_from_foreign) during `'a`.
    /// - No result of [`borrow_mut`](Self::borrow_mut) with this pointer is used during `'a`.
    /// - Where the object is not [`Sync`], no other thread borrows it during `'a`.
    unsafe fn borrow<'a>(ptr: *mut c_void) -> Self::Borrowed<'a>;

    /// What an exclusive borrow of the object gives.
    type BorrowedMut<'a>
    where
        Self: 'a;

    /// Borrows the object that a pointer stands for, exclusively.
    ///
    /// # Safety
    ///
    /// - `ptr` was returned by [`into_foreign`](Self::into_foreign) of this very type, and will not
    ///   be passed to [`from_foreign`](Self::from_foreign) or
    ///   [`try_from_foreign`](Self::try_from_foreign) during `'a`.
    /// - No other result of [`borrow`](Self::borrow) or of this function with this pointer is used
    ///   during `'a`.
    /// - Where the object is not [`Send`], this runs in the thread that called `into_foreign`.
    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Self::BorrowedMut<'a>;
}

// SAFETY: The pointer is dangling, which is neither null nor misaligned, and no function looks at
// what it is passed.
unsafe impl ForeignOwnable for () {
    const FOREIGN_ALIGN: usize = align_of::<()>();
    type Borrowed<'a> = ();
    type BorrowedMut<'a> = ();

    fn into_foreign(self) -> *mut c_void {
        ptr::NonNull::<()>::dangling().as_ptr().cast()
    }

    unsafe fn from_foreign(_: *mut c_void) -> Self {}

    unsafe fn borrow<'a>(_: *mut c_void) -> Self::Borrowed<'a> {}

    unsafe fn borrow_mut<'a>(_: *mut c_void) -> Self::BorrowedMut<'a> {}
}

/// Runs a function when it goes out of scope.
///
/// For the steps of C's `goto err` ladders that no type's [`Drop`] takes care of. Data that the
/// function needs can be put into the guard, which dereferences to it meanwhile;
/// [`dismiss`](Self::dismiss) gives it back and drops the function without calling it.
///
/// Name the variable (`let _guard = …`): `let _ = …` drops the guard, and runs the function, at
/// once.
///
/// # Examples
///
/// ```
/// use core::cell::Cell;
/// use kernel::types::ScopeGuard;
///
/// fn start(active: &Cell<u32>, working: bool) -> Result {
///     active.set(active.get() + 1);
///     let undo = ScopeGuard::new(|| active.set(active.get() - 1));
///     if !working {
///         return Err(EIO);
///     }
///     undo.dismiss();
///     Ok(())
/// }
///
/// let active = Cell::new(0);
/// assert!(start(&active, false).is_err());
/// assert_eq!(active.get(), 0);
/// assert!(start(&active, true).is_ok());
/// assert_eq!(active.get(), 1);
/// ```
///
/// With data:
///
/// ```
/// use kernel::types::ScopeGuard;
///
/// let mut written = 0;
/// {
///     let mut log = ScopeGuard::new_with_data(KVec::new(), |log: KVec<u8>| written = log.len());
///     log.push(1, GFP_KERNEL)?;
///     log.push(2, GFP_KERNEL)?;
/// }
/// assert_eq!(written, 2);
/// # Ok::<(), Error>(())
/// ```
// INVARIANT: The contents have not been taken out of the `ManuallyDrop`.
#[must_use = "the function runs at once when the guard is not bound to a variable"]
pub struct ScopeGuard<T, F: FnOnce(T)>(ManuallyDrop<(T, F)>);

impl<T, F: FnOnce(T)> ScopeGuard<T, F> {
    /// Makes a guard that calls `cleanup_func` with `data` when it is dropped.
    #[inline]
    pub fn new_with_data(data: T, cleanup_func: F) -> Self {
        Self(ManuallyDrop::new((data, cleanup_func)))
    }

    /// Takes the data out, and keeps the function from running.
    #[inline]
    pub fn dismiss(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: The contents are there, by the type invariant, and are not used again: `this`
        // is never dropped.
        let (data, _) = unsafe { ManuallyDrop::take(&mut this.0) };
        data
    }
}

impl ScopeGuard<(), fn(())> {
    /// Makes a guard without data, which calls `cleanup` when it is dropped.
    #[inline]
    pub fn new(cleanup: impl FnOnce()) -> ScopeGuard<(), impl FnOnce(())> {
        ScopeGuard::new_with_data((), move |()| cleanup())
    }
}

impl<T, F: FnOnce(T)> Deref for ScopeGuard<T, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0 .0
    }
}

impl<T, F: FnOnce(T)> DerefMut for ScopeGuard<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0 .0
    }
}

impl<T, F: FnOnce(T)> Drop for ScopeGuard<T, F> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: The contents are there, by the type invariant, and are not used again: this is
        // the only time that the guard is dropped.
        let (data, cleanup_func) = unsafe { ManuallyDrop::take(&mut self.0) };
        cleanup_func(data);
    }
}

/// Memory for a C object that is only accessed through its address.
///
/// Most abstractions are a `#[repr(transparent)]` structure around `Opaque<bindings::…>`. The type
/// takes back what Rust would otherwise assume about a value it has a reference to:
///
/// - the value may change behind a shared reference, as there are other references on the C side;
/// - it may also change behind an exclusive one, for the same reason: the type is not [`Unpin`],
///   for which the compiler does not conclude that nobody else looks;
/// - it may be uninitialised, wholly or in part, and hold any bit pattern;
/// - it is not [`Sync`]: which functions may run concurrently is for the abstraction to say.
///
/// Dropping it does nothing to the object inside, not even if `T` implements [`Drop`].
///
/// # Examples
///
/// ```
/// use kernel::types::Opaque;
///
/// // Stands for a structure that bindgen made, with functions that C implements.
/// # #[expect(non_camel_case_types)]
/// struct c_counter {
///     value: u32,
/// }
/// # #[expect(clippy::missing_safety_doc)]
/// unsafe fn c_counter_init(counter: *mut c_counter, value: u32) {
/// #   // SAFETY: The caller's promise.
/// #   unsafe { (&raw mut (*counter).value).write(value) }
/// }
/// # #[expect(clippy::missing_safety_doc)]
/// unsafe fn c_counter_read(counter: *const c_counter) -> u32 {
/// #   // SAFETY: The caller's promise.
/// #   unsafe { (*counter).value }
/// }
///
/// /// Counts.
/// ///
/// /// # Invariants
/// ///
/// /// The object has been initialised.
/// #[repr(transparent)]
/// #[pin_data]
/// struct Counter {
///     #[pin]
///     inner: Opaque<c_counter>,
/// }
///
/// impl Counter {
///     fn new(value: u32) -> impl PinInit<Self> {
///         pin_init!(Self {
///             // SAFETY: `ffi_init` passes a pointer to memory for a `c_counter`.
///             inner <- Opaque::ffi_init(|slot| unsafe { c_counter_init(slot, value) }),
///         })
///     }
///
///     fn value(&self) -> u32 {
///         // SAFETY: The pointer is valid, and the object initialised: type invariant.
///         unsafe { c_counter_read(self.inner.get()) }
///     }
/// }
///
/// let counter = KBox::pin_init(Counter::new(6), GFP_KERNEL)?;
/// assert_eq!(counter.value(), 6);
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
pub struct Opaque<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    _pin: PhantomPinned,
}

impl<T> Opaque<T> {
    /// Puts the wrapper around memory in any state.
    #[inline]
    const fn holding(memory: MaybeUninit<T>) -> Self {
        Self {
            value: UnsafeCell::new(memory),
            _pin: PhantomPinned,
        }
    }

    /// Makes an object of a value.
    #[inline]
    pub const fn new(value: T) -> Self {
        Self::holding(MaybeUninit::new(value))
    }

    /// Makes an uninitialised object.
    #[inline]
    pub const fn uninit() -> Self {
        Self::holding(MaybeUninit::uninit())
    }

    /// Makes an object that is all zeroes, as `memset()` or `kzalloc()` leaves it.
    #[inline]
    pub const fn zeroed() -> Self {
        Self::holding(MaybeUninit::zeroed())
    }

    /// Initialises an object in place with a C function that does not fail.
    ///
    /// `init_func` gets a pointer to uninitialised memory, valid for reads and writes. What it
    /// writes there stays at that address.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::{pin::Pin, ptr};
    /// use kernel::types::Opaque;
    ///
    /// let list_head = Opaque::<[*mut u8; 2]>::ffi_init(|slot| {
    ///     // SAFETY: The pointer is valid for writes.
    ///     unsafe { slot.write([slot.cast(); 2]) }
    /// });
    /// let list_head: Pin<KBox<Opaque<_>>> = KBox::pin_init(list_head, GFP_KERNEL)?;
    ///
    /// // SAFETY: The value was written above.
    /// let links = unsafe { list_head.get().read() };
    /// assert!(ptr::eq(links[0], list_head.get().cast()));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn ffi_init(init_func: impl FnOnce(*mut T)) -> impl PinInit<Self> {
        Self::try_ffi_init(move |slot| {
            init_func(slot);
            Ok(())
        })
    }

    /// Initialises an object in place with a C function that may fail.
    ///
    /// As [`ffi_init`](Self::ffi_init); on an error the memory is given up as it is.
    ///
    /// # Errors
    ///
    /// The initialiser fails with the error of `init_func`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::types::Opaque;
    ///
    /// let failing = Opaque::<u32>::try_ffi_init(|_| Err(ENODEV));
    /// assert_eq!(KBox::pin_init(failing, GFP_KERNEL).err(), Some(ENODEV));
    /// ```
    #[inline]
    pub fn try_ffi_init<E>(
        init_func: impl FnOnce(*mut T) -> Result<(), E>,
    ) -> impl PinInit<Self, E> {
        // SAFETY: Whatever `init_func` does, all of an `Opaque` is `MaybeUninit`, so it is
        // initialised afterwards; and there is nothing to drop in it if there was an error. The
        // object only gets to be moved if the owner of the memory breaks the promise of `PinInit`.
        unsafe { pin_init_from_closure(move |slot: *mut Self| init_func(Self::cast_into(slot))) }
    }

    /// Returns the address of the object, to pass to C.
    ///
    /// The pointer may be written through.
    #[inline]
    pub const fn get(&self) -> *mut T {
        Self::cast_into(self)
    }

    /// Goes from a pointer to the wrapper to a pointer to the object.
    ///
    /// Does not make a reference, so it may be used where none is allowed: see
    /// [`UnsafeCell::raw_get`].
    #[inline]
    pub const fn cast_into(this: *const Self) -> *mut T {
        UnsafeCell::raw_get(this.cast::<UnsafeCell<MaybeUninit<T>>>()).cast::<T>()
    }

    /// Goes from a pointer to the object to a pointer to the wrapper.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::ptr;
    /// use kernel::types::Opaque;
    ///
    /// let object = Opaque::new(5_u8);
    /// let from_c: *const u8 = object.get();
    /// assert!(ptr::eq(Opaque::cast_from(from_c), &object));
    /// assert!(ptr::eq(Opaque::cast_into(&object), from_c));
    /// ```
    #[inline]
    pub const fn cast_from(this: *const T) -> *const Self {
        this.cast()
    }
}

// SAFETY: Zeroes are as good as any other bytes, since none of them have to be initialised.
unsafe impl<T> Zeroable for Opaque<T> {}

impl<T> Wrapper<T> for Opaque<T> {
    /// Initialises the object with an initialiser for a `T`.
    ///
    /// The wrapper never drops the value.
    fn pin_init<E>(slot: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        Self::try_ffi_init(move |inner: *mut T| {
            // SAFETY: `inner` is uninitialised memory for a `T`, which is not read after an error,
            // and stays where it is because the `Opaque` does.
            unsafe { slot.__pinned_init(inner) }
        })
    }
}

/// A field of this type keeps a structure on its thread: neither [`Send`] nor [`Sync`].
///
/// The name is also that of its only value, so that a constructor can say
/// `_not_thread_safe: NotThreadSafe`.
///
/// # Examples
///
/// ```
/// use kernel::types::NotThreadSafe;
///
/// /// What has been disabled on this CPU is to be enabled on this CPU.
/// struct PreemptionOff {
///     depth: u32,
///     _not_thread_safe: NotThreadSafe,
/// }
///
/// let off = PreemptionOff { depth: 1, _not_thread_safe: NotThreadSafe };
/// assert_eq!(off.depth, 1);
/// assert_eq!(size_of::<PreemptionOff>(), size_of::<u32>());
/// ```
pub type NotThreadSafe = PhantomData<*mut ()>;

/// The value of the [type](type@NotThreadSafe) of the same name.
#[expect(
    non_upper_case_globals,
    reason = "named as the type, like a unit struct"
)]
pub const NotThreadSafe: NotThreadSafe = PhantomData;

#[macros::kunit_tests(rust_types)]
mod tests {
    use super::*;
    use core::cell::{Cell, RefCell};
    use core::mem::size_of;

    #[test]
    fn no_data_is_owned_by_any_pointer() {
        let ptr = ().into_foreign();
        assert!(!ptr.is_null());
        // SAFETY: `()` accepts any pointer.
        unsafe { <()>::borrow(ptr) };
        // SAFETY: `()` accepts any pointer.
        unsafe { <()>::borrow_mut(ptr) };
        // SAFETY: `()` accepts any pointer.
        unsafe { <()>::from_foreign(ptr) };
        // SAFETY: `()` accepts any pointer.
        assert!(unsafe { <()>::try_from_foreign(ptr) }.is_some());
        // SAFETY: Null is fine for this function.
        assert!(unsafe { <()>::try_from_foreign(ptr::null_mut()) }.is_none());
    }

    #[test]
    fn guards_run_once_and_in_reverse() {
        let log = RefCell::new([0; 4]);
        let count = Cell::new(0);
        let note = |what: i32| {
            log.borrow_mut()[count.get()] = what;
            count.set(count.get() + 1);
        };
        {
            let _first = ScopeGuard::new(|| note(1));
            let _second = ScopeGuard::new_with_data(2, note);
            assert_eq!(count.get(), 0);
        }
        assert_eq!(count.get(), 2);
        assert_eq!(*log.borrow(), [2, 1, 0, 0]);
    }

    struct CountsDrops<'a>(&'a Cell<u32>);

    impl Drop for CountsDrops<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn dismissal_gives_the_data_back_and_drops_the_function() {
        let (data, captured, calls) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let in_function = CountsDrops(&captured);
        let guard = ScopeGuard::new_with_data(CountsDrops(&data), |_| {
            let _ = &in_function;
            calls.set(calls.get() + 1);
        });
        let back = guard.dismiss();
        assert_eq!(data.get(), 0);
        drop(back);
        assert_eq!(data.get(), 1);
        drop(in_function);
        assert_eq!(captured.get(), 1);
        assert_eq!(calls.get(), 0);

        let owned = CountsDrops(&captured);
        ScopeGuard::new(move || drop(owned)).dismiss();
        assert_eq!(captured.get(), 2);
    }

    #[test]
    fn opaque_has_the_layout_of_what_it_holds() {
        assert_eq!(size_of::<Opaque<[u16; 3]>>(), 6);
        assert_eq!(align_of::<Opaque<u64>>(), align_of::<u64>());
        // No niche: C may store any bytes.
        assert!(size_of::<Option<Opaque<&u8>>>() > size_of::<&u8>());
        let zeroed = Opaque::<u32>::zeroed();
        // SAFETY: Four zeroes are a `u32`.
        assert_eq!(unsafe { zeroed.get().read() }, 0);
    }

    #[test]
    fn opaque_does_not_drop() {
        let drops = Cell::new(0);
        {
            let _object = Opaque::new(CountsDrops(&drops));
        }
        assert_eq!(drops.get(), 0);
    }
}
