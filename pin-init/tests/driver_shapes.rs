// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The shapes in which the drivers and samples of Linux 7.2 use this crate, on stand-ins for what
//! the `kernel` crate would give them.

mod common;

use std::{
    cell::{Cell, UnsafeCell},
    convert::Infallible,
    marker::PhantomPinned,
    ops::Deref,
    pin::Pin,
    rc::Rc,
};

use common::{boxed, boxed_movable};
use pin_init::{
    init, init_array_from_fn, pin_data, pin_init, pin_init_scope, pinned_drop, Init, MaybeZeroable,
    PinInit, Wrapper, Zeroable,
};

/// Stands in for the kernel's error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Error(i32);

const EINVAL: Error = Error(-22);
const EOVERFLOW: Error = Error(-75);
const ENODEV: Error = Error(-19);

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<std::num::TryFromIntError> for Error {
    fn from(_: std::num::TryFromIntError) -> Self {
        EINVAL
    }
}

/// As the `kernel` crate has it: the fragments pass through a declarative macro first.
macro_rules! try_pin_init {
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }) => {
        ::pin_init::pin_init!($(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? crate::Error)
    };
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }? $err:ty) => {
        ::pin_init::pin_init!($(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? $err)
    };
}

/// The other way for such a macro: pass everything on, and set the error that is used without `?`.
macro_rules! try_init {
    ($($args:tt)*) => {
        ::pin_init::init!(#[default_error(crate::Error)] $($args)*)
    };
}

/// Stands in for the kernel's locks: pinned, and made by an initializer around another.
#[pin_data]
struct Mutex<T: ?Sized> {
    name: &'static str,
    #[pin]
    pin: PhantomPinned,
    #[pin]
    data: UnsafeCell<T>,
}

impl<T> Mutex<T> {
    fn new<E>(data: impl PinInit<T, E>, name: &'static str) -> impl PinInit<Self, E>
    where
        E: From<Infallible>,
    {
        pin_init!(Self {
            name,
            pin: PhantomPinned,
            data <- UnsafeCell::pin_init(data),
        }? E)
    }

    fn lock(&self) -> &T {
        // SAFETY: The tests never hold a second reference.
        unsafe { &*self.data.get() }
    }

    #[expect(clippy::mut_from_ref, reason = "a stand-in for a lock's guard")]
    fn lock_mut(&self) -> &mut T {
        // SAFETY: The tests never hold a second reference.
        unsafe { &mut *self.data.get() }
    }
}

macro_rules! new_mutex {
    ($inner:expr $(, $name:literal)? $(,)?) => {
        $crate::Mutex::new($inner, concat!("mutex", $("-", $name)?))
    };
}

pub(crate) use new_mutex;

/// A device that may refuse.
struct Device {
    present: bool,
    users: Cell<u32>,
}

impl Device {
    const fn new(present: bool) -> Self {
        Self {
            present,
            users: Cell::new(0),
        }
    }

    fn map(&self) -> Result<Mapping<'_>, Error> {
        if !self.present {
            return Err(ENODEV);
        }
        self.users.set(self.users.get() + 1);
        Ok(Mapping(self))
    }

    /// # Safety
    ///
    /// None; it is here for the shape of the call.
    unsafe fn set_mask(&self, _bits: u32) -> Result<(), Error> {
        if self.present {
            Ok(())
        } else {
            Err(ENODEV)
        }
    }
}

struct Mapping<'a>(&'a Device);

impl Drop for Mapping<'_> {
    fn drop(&mut self) {
        self.0.users.set(self.0.users.get() - 1);
    }
}

impl<'a> Mapping<'a> {
    /// Turns into an initializer, as mappings bound to a device do.
    fn into_devres(self) -> impl PinInit<Mutex<Self>, Error> + use<'a> {
        try_pin_init!(Mutex {
            name: "devres",
            pin: PhantomPinned,
            data: UnsafeCell::new(self)
        })
    }
}

