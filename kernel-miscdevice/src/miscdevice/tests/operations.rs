// SPDX-License-Identifier: GPL-2.0

//! Tests of what C calls for an open file.

use super::*;
use core::ptr;

/// An open file of a [`Full`] device.
struct Opened<'a> {
    file: KBox<Opaque<bindings::file>>,
    operations: &'a bindings::file_operations,
}

impl<'a> Opened<'a> {
    /// Opens a file as `misc_open` does.
    fn new(device: &'a MiscDeviceRegistration<Full>, flags: u32) -> Result<Self, (Error, i32)> {
        let operations = operations(device);
        let file = bindings::file {
            f_op: operations,
            f_flags: flags,
            private_data: device.as_raw().cast(),
            ..Default::default()
        };
        let file = KBox::new(Opaque::new(file), GFP_KERNEL).map_err(|_| (ENOMEM, 0))?;
        let open = operations.open.ok_or((ENXIO, 0))?;
        // SAFETY: The file is as `misc_open` has it, and the device stays registered. These tests are
        // no module, so nothing has to be kept from going.
        match unsafe { open(ptr::null_mut(), file.get()) } {
            0 => Ok(Self { file, operations }),
            errno => {
                // SAFETY: The file is still valid.
                let file = unsafe { file.get().read() };
                assert!(!ptr::eq(file.f_op, operations) && !file.f_op.is_null());
                assert!(ptr::eq(file.private_data, device.as_raw().cast()));
                Err((Error::from_errno(errno), errno))
            }
        }
    }

    /// Has the file answer `answer` from now on.
    fn answers(&self, answer: i64) -> &Self {
        assert_eq!(self.ioctl(77, answer as usize), answer as isize);
        self
    }

    fn full(&self) -> &Full {
        // SAFETY: The file is valid.
        let data = unsafe { (*self.file.get()).private_data };
        // SAFETY: `open` has put it there, and `release` does not take it before the drop.
        unsafe { <KBox<Full> as crate::types::ForeignOwnable>::borrow(data) }
    }

    fn ioctl(&self, cmd: u32, arg: usize) -> isize {
        let Some(ioctl) = self.operations.unlocked_ioctl else {
            return isize::MIN;
        };
        // SAFETY: The file is open.
        unsafe { ioctl(self.file.get(), cmd, arg) }
    }

    /// Reads into `buffer`; returns the result, and the position afterwards.
    fn read(&self, buffer: &mut [u8]) -> (isize, i64) {
        let vec = bindings::kvec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        self.transfer(&vec, bindings::ITER_DEST, self.operations.read_iter)
    }

    /// Writes `bytes`; returns the result, and the position afterwards.
    fn write(&self, bytes: &[u8]) -> (isize, i64) {
        let vec = bindings::kvec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        };
        self.transfer(&vec, bindings::ITER_SOURCE, self.operations.write_iter)
    }

    fn transfer(
        &self,
        vec: &bindings::kvec,
        direction: u32,
        operation: Option<
            unsafe extern "C" fn(*mut bindings::kiocb, *mut bindings::iov_iter) -> isize,
        >,
    ) -> (isize, i64) {
        let mut iter = bindings::iov_iter::default();
        // SAFETY: The iterator is writable, and the vector outlives it.
        unsafe { bindings::iov_iter_kvec(&mut iter, direction, vec, 1, vec.iov_len) };
        let mut kiocb = bindings::kiocb {
            ki_filp: self.file.get(),
            ..Default::default()
        };
        let Some(operation) = operation else {
            return (isize::MIN, 0);
        };
        // SAFETY: The file is open; request and iterator are this call's, and the direction is that of
        // the operation.
        let result = unsafe { operation(&mut kiocb, &mut iter) };
        (result, kiocb.ki_pos)
    }

    fn poll(&self) -> u32 {
        let Some(poll) = self.operations.poll else {
            return !0;
        };
        // SAFETY: The file is open, and a table may be null.
        unsafe { poll(self.file.get(), ptr::null_mut()) }
    }

    fn mmap(&self) -> c_int {
        let Some(mmap) = self.operations.mmap else {
            return c_int::MIN;
        };
        let area = Opaque::<bindings::vm_area_struct>::zeroed();
        // SAFETY: The file is open. The operation above does not look at the area, which so need not
        // be one of a process.
        unsafe { mmap(self.file.get(), area.get()) }
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.operations.release {
            // SAFETY: The file is open, and nobody uses it any more.
            unsafe { release(ptr::null_mut(), self.file.get()) };
        }
        // SAFETY: The file is still valid.
        let left = unsafe { (*self.file.get()).f_op };
        // What C looks at next does not lie in a module.
        assert!(!ptr::eq(left, self.operations) && !left.is_null());
    }
}

