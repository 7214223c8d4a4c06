// SPDX-License-Identifier: GPL-2.0

//! Modules, and in `root` the few things that belong to the crate as a whole.
//!
//! A module is a type. The [`module!`](macros::module) macro names it, and generates what the kernel
//! looks for in a module; the type says what loading and unloading do:
//!
//! - [`Module`]: the value is made by [`Module::init`] and then moved to its place. For most modules.
//! - [`InPlaceModule`]: the value is initialised in place, for modules that hold what must not move.
//! - Unloading drops the value. Nothing else is to be done, as long as every registration that the
//!   module made is held in it.
//!
//! C headers: [`include/linux/module.h`](srctree/include/linux/module.h),
//! [`include/linux/init.h`](srctree/include/linux/init.h)

use crate::{
    bindings,
    error::{Error, Result},
    ffi::c_int,
};
use core::{cell::UnsafeCell, ffi::CStr, mem::MaybeUninit};
use pin_init::PinInit;

mod root;

pub use root::{assert_same_type, file_from_location};

/// A module whose value may be moved before the module runs.
///
/// For the value to be kept where it is initialised, implement [`InPlaceModule`] instead.
///
/// C: [`module_init()`] is [`init`](Self::init), and [`module_exit()`] is [`Drop`].
///
/// # Examples
///
/// ```
/// use kernel::Module;
///
/// struct Squares {
///     table: KVec<u32>,
/// }
///
/// impl Module for Squares {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         let mut table = KVec::new();
///         for i in 0..4 {
///             table.push(i * i, GFP_KERNEL)?;
///         }
///         Ok(Squares { table })
///     }
/// }
///
/// // A module writes `module! { type: Squares, … }`, and the kernel calls `init` when it is loaded.
/// // What is built into the kernel has no `struct module`.
/// // SAFETY: The pointer is null.
/// static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// let squares = Squares::init(&THIS_MODULE)?;
/// assert_eq!(squares.table[3], 9);
/// # Ok::<(), Error>(())
/// ```
///
/// [`module_init()`]: srctree/include/linux/module.h
/// [`module_exit()`]: srctree/include/linux/module.h
pub trait Module: Sized + Sync + Send {
    /// Starts the module: sets up what it needs, and registers what it offers.
    ///
    /// Runs in process context, once, when the module is loaded or, if it is built in, when the
    /// kernel boots.
    ///
    /// # Errors
    ///
    /// On an error the module is not loaded, and whoever asked for it gets the error's number.
    fn init(module: &'static ThisModule) -> Result<Self>;
}

/// A module that is initialised in the place where it stays.
///
/// Every [`Module`] is one, too.
///
/// # Examples
///
/// ```
/// use core::marker::PhantomPinned;
/// use kernel::InPlaceModule;
///
/// #[pin_data]
/// struct Located {
///     // Where the value is: it may not move once this is initialised.
///     address: usize,
///     #[pin]
///     _pin: PhantomPinned,
/// }
///
/// impl InPlaceModule for Located {
///     fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
///         try_pin_init!(&this in Self {
///             address: this.as_ptr() as usize,
///             _pin: PhantomPinned,
///         })
///     }
/// }
///
/// // `module!` puts the value into a static. Any other place does as well.
/// // SAFETY: The pointer is null.
/// static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// let located = KBox::pin_init(Located::init(&THIS_MODULE), GFP_KERNEL)?;
/// assert_eq!(located.address, core::ptr::from_ref(&*located) as usize);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "neither `kernel::Module` nor `kernel::InPlaceModule` is implemented for this type"
)]
pub trait InPlaceModule: Sync + Send {
    /// Describes how the module starts; see [`Module::init`].
    ///
    /// # Errors
    ///
    /// If the initialiser fails, the module is not loaded, and whoever asked for it gets the
    /// error's number.
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error>;
}

impl<T: Module> InPlaceModule for T {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let write = move |slot: *mut Self| {
            let value = <T as Module>::init(module)?;
            // SAFETY: An initialiser is given a pointer that is valid for writes.
            unsafe { slot.write(value) };
            Ok(())
        };
        // SAFETY: When `write` returns `Ok`, it has filled in all of the value, which need not be
        // pinned. When it fails, it has written nothing.
        unsafe { pin_init::pin_init_from_closure(write) }
    }
}

/// What can be told about a module without starting it.
///
/// [`module!`](macros::module) implements it for the module's type.
///
/// # Examples
///
/// ```
/// use kernel::ModuleMetadata;
///
/// fn name_of<M: ModuleMetadata>() -> &'static CStr {
///     M::NAME
/// }
///
/// struct Greeter;
///
/// // This is what `module! { type: Greeter, name: "greeter", … }` writes.
/// impl ModuleMetadata for Greeter {
///     const NAME: &'static CStr = c"greeter";
/// }
///
/// assert_eq!(name_of::<Greeter>(), c"greeter");
/// ```
pub trait ModuleMetadata {
    /// The name of the module.
    const NAME: &'static CStr;
}