#[test]
fn initializer_expression_with_question_mark() {
    // drivers/pwm/pwm_th1520.rs
    #[pin_data(PinnedDrop)]
    struct DriverData<'a> {
        #[pin]
        iomem: Mutex<Mapping<'a>>,
        clk: u32,
        removed: &'a Cell<bool>,
    }
    #[pinned_drop]
    impl PinnedDrop for DriverData<'_> {
        fn drop(self: Pin<&mut Self>) {
            assert_eq!(self.iomem.lock().0.users.get(), 1);
            self.removed.set(true);
        }
    }
    fn probe<'a>(
        device: &'a Device,
        removed: &'a Cell<bool>,
    ) -> impl PinInit<DriverData<'a>, Error> {
        let clk = 1;
        try_pin_init!(DriverData {
            iomem <- device.map()?.into_devres(),
            clk <- clk,
            removed,
        })
    }

    let removed = Cell::new(false);
    assert_eq!(
        boxed(probe(&Device::new(false), &removed)).err(),
        Some(ENODEV)
    );
    assert!(!removed.get());
    let device = Device::new(true);
    let data = boxed(probe(&device, &removed)).unwrap();
    assert_eq!(
        (data.clk, data.iomem.name, device.users.get()),
        (1, "devres", 1)
    );
    drop(data);
    assert_eq!((removed.get(), device.users.get()), (true, 0));
}

#[test]
fn struct_in_a_lock_with_question_mark() {
    // drivers/block/rnull/configfs.rs, samples/rust/rust_configfs.rs
    #[pin_data]
    struct DeviceConfig {
        #[pin]
        data: Mutex<DeviceConfigInner>,
    }
    #[pin_data]
    struct DeviceConfigInner {
        powered: bool,
        size: u16,
    }
    #[pin_data]
    pub(crate) struct Config {}

    fn make_group(size: u32) -> Result<impl PinInit<DeviceConfig, Error>, Error> {
        Ok(try_pin_init!( DeviceConfig {
            data <- new_mutex!(DeviceConfigInner {
                powered: false,
                size: size.try_into()?,
            }),
        }))
    }
    let config = boxed(make_group(512).unwrap()).unwrap();
    assert_eq!(
        (config.data.lock().size, config.data.lock().powered),
        (512, false)
    );
    assert_eq!(boxed(make_group(1 << 20).unwrap()).err(), Some(EINVAL));
    boxed(try_pin_init!(Config {})).unwrap();
}

#[test]
fn many_fields_by_name() {
    // drivers/android/binder/{process,thread,transaction,page_range}.rs
    #[pin_data(PinnedDrop)]
    pub(crate) struct Process {
        pub(crate) ctx: Rc<str>,
        debug_id: usize,
        #[pin]
        pub(crate) inner: Mutex<Vec<u8>>,
        #[pin]
        mm_lock: Mutex<()>,
        from: Option<Rc<str>>,
        #[pin]
        _pin: PhantomPinned,
    }
    #[pinned_drop]
    impl PinnedDrop for Process {
        fn drop(self: Pin<&mut Self>) {
            self.inner.lock_mut().clear();
        }
    }
    impl Process {
        fn new(ctx: Rc<str>, from: &Rc<str>) -> Result<Pin<Box<Self>>, Error> {
            boxed(try_pin_init!(Process {
                ctx,
                debug_id: ctx.len(),
                inner <- crate::new_mutex!(vec![1], "Process::inner"),
                mm_lock <- new_mutex!((), "Process::mm"),
                from: Some(from.clone()),
                _pin: PhantomPinned,
            }))
        }
    }
    let process = Process::new("ctx".into(), &"from".into()).unwrap();
    assert_eq!(
        (&*process.ctx, process.debug_id, process.from.as_deref()),
        ("ctx", 3, Some("from"))
    );
    assert_eq!(
        (process.inner.name, process.mm_lock.name),
        ("mutex-Process::inner", "mutex-Process::mm")
    );
    assert_eq!(process.inner.lock(), &[1]);
}

#[test]
fn generic_wrapper_around_an_unsized_field() {
    // drivers/android/binder/rust_binder_main.rs
    trait Deliver {
        fn deliver(&self) -> u32;
    }
    #[pin_data]
    struct Wrap<T: ?Sized> {
        #[pin]
        links: Mutex<Option<Rc<Wrap<dyn Deliver>>>>,
        #[pin]
        wrapped: T,
    }
    impl<T: ?Sized> Deref for Wrap<T> {
        type Target = T;
        fn deref(&self) -> &T {
            &self.wrapped
        }
    }
    impl<T> Wrap<T> {
        fn new(val: impl PinInit<T>) -> impl PinInit<Self> {
            pin_init!(Self {
                links <- new_mutex!(None),
                wrapped <- val,
            })
        }

        fn of_value(val: T) -> Result<Pin<Box<Self>>, Error> {
            boxed(try_pin_init!(Self {
                links <- new_mutex!(None),
                wrapped: val,
            }))
        }
    }
    #[pin_data]
    struct ThreadError {
        code: u32,
        #[pin]
        track: Mutex<bool>,
    }
    impl Deliver for ThreadError {
        fn deliver(&self) -> u32 {
            self.code + u32::from(*self.track.lock())
        }
    }
    let error = boxed(Wrap::new(pin_init!(
        ThreadError {
            code: 5,
            track <- new_mutex!(true),
        }
    )))
    .unwrap();
    let error: Pin<Box<Wrap<dyn Deliver>>> = error;
    assert_eq!((error.deliver(), error.links.lock().is_none()), (6, true));
    assert_eq!(Wrap::of_value(3_u8).unwrap().wrapped, 3);
}

