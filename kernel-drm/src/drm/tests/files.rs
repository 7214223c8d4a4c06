// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{impl_has_work, workqueue};

/// Somebody else who calls an ioctl that takes its time.
#[pin_data]
struct Caller {
    dev: ARef<Device<Lamp>>,
    result: Atomic<i32>,
    #[pin]
    done: Completion,
    #[pin]
    work: Work<Caller>,
}

impl_has_work! {
    impl HasWork<Caller> for Caller { self.work }
}

impl WorkItem for Caller {
    type Pointer = Arc<Caller>;

    fn run(this: Arc<Caller>) {
        let result = FakeFile::open(&this.dev).map(|file| file.get_param(param::SLOW).0);
        this.result
            .store(result.unwrap_or_else(|error| error.to_errno()), Relaxed);
        this.done.complete_all();
    }
}

#[crate::macros::kunit_tests(rust_drm_file)]
mod cases {
    use super::*;

    #[test]
    fn a_file_has_its_data_until_it_is_closed() -> Result {
        let faux = faux::Registration::new(c"rust_drm_file", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let file = FakeFile::open(&drm)?;
        assert_eq!(log.files.load(Relaxed), 0);
        drop(file);
        assert_eq!(log.files.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn an_ioctl_returns_what_its_handler_does() -> Result {
        let faux = faux::Registration::new(c"rust_drm_ioctl", None)?;
        let drm = registered(&faux, &log()?)?;
        let file = FakeFile::open(&drm)?;
        assert_eq!(file.get_param(param::ANSWER), (7, 42));
        assert_eq!(file.get_param(param::REFUSED), (EACCES.to_errno(), 0));
        // A result of more than an `int` would be taken for an error.
        assert_eq!(file.get_param(param::TOO_LARGE).0, ERANGE.to_errno());
        let mut arg = uapi::drm_nova_gem_create::default();
        assert_eq!(file.ioctl(1, &mut arg), 6);
        assert_eq!(arg.handle, 5);
        Ok(())
    }

    #[test]
    fn an_argument_is_aligned() -> Result {
        let faux = faux::Registration::new(c"rust_drm_aligned", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let file = FakeFile::open(&drm)?;
        /// Begins one byte after where it may.
        #[repr(C, packed)]
        struct Shifted(u8, [u64; 2]);
        #[repr(C, align(8))]
        struct Aligned(Shifted);
        let mut arg = Aligned(Shifted(0, [0; 2]));
        // SAFETY: It is within the structure.
        let arg = unsafe { (&raw mut arg).byte_add(1) };
        // SAFETY: There is that much left of it, and bytes need not be aligned.
        let arg = unsafe { &mut *arg.cast::<[u8; 16]>() };
        assert_eq!(file.ioctl(0, arg), EINVAL.to_errno());
        assert_eq!(log.handled.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn the_table_is_what_was_declared() {
        let first = &Lamp::IOCTLS[0].0;
        assert_eq!(first.cmd, ioctl::IOWR::<uapi::drm_nova_getparam>(0x40));
        assert_eq!(first.flags, ioctl::RENDER_ALLOW);
        // SAFETY: The name ends with a zero.
        assert_eq!(unsafe { CStr::from_char_ptr(first.name) }, c"NOVA_GETPARAM");
        assert_eq!(Lamp::IOCTLS[1].0.flags, ioctl::AUTH | ioctl::MASTER);
    }

    #[test]
    fn after_unbinding_no_ioctl_reaches_the_driver() -> Result {
        let faux = faux::Registration::new(c"rust_drm_unbound", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let file = FakeFile::open(&drm)?;
        drop(faux);
        assert_eq!(file.get_param(param::ANSWER), (ENODEV.to_errno(), 0));
        assert_eq!(log.handled.load(Relaxed), 0);
        // Nor is a file opened; but the one there is has its data.
        assert_eq!(FakeFile::open(&drm).err(), Some(ENODEV));
        assert_eq!(log.files.load(Relaxed), 0);
        drop(file);
        assert_eq!(log.files.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn unbinding_waits_for_an_ioctl() -> Result {
        let faux = faux::Registration::new(c"rust_drm_waits", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let dev = drm.clone();
        let caller = Arc::pin_init(
            pin_init!(Caller {
                dev,
                result: Atomic::new(1),
                done <- Completion::new(),
                work <- new_work!("Caller::work"),
            }),
            GFP_KERNEL,
        )?;
        assert!(workqueue::system().enqueue(caller.clone()).is_ok());
        drm.entered.wait_for_completion();
        // The handler sleeps now.
        drop(faux);
        assert_eq!(log.handled.load(Relaxed), 1);
        caller.done.wait_for_completion();
        assert_eq!(caller.result.load(Relaxed), 0);
        Ok(())
    }
}