/// A module as the C side knows it, or the kernel itself.
///
/// C code that calls into a module asks for this as the owner of the functions that it calls, so
/// that the module stays loaded meanwhile. [`module!`](macros::module) defines a `THIS_MODULE`.
///
/// C: [`struct module *`], which is null for what is built in.
///
/// # Invariants
///
/// The pointer is null, or it points to the `struct module` of the module that this is part of, and
/// which therefore is loaded for as long as anyone can look at this.
///
/// # Examples
///
/// ```
/// // SAFETY: The pointer is null.
/// static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// assert!(BUILT_IN.as_ptr().is_null());
/// ```
///
/// [`struct module *`]: srctree/include/linux/module.h
pub struct ThisModule(*mut bindings::module);

// SAFETY: All that can be done through a shared reference is to copy the pointer. C code, which does
// the rest, synchronises its accesses to the module.
unsafe impl Sync for ThisModule {}

impl ThisModule {
    /// Wraps a pointer, usually C's `THIS_MODULE`.
    ///
    /// # Safety
    ///
    /// `ptr` is null, or it points to the `struct module` of the module in which the value is kept.
    pub const unsafe fn from_ptr(ptr: *mut bindings::module) -> ThisModule {
        // INVARIANT: The caller promises the same.
        ThisModule(ptr)
    }

    /// Returns the pointer for C functions that ask for an owner.
    ///
    /// It is null for what is built into the kernel.
    pub const fn as_ptr(&self) -> *mut bindings::module {
        self.0
    }
}

/// The place where a module's value lives.
///
/// Not API: public for the expansion of [`module!`](macros::module), which makes a static of it.
///
/// # Invariants
///
/// Nothing but [`init`](Self::init) and [`drop`](Self::drop) accesses the value.
#[doc(hidden)]
pub struct ModuleSlot<M>(UnsafeCell<MaybeUninit<M>>);

// SAFETY: By the invariant only two functions access the value, and their callers promise that the
// calls follow each other. Between them the value may pass from one thread to another, for which the
// first of them asks that `M` is `Send`, as every `InPlaceModule` is.
unsafe impl<M> Sync for ModuleSlot<M> {}