#[test]
fn scope_self_reference_and_code_between_fields() {
    // drivers/gpu/nova-core/{driver,gpu,gsp}.rs
    #[pin_data]
    pub(crate) struct Core<'bound> {
        #[pin]
        gpu: Gpu<'bound>,
        bar: Mapping<'bound>,
        _registration: Registration,
    }
    struct Registration;

    #[pin_data(PinnedDrop)]
    struct Gpu<'gpu> {
        device: &'gpu Device,
        chipset: u32,
        #[pin]
        gsp: Gsp,
        bundle: Option<u32>,
        bar: &'gpu Mapping<'gpu>,
    }
    #[pin_data]
    struct Gsp {
        #[pin]
        queue: Mutex<u32>,
        args: Box<u32>,
    }
    impl Gsp {
        fn new(start: u32) -> impl PinInit<Self, Error> {
            pin_init_scope(move || {
                let start = start.checked_add(1).ok_or(EOVERFLOW)?;

                Ok(try_pin_init!(Self {
                    queue <- new_mutex!(start),
                    args: boxed_movable(Self::args(&queue))?,
                }))
            })
        }

        fn args(queue: &Mutex<u32>) -> impl Init<u32> {
            *queue.lock() * 2
        }

        fn boot(self: Pin<&mut Self>, device: &Device) -> Result<Option<u32>, Error> {
            device.map()?;
            Ok(Some(*self.args))
        }
    }
    impl<'gpu> Gpu<'gpu> {
        fn new<'a>(
            device: &'gpu Device,
            start: &'a u32,
            bar: &'gpu Mapping<'gpu>,
        ) -> impl PinInit<Self, Error> + use<'gpu, 'a> {
            try_pin_init!(Self {
                device,
                chipset: start.checked_mul(2).ok_or(EOVERFLOW).inspect(|chipset| {
                    assert!(*chipset > 0);
                })?,

                // Comments stay where they are.
                _: {
                    let mask = *chipset;

                    // SAFETY: None is needed.
                    unsafe { device.set_mask(mask)? };

                    device.map()
                        .map(drop)
                        .inspect_err(|_| eprintln!("not there"))?;
                },

                gsp <- Gsp::new(*chipset),

                bundle: gsp.boot(device)?,
                bar,
            })
        }
    }
    #[pinned_drop]
    impl PinnedDrop for Gpu<'_> {
        fn drop(self: Pin<&mut Self>) {
            let this = self.project();
            let device = *this.device;
            let bundle = this.bundle.take();
            assert_eq!(*this.gsp.as_ref().get_ref().args, bundle.unwrap());
            assert_eq!(device.users.get(), 1);
            let _: &Mapping<'_> = this.bar;
        }
    }
    fn probe<'bound>(
        device: &'bound Device,
        start: u32,
    ) -> impl PinInit<Core<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            if start == 0 {
                return Err(EINVAL);
            }
            Ok(try_pin_init!(Core {
                bar: device.map()?,
                // SAFETY: `bar` stays where it is, and is dropped after `gpu`.
                gpu <- Gpu::new(device, &start, unsafe { &*std::ptr::from_ref(bar) }),
                _registration: Registration,
            }? Error))
        })
    }

    let device = Device::new(true);
    let core = boxed(probe(&device, 4)).unwrap();
    assert_eq!(
        (
            core.gpu.chipset,
            core.gpu.bundle,
            *core.gpu.gsp.queue.lock()
        ),
        (8, Some(18), 9)
    );
    assert_eq!(device.users.get(), 1);
    let _: &Mapping<'_> = &core.bar;
    drop(core);
    assert_eq!(device.users.get(), 0);

    assert_eq!(boxed(probe(&device, 0)).err(), Some(EINVAL));
    assert_eq!(boxed(probe(&device, u32::MAX)).err(), Some(EOVERFLOW));
    assert_eq!(boxed(probe(&Device::new(false), 4)).err(), Some(ENODEV));
    assert_eq!(device.users.get(), 0);
}