#[crate::macros::kunit_tests(rust_misc_operations)]
mod operation_tests {
    use super::*;

    fn full() -> Result<Registration<Full>> {
        register(c"rust_misc_full")
    }

    fn open(device: &MiscDeviceRegistration<Full>) -> Result<Opened<'_>> {
        Opened::new(device, 0).map_err(|(error, _)| error)
    }

    #[test]
    fn a_file_has_its_own_data() -> Result {
        let device = full()?;
        let files = FILES.load(Relaxed);
        let (one, two) = (open(&device)?, open(&device)?);
        assert_eq!(FILES.load(Relaxed), files + 2);
        one.answers(1);
        two.answers(2);
        assert_eq!(one.full().answer.load(Relaxed), 1);
        assert_eq!(two.full().answer.load(Relaxed), 2);
        drop(one);
        assert_eq!(FILES.load(Relaxed), files + 1);
        drop(two);
        assert_eq!(FILES.load(Relaxed), files);
        Ok(())
    }

    #[test]
    fn an_open_that_fails_leaves_nothing() -> Result {
        let device = full()?;
        let files = FILES.load(Relaxed);
        let refused = Opened::new(&device, REFUSED).err();
        assert_eq!(refused, Some((EOVERFLOW, -75)));
        assert_eq!(FILES.load(Relaxed), files);
        Ok(())
    }

    #[test]
    fn release_is_called_once() -> Result {
        let device = full()?;
        let released = RELEASED.load(Relaxed);
        let file = open(&device)?;
        assert_eq!(RELEASED.load(Relaxed), released);
        drop(file);
        assert_eq!(RELEASED.load(Relaxed), released + 1);
        Ok(())
    }

    /// What a file has does not depend on the registration.
    #[test]
    fn a_file_outlives_the_registration() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let operations: *const bindings::file_operations = file.operations;
        // SAFETY: Tables are constants, so they outlive the registration.
        let operations = unsafe { &*operations };
        let file = core::mem::ManuallyDrop::new(file);
        let file = Opened {
            // SAFETY: What it is read from is not dropped, nor used again.
            file: unsafe { core::ptr::read(&file.file) },
            operations,
        };
        drop(device);
        file.answers(5);
        assert_eq!(file.full().seen.load(Relaxed), 77);
        let files = FILES.load(Relaxed);
        drop(file);
        assert_eq!(FILES.load(Relaxed), files - 1);
        Ok(())
    }

    #[test]
    fn ioctl_passes_what_it_gets() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for (cmd, arg) in [(3, 0), (u32::MAX, 1), (1 << 31, usize::MAX >> 1)] {
            assert_eq!(file.ioctl(cmd, arg), arg as isize);
            assert_eq!(file.full().seen.load(Relaxed), u64::from(cmd));
        }
        assert_eq!(file.ioctl(4, usize::MAX), -1);
        assert_eq!(file.full().answer.load(Relaxed), -1);
        Ok(())
    }

    #[test]
    fn ioctl_returns_all_of_it() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.ioctl(0, 0), ENOTTY.to_errno() as isize);
        assert_eq!(file.ioctl(1, 0), isize::MAX);
        assert_eq!(file.ioctl(2, 0), isize::MIN);
        Ok(())
    }

    #[test]
    fn reads_move_what_they_say() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let mut buffer = [0; 8];
        assert_eq!(file.answers(4).read(&mut buffer), (4, 4));
        assert_eq!(&buffer, b"misc\0\0\0\0");
        assert_eq!(file.answers(0).read(&mut buffer), (0, 4));
        assert_eq!(file.answers(3).read(&mut buffer[..3]), (3, 3));
        assert_eq!(file.answers(0).read(&mut []), (0, 0));
        Ok(())
    }

    #[test]
    fn reads_never_move_more_than_asked() -> Result {
        let device = full()?;
        let file = open(&device)?;
        let mut buffer = [0; 2];
        for answer in [3, 4096, i64::from(u32::MAX) + 1, i64::MAX] {
            assert_eq!(file.answers(answer).read(&mut buffer).0, 2);
            assert_eq!(file.answers(answer).read(&mut []).0, 0);
        }
        Ok(())
    }

    #[test]
    fn writes_move_what_they_say() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.answers(3).write(b"abc"), (3, 3));
        assert_eq!(file.full().seen.load(Relaxed), 0x63_62_61);
        // It may take fewer than it has looked at.
        assert_eq!(file.answers(1).write(b"xyz"), (1, 3));
        assert_eq!(file.answers(0).write(b""), (0, 0));
        Ok(())
    }

    #[test]
    fn writes_never_move_more_than_asked() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for answer in [4, 4096, i64::MAX] {
            assert_eq!(file.answers(answer).write(b"abc").0, 3);
            assert_eq!(file.answers(answer).write(b"").0, 0);
        }
        Ok(())
    }

    #[test]
    fn errors_of_reads_and_writes_get_through() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for error in [EPERM, EFAULT, EAGAIN, ERESTARTSYS] {
            let errno = error.to_errno();
            file.answers(errno.into());
            assert_eq!(file.read(&mut [0; 2]).0, errno as isize);
            assert_eq!(file.write(b"ab").0, errno as isize);
        }
        Ok(())
    }

    /// C would wait for a completion that nobody sends, or call it a bug.
    #[test]
    fn nothing_is_queued() -> Result {
        let device = full()?;
        let file = open(&device)?;
        file.answers(EIOCBQUEUED.to_errno().into());
        assert_eq!(file.read(&mut [0; 2]).0, EIO.to_errno() as isize);
        assert_eq!(file.write(b"ab").0, EIO.to_errno() as isize);
        Ok(())
    }

    #[test]
    fn poll_reports_events() -> Result {
        let device = full()?;
        let file = open(&device)?;
        for events in [
            PollEvents::empty(),
            PollEvent::In.into(),
            PollEvent::Out | PollEvent::Hup,
            PollEvent::Pri | PollEvent::RdHup | PollEvent::Err,
            !PollEvents::empty(),
        ] {
            assert_eq!(file.answers(u32::from(events).into()).poll(), events.into());
        }
        Ok(())
    }

    #[test]
    fn events_are_no_other_bits() {
        assert_eq!(PollEvents::try_from(0x41), Ok(PollEvent::In.into()));
        assert_eq!(PollEvents::try_from(0x8000_0000), Err(EINVAL));
        assert_eq!(PollEvents::try_from(0x0020), Err(EINVAL));
        assert!(!PollEvents::empty() == PollEvents::try_from(0x215f).unwrap_or_default());
    }

    #[test]
    fn mmap_gets_its_error_through() -> Result {
        let device = full()?;
        let file = open(&device)?;
        assert_eq!(file.answers(0).mmap(), 0);
        for error in [EACCES, EINVAL, ENODEV] {
            assert_eq!(
                file.answers(error.to_errno().into()).mmap(),
                error.to_errno()
            );
        }
        Ok(())
    }

    #[test]
    fn fdinfo_is_shown() -> Result {
        let device = full()?;
        let file = open(&device)?;
        file.answers(-42);
        let mut buffer = [0; 64];
        let mut seq = bindings::seq_file {
            buf: buffer.as_mut_ptr().cast(),
            size: buffer.len(),
            ..Default::default()
        };
        let show = file.operations.show_fdinfo.ok_or(ENXIO)?;
        // SAFETY: The sequence file is set up for printing, and the file is open.
        unsafe { show(&mut seq, file.file.get()) };
        assert_eq!(&buffer[..seq.count], b"answer:\t-42\n");
        Ok(())
    }

    /// These tests lie in the kernel itself: there is no module to keep.
    #[test]
    fn the_kernel_is_no_module() -> Result {
        let device = full()?;
        // SAFETY: Any address may be looked up.
        let module = unsafe { bindings::module_at(ptr::from_ref(operations(&device)).cast()) };
        assert!(module.is_null());
        // SAFETY: A module may be null.
        assert!(!unsafe { bindings::module_is_coming(module) });
        // SAFETY: A module may be null.
        assert!(unsafe { bindings::try_module_get(module) });
        // SAFETY: As above.
        unsafe { bindings::module_put(module) };
        Ok(())
    }
}
