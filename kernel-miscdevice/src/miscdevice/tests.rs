// SPDX-License-Identifier: GPL-2.0

//! Tests of registrations, and of what C calls.
//!
//! While these run there is no file system with `/dev` yet, so files are made by hand here and handed
//! to the operations as C does it. Real ones are in the tests of the drivers.

use super::*;
use crate::{
    fs::{File, Kiocb},
    iov::{IovIterDest, IovIterSource},
    mm::virt::VmaNew,
    seq_file::SeqFile,
    seq_print,
    sync::{
        atomic::{Atomic, Relaxed},
        poll::PollTable,
    },
};

mod operations;

/// How many [`Full`] files there are.
static FILES: Atomic<i32> = Atomic::new(0);
/// How many [`Full`] files were released by the operation of that name.
static RELEASED: Atomic<i32> = Atomic::new(0);

/// A device that can do everything, and lets its files be told what to answer.
struct Full {
    answer: Atomic<i64>,
    seen: Atomic<u64>,
}

impl Full {
    /// What a read or write answers.
    fn moved(&self) -> Result<usize> {
        match self.answer.load(Relaxed) {
            bytes if bytes >= 0 => Ok(bytes as usize),
            errno => Err(Error::from_errno(errno as i32)),
        }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        FILES.add(-1, Relaxed);
    }
}

/// The flag of a file that can't be opened.
const REFUSED: u32 = crate::fs::file::flags::O_EXCL;

#[vtable]
impl MiscDevice for Full {
    type Ptr = KBox<Self>;

    fn open(file: &File, device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        assert_eq!(device.device().name(), c"rust_misc_full");
        // SAFETY: The file is valid.
        let operations = unsafe { (*file.as_ptr()).f_op };
        // SAFETY: A file's operations are valid, too.
        let operations = unsafe { &*operations };
        // Whoever has the file now can't do anything with it.
        assert!(operations.unlocked_ioctl.is_none() && operations.read_iter.is_none());
        assert!(operations.release.is_none() && operations.owner.is_null());
        if file.flags() & REFUSED != 0 {
            return Err(EOVERFLOW);
        }
        let full = KBox::new(
            Full {
                answer: Atomic::new(0),
                seen: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        FILES.add(1, Relaxed);
        Ok(full)
    }

    fn release(full: KBox<Self>, _file: &File) {
        RELEASED.add(1, Relaxed);
        drop(full);
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let full = kiocb.file();
        let copied = iov.copy_to_iter(b"misc");
        *kiocb.ki_pos_mut() += copied as i64;
        full.moved()
    }

    fn write_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let full = kiocb.file();
        let mut bytes = [0; 8];
        let copied = iov.copy_from_iter(&mut bytes);
        full.seen.store(u64::from_le_bytes(bytes), Relaxed);
        *kiocb.ki_pos_mut() += copied as i64;
        full.moved()
    }

    fn poll(full: &Self, _file: &File, _table: PollTable<'_>) -> PollEvents {
        PollEvents::try_from(full.answer.load(Relaxed) as u32).unwrap_or(PollEvents::empty())
    }

    fn ioctl(full: &Self, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        full.seen.store(u64::from(cmd), Relaxed);
        full.answer.store(arg as i64, Relaxed);
        match cmd {
            0 => Err(ENOTTY),
            1 => Ok(isize::MAX),
            2 => Ok(isize::MIN),
            _ => Ok(arg as isize),
        }
    }

    fn mmap(full: &Self, _file: &File, _area: &VmaNew) -> Result {
        match full.answer.load(Relaxed) {
            0 => Ok(()),
            errno => Err(Error::from_errno(errno as i32)),
        }
    }

    fn show_fdinfo(full: &Self, seq: &SeqFile, _file: &File) {
        seq_print!(seq, "answer:\t{}\n", full.answer.load(Relaxed));
    }
}

/// A device that can only be opened, and keeps nothing.
struct Bare;

#[vtable]
impl MiscDevice for Bare {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }
}

/// A device that only takes ioctls.
struct Ioctls;

#[vtable]
impl MiscDevice for Ioctls {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }

    fn ioctl(_device: (), _file: &File, _cmd: u32, _arg: usize) -> Result<isize> {
        Ok(0)
    }
}

type Registration<T> = Pin<KBox<MiscDeviceRegistration<T>>>;

fn register<T: MiscDevice>(name: &'static CStr) -> Result<Registration<T>> {
    let options = MiscDeviceOptions { name };
    KBox::pin_init(MiscDeviceRegistration::register(options), GFP_KERNEL)
}

/// The table of operations that a device was registered with.
fn operations<T: MiscDevice>(device: &MiscDeviceRegistration<T>) -> &bindings::file_operations {
    // SAFETY: The device is registered, so its structure is set up.
    let operations = unsafe { (*device.as_raw()).fops };
    // SAFETY: They are a constant.
    unsafe { &*operations }
}

#[crate::macros::kunit_tests(rust_misc_registration)]
mod registration_tests {
    use super::*;

    #[test]
    fn a_device_has_its_name() -> Result {
        for name in [c"rust_misc", c"r", c"rust misc-0.1", c"rust%s%n"] {
            assert_eq!(register::<Bare>(name)?.device().name(), name);
        }
        Ok(())
    }