#[test]
fn fields_that_build_on_each_other() {
    // drivers/gpu/nova-core/firmware/gsp.rs
    #[pin_data]
    struct Firmware {
        #[pin]
        fw: Mutex<Vec<u8>>,
        #[pin]
        level1: Mutex<Vec<u8>>,
        level0: Vec<usize>,
        size: usize,
        signatures: Option<u8>,
    }
    fn map_into_level(lower: &Mutex<Vec<u8>>, mut level: Vec<u8>) -> Result<Vec<u8>, Error> {
        level.push(lower.lock().len().try_into()?);
        Ok(level)
    }
    fn load<'a>(section: &'a [u8]) -> impl PinInit<Firmware, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let size = section.len();
            let fw_vec = section.to_vec();

            Ok(try_pin_init!(Firmware {
                fw <- new_mutex!(fw_vec),
                level1 <- {
                    // The braces are an expression, with statements and `?` in it.
                    Some(Vec::with_capacity(fw.lock().len()))
                        .ok_or(EINVAL)
                        .and_then(|level1| map_into_level(&fw, level1))
                        .map(|level1| new_mutex!(level1))?
                },
                level0: {
                    let entry = level1.lock().first().ok_or(EINVAL)?;

                    vec![usize::from(*entry)]
                },
                size,
                signatures: {
                    let Some(first) = section.first() else {
                        return Err(ENODEV);
                    };
                    Some(*first)
                },
            }))
        })
    }
    let firmware = boxed(load(&[7, 8, 9])).unwrap();
    assert_eq!(
        (&firmware.level0[..], firmware.size, firmware.signatures),
        (&[3][..], 3, Some(7))
    );
    assert_eq!(firmware.fw.lock(), &[7, 8, 9]);
    assert_eq!(boxed(load(&[])).err(), Some(ENODEV));
    assert_eq!(boxed(load(&[0; 256])).err(), Some(EINVAL));
}

/// As bindgen writes them.
#[allow(non_snake_case, unreachable_pub)]
mod bindings {
    use pin_init::MaybeZeroable;

    #[repr(C)]
    #[derive(Debug, Default, Copy, Clone, MaybeZeroable)]
    pub struct Meta {
        pub magic: u64,
        pub __bindgen_anon_1: Meta__bindgen_ty_1,
        pub entryCount: u32,
        pub __bindgen_padding_0: [u8; 4usize],
    }

    #[repr(C)]
    #[derive(Debug, Default, Copy, Clone, MaybeZeroable)]
    pub struct Meta__bindgen_ty_1 {
        pub sizeOfSignature: u64,
    }

    #[repr(C)]
    #[derive(Copy, Clone, MaybeZeroable)]
    pub union Args {
        pub words: [u64; 2usize],
        pub callback: ::core::option::Option<unsafe extern "C" fn(arg1: *mut ::core::ffi::c_void)>,
    }

    #[repr(C)]
    #[derive(Default, MaybeZeroable)]
    pub struct Flexible {
        pub count: u32,
        pub entries: [u16; 0usize],
    }
}

#[test]
fn structs_of_bindgen() {
    // drivers/gpu/nova-core/gsp/fw.rs, drivers/gpu/nova-core/gsp/fw/commands.rs
    const MAGIC: u32 = 0xdc3a;

    #[repr(transparent)]
    struct Wrapped {
        inner: bindings::Meta,
    }
    impl Wrapped {
        fn new(count: usize) -> impl Init<Self> {
            let init_inner = init!(bindings::Meta {
                magic: u64::from(MAGIC),
                __bindgen_anon_1: bindings::Meta__bindgen_ty_1 {
                    sizeOfSignature: count as u64,
                },
                entryCount: const { size_of::<u64>() as u32 },
                ..Zeroable::init_zeroed()
            });

            init!(Wrapped {
                inner <- init_inner,
            })
        }
    }
    let wrapped = boxed_movable(Wrapped::new(3)).unwrap();
    assert_eq!((wrapped.inner.magic, wrapped.inner.entryCount), (0xdc3a, 8));
    assert_eq!(wrapped.inner.__bindgen_anon_1.sizeOfSignature, 3);
    assert_eq!(wrapped.inner.__bindgen_padding_0, [0; 4]);

    type Meta = bindings::Meta;
    #[repr(C)]
    #[derive(Zeroable)]
    struct Padded {
        meta: Meta,
        args: bindings::Args,
        _padding: [u8; 64 - size_of::<Meta>()],
    }
    fn padded(count: usize) -> impl Init<Padded, Error> {
        let init_inner = try_init!(Meta {
            magic: u64::from(u16::try_from(count)?),
            ..Zeroable::init_zeroed()
        });
        try_init!(Padded {
            meta <- init_inner,
            ..Zeroable::init_zeroed()
        })
    }
    let padded_3 = boxed_movable(padded(3)).unwrap();
    assert_eq!((padded_3.meta.magic, padded_3._padding), (3, [0; 40]));
    // SAFETY: Every bit pattern is an integer.
    assert_eq!(unsafe { padded_3.args.words }, [0; 2]);
    assert_eq!(boxed_movable(padded(1 << 16)).err(), Some(EINVAL));

    let flexible = boxed_movable(init!(bindings::Flexible {
        count: 2,
        entries: Default::default()
    }))
    .unwrap();
    assert_eq!((flexible.count, flexible.entries), (2, []));
}