impl<M> ModuleSlot<M> {
    /// Makes a place without a value.
    #[expect(clippy::new_without_default, reason = "only ever a static")]
    pub const fn new() -> Self {
        ModuleSlot(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Starts the module. Returns zero, or the negative number of an error, without a value in place.
    ///
    /// # Safety
    ///
    /// It is called at most once, unless a call of [`drop`](Self::drop) came in between; and no
    /// other call on this place runs at the same time.
    pub unsafe fn init(slot: &'static Self, module: &'static ThisModule) -> c_int
    where
        M: InPlaceModule,
    {
        let initialiser = M::init(module);
        let value = slot.0.get().cast::<M>();
        // SAFETY: The pointer is to memory for one `M`, which is a static and hence pinned, has no
        // value so far, and is accessed by nobody else. On an error nobody looks at it.
        match unsafe { initialiser.__pinned_init(value) } {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    /// Ends the module.
    ///
    /// # Safety
    ///
    /// [`init`](Self::init) returned zero, and since then this has not been called; no other call on
    /// this place runs at the same time.
    pub unsafe fn drop(slot: &'static Self) {
        let value = slot.0.get().cast::<M>();
        // SAFETY: `init` put a value there, which nobody has dropped, and which nobody else accesses.
        unsafe { value.drop_in_place() }
    }
}

/// Puts a static into a section, where only the linker's script or a tool looks for it.
///
/// Not API: public for the expansion of [`module!`](macros::module).
///
/// `#[used(compiler)]` asks for what the attribute of that name in C does. It is an unstable feature,
/// which Kbuild enables for every crate.
#[cfg(not(cargo))]
#[doc(hidden)]
#[macro_export]
macro_rules! __in_section {
    ($section:literal $item:item) => {
        #[used(compiler)]
        #[cfg_attr(not(target_os = "macos"), link_section = $section)]
        $item
    };
}

/// Under Cargo, only has the static checked: there is no kernel to put anything into, and a program
/// for the host could not resolve what the static refers to.
#[cfg(cargo)]
#[doc(hidden)]
#[macro_export]
macro_rules! __in_section {
    ($section:literal $item:item) => {
        #[allow(dead_code)]
        $item
    };
}

#[macros::kunit_tests(rust_module)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

    // SAFETY: The pointer is null.
    static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

    /// How often each module below was dropped.
    static COUNTED_DROPS: AtomicU32 = AtomicU32::new(0);
    static FAILING_DROPS: AtomicU32 = AtomicU32::new(0);
    static PINNED_DROPS: AtomicU32 = AtomicU32::new(0);

    struct Counted;

    impl Module for Counted {
        fn init(module: &'static ThisModule) -> Result<Self> {
            assert!(core::ptr::eq(module, &BUILT_IN));
            Ok(Counted)
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            COUNTED_DROPS.fetch_add(1, Relaxed);
        }
    }

    struct Failing;

    impl Module for Failing {
        fn init(_module: &'static ThisModule) -> Result<Self> {
            // Dropped here, and never again.
            let _value = Failing;
            Err(ENODEV)
        }
    }

    impl Drop for Failing {
        fn drop(&mut self) {
            FAILING_DROPS.fetch_add(1, Relaxed);
        }
    }

    /// Knows its own address.
    #[pin_data(PinnedDrop)]
    struct Pinned {
        address: usize,
    }

    impl InPlaceModule for Pinned {
        fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
            let initialise = |slot: *mut Self| {
                let address = slot.addr();
                // SAFETY: An initialiser is given a pointer that is valid for writes.
                unsafe { slot.write(Pinned { address }) };
                Ok(())
            };
            // SAFETY: It fills in the value, and cannot fail.
            unsafe { pin_init::pin_init_from_closure(initialise) }
        }
    }

    #[pinned_drop]
    impl PinnedDrop for Pinned {
        fn drop(self: Pin<&mut Self>) {
            if self.address == core::ptr::from_ref(&*self).addr() {
                PINNED_DROPS.fetch_add(1, Relaxed);
            }
        }
    }

    #[test]
    fn a_module_is_dropped_when_it_ends() {
        static SLOT: ModuleSlot<Counted> = ModuleSlot::new();
        // It can be loaded and unloaded time and again.
        for times in 1..=3 {
            // SAFETY: The place has no value, and only this function uses it.
            assert_eq!(unsafe { ModuleSlot::init(&SLOT, &BUILT_IN) }, 0);
            assert_eq!(COUNTED_DROPS.load(Relaxed), times - 1);
            // SAFETY: `init` returned zero.
            unsafe { ModuleSlot::drop(&SLOT) };
            assert_eq!(COUNTED_DROPS.load(Relaxed), times);
        }
    }

    #[test]
    fn a_module_that_fails_reports_its_error() {
        static SLOT: ModuleSlot<Failing> = ModuleSlot::new();
        // SAFETY: The place has no value, and only this function uses it.
        let result = unsafe { ModuleSlot::init(&SLOT, &BUILT_IN) };
        assert_eq!(result, ENODEV.to_errno());
        assert_eq!(FAILING_DROPS.load(Relaxed), 1);
    }

    #[test]
    fn a_module_that_is_pinned_stays_where_it_is() {
        static SLOT: ModuleSlot<Pinned> = ModuleSlot::new();
        // SAFETY: The place has no value, and only this function uses it.
        assert_eq!(unsafe { ModuleSlot::init(&SLOT, &BUILT_IN) }, 0);
        // SAFETY: `init` returned zero.
        unsafe { ModuleSlot::drop(&SLOT) };
        assert_eq!(PINNED_DROPS.load(Relaxed), 1);
    }

    #[vtable]
    trait Operations {
        fn start(&self) -> u32;

        fn poll(&self) -> u32 {
            build_error!(crate::error::VTABLE_DEFAULT_ERROR)
        }

        #[cfg(MODULE)]
        fn never_in_the_kernel_crate(&self);
    }

    struct Least;
    struct Most;

    #[vtable]
    impl Operations for Least {
        fn start(&self) -> u32 {
            1
        }
    }

    #[vtable]
    impl Operations for Most {
        fn start(&self) -> u32 {
            2
        }

        fn poll(&self) -> u32 {
            3
        }
    }

    /// What C would have a pointer to.
    type Function<T> = fn(&T) -> u32;

    /// What someone who fills in a C structure does.
    fn table<T: Operations>() -> [Option<Function<T>>; 2] {
        let poll: Option<Function<T>> = match T::HAS_POLL {
            true => Some(|this| this.poll()),
            false => None,
        };
        [T::HAS_START.then_some(|this| this.start()), poll]
    }

    #[test]
    fn a_vtable_knows_what_there_is() {
        let call = |function: Option<Function<Least>>| function.map(|function| function(&Least));
        assert_eq!(table::<Least>().map(call), [Some(1), None]);
        let call = |function: Option<Function<Most>>| function.map(|function| function(&Most));
        assert_eq!(table::<Most>().map(call), [Some(2), Some(3)]);
    }
}