    #[test]
    fn an_empty_name_is_refused() {
        assert_eq!(register::<Bare>(c"").err(), Some(EINVAL));
    }

    /// A slash stands for a directory in `/dev`, and for itself nowhere else.
    #[test]
    fn a_name_may_have_slashes() -> Result {
        assert_eq!(
            register::<Bare>(c"rust/misc")?.device().name(),
            c"rust!misc"
        );
        Ok(())
    }

    #[test]
    fn a_name_may_be_too_long_for_a_file() -> Result {
        const NAME: &CStr = c"rust_678901234567890123456789012345678901234567890123456789012345678901\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
            2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
        assert!(NAME.count_bytes() > 255);
        assert_eq!(register::<Bare>(NAME)?.device().name(), NAME);
        Ok(())
    }

    #[test]
    fn a_name_is_taken_once() -> Result {
        let first = register::<Bare>(c"rust_misc_taken")?;
        assert_eq!(register::<Bare>(c"rust_misc_taken").err(), Some(EEXIST));
        assert_eq!(register::<Full>(c"rust_misc_taken").err(), Some(EEXIST));
        // The one that was there first is as it was.
        assert_eq!(first.device().name(), c"rust_misc_taken");
        drop(first);
        register::<Bare>(c"rust_misc_taken").map(drop)
    }

    #[test]
    fn a_device_can_come_and_go() -> Result {
        let mut minor = None;
        for _ in 0..50 {
            let device = register::<Bare>(c"rust_misc_again")?;
            // SAFETY: The device is registered.
            let this = unsafe { (*device.as_raw()).minor };
            // Dynamic minor numbers are above the one that asks for them, and are given back.
            assert!(this > bindings::MISC_DYNAMIC_MINOR as i32);
            assert_eq!(*minor.get_or_insert(this), this);
        }
        Ok(())
    }

    #[test]
    fn devices_have_minor_numbers_of_their_own() -> Result {
        let devices = [
            register::<Bare>(c"rust_misc_0")?,
            register::<Bare>(c"rust_misc_1")?,
            register::<Bare>(c"rust_misc_2")?,
        ];
        // SAFETY: The devices are registered.
        let [a, b, c] = devices
            .each_ref()
            .map(|device| unsafe { (*device.as_raw()).minor });
        assert!(a != b && b != c && a != c);
        Ok(())
    }

    #[test]
    fn the_device_can_be_kept() -> Result {
        let registration = register::<Bare>(c"rust_misc_kept")?;
        let device = crate::sync::aref::ARef::from(registration.device());
        drop(registration);
        assert_eq!(device.name(), c"rust_misc_kept");
        Ok(())
    }

    #[test]
    fn a_registration_is_c_s_structure() {
        use core::mem::{align_of, size_of};

        assert_eq!(
            size_of::<MiscDeviceRegistration<Full>>(),
            size_of::<bindings::miscdevice>()
        );
        assert_eq!(
            align_of::<MiscDeviceRegistration<Full>>(),
            align_of::<bindings::miscdevice>()
        );
    }

    #[test]
    fn options_become_c_s_structure() {
        const RAW: bindings::miscdevice = MiscDeviceOptions { name: c"raw" }.into_raw::<Bare>();
        assert_eq!(RAW.minor, 255);
        assert!(RAW.parent.is_null() && RAW.this_device.is_null() && RAW.nodename.is_null());
        // SAFETY: It is the name from above.
        assert_eq!(unsafe { CStr::from_char_ptr(RAW.name) }, c"raw");
        // Each device of a type has the same table.
        let again = MiscDeviceOptions { name: c"other" }.into_raw::<Bare>();
        // SAFETY: Tables are constants.
        assert!(unsafe { (*again.fops).open }.is_some());
    }

    #[test]
    fn what_is_not_there_is_not_in_the_table() -> Result {
        let device = register::<Bare>(c"rust_misc_bare")?;
        let table = operations(&device);
        assert!(table.open.is_some() && table.release.is_some());
        assert!(table.read_iter.is_none() && table.write_iter.is_none());
        assert!(table.unlocked_ioctl.is_none() && table.compat_ioctl.is_none());
        assert!(table.poll.is_none() && table.mmap.is_none() && table.show_fdinfo.is_none());
        assert!(table.llseek.is_none() && table.splice_read.is_none() && table.owner.is_null());
        Ok(())
    }

    #[test]
    fn what_is_there_is_in_the_table() -> Result {
        let device = register::<Full>(c"rust_misc_full_table")?;
        let table = operations(&device);
        assert!(table.open.is_some() && table.release.is_some());
        assert!(table.read_iter.is_some() && table.write_iter.is_some());
        assert!(table.unlocked_ioctl.is_some());
        assert!(table.poll.is_some() && table.mmap.is_some() && table.show_fdinfo.is_some());
        Ok(())
    }

    #[test]
    fn a_part_of_what_there_is_is_in_the_table() -> Result {
        let device = register::<Ioctls>(c"rust_misc_ioctls")?;
        let table = operations(&device);
        assert!(table.unlocked_ioctl.is_some() && table.read_iter.is_none());
        assert!(table.poll.is_none() && table.mmap.is_none());
        // 32-bit processes get there too, where there are any.
        assert_eq!(table.compat_ioctl.is_some(), cfg!(CONFIG_COMPAT));
        Ok(())
    }
}