#[test]
fn impl_on_an_alias() {
    // drivers/gpu/nova-core/gsp/fw.rs
    #[derive(MaybeZeroable)]
    struct RmParams {
        target: u32,
        offset: u64,
        padding: [u8; 4],
    }
    type Params = RmParams;
    impl Params {
        fn new(target: u8) -> impl Init<Self> {
            let params = init!(Self {
                target: u32::from(target),
                offset: 1,
                padding: Default::default(),
            });

            params
        }

        fn boxed_twice(target: u8) -> impl Init<[Self; 2]> {
            init_array_from_fn(move |_| Self::new(target))
        }
    }
    let params = boxed_movable(Params::boxed_twice(2)).unwrap();
    assert_eq!(
        (params[1].target, params[1].offset, params[0].padding),
        (2, 1, [0; 4])
    );
}

#[test]
fn chained() {
    // drivers/gpu/nova-core/fsp.rs, samples/rust/rust_debugfs.rs
    #[repr(C, packed)]
    #[derive(Clone, Copy, MaybeZeroable)]
    struct Payload {
        version: u8,
        size: u32,
    }
    struct Message {
        header: u64,
        payload: Payload,
    }
    impl Message {
        fn new<'a>(size: &'a u32) -> Result<impl Init<Self> + 'a, Error> {
            if *size == 0 {
                return Err(EINVAL);
            }
            Ok(init!(Self {
                header: 1,
                payload <- pin_init::init_zeroed(),
            })
            .chain(move |message| {
                message.payload.version = 2;
                message.payload.size = *size;
                Ok(())
            }))
        }
    }
    let message = boxed_movable(Message::new(&3).unwrap()).unwrap();
    let Payload { version, size } = message.payload;
    assert_eq!((message.header, version, size), (1, 2, 3));
    assert!(Message::new(&0).is_err());

    #[pin_data]
    struct Debug {
        #[pin]
        counter: Mutex<u32>,
        #[pin]
        blob: Mutex<[u8; 4]>,
        name: String,
    }
    fn new(name: &str) -> impl PinInit<Debug, Error> + use<'_> {
        let build_counter = || new_mutex!(7);
        try_pin_init! {
            Debug {
                counter <- build_counter(),
                blob <- new_mutex!(pin_init::init_array_from_fn(|_| 0x42)),
                name: name.to_string()
            }
        }
    }
    fn probe<'bound>(name: &'bound str) -> impl PinInit<Debug, Error> + 'bound {
        new(name).pin_chain(|this| {
            *this.counter.lock_mut() += 1;
            Ok(())
        })
    }
    let debug = boxed(probe("debugfs")).unwrap();
    assert_eq!(
        (*debug.counter.lock(), debug.blob.lock(), &*debug.name),
        (8, &[0x42; 4], "debugfs")
    );
}

#[test]
fn named_through_the_declarative_macro() {
    #[pin_data]
    struct Pair<A, B> {
        me: *const u8,
        a: A,
        #[pin]
        b: B,
    }
    let pair = boxed(try_pin_init!(&this in Pair::<u8, Vec<u16>> {
        me: this.as_ptr().cast::<u8>(),
        a: 1,
        b: vec![2],
    }? Error))
    .unwrap();
    assert_eq!((pair.a, &*pair.b), (1, &[2][..]));
    assert_eq!(pair.me, std::ptr::from_ref(&*pair).cast());
}
