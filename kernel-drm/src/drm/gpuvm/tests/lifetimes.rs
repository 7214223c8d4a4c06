// SPDX-License-Identifier: GPL-2.0

use super::*;

#[crate::macros::kunit_tests(rust_drm_gpuvm_lifetimes)]
mod cases {
    use super::*;

    #[test]
    fn a_buffer_is_obtained_once() -> Result {
        let bench = Bench::new(c"rust_gpuvm_once")?;
        let vm = bench.vm()?;
        let first = bench.obtain(&vm, 1)?;
        let second = bench.obtain(&vm, 2)?;
        assert!(ptr::eq(&*first, &*second));
        assert_eq!(second.data().number, 1);
        // What was not needed is gone.
        assert_eq!(bench.log.vm_bos.load(Relaxed), 1);
        // In another address space it is another.
        let other = bench.vm()?;
        let third = bench.obtain(&other, 3)?;
        assert!(!ptr::eq(&*first, &*third));
        assert_eq!(third.data().number, 3);
        assert!(ptr::eq(third.obj(), first.obj()));
        // As is that of another buffer.
        let buffer = Buffer::new(&bench.drm, PAGE_SIZE, ())?;
        let fourth = vm.obtain(&buffer, Ok(bench.vm_bo(4)))?;
        assert_eq!(fourth.data().number, 4);
        Ok(())
    }

    #[test]
    fn what_is_not_needed_waits_to_be_cleaned_up() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_deferred")?;
        let log = bench.log.clone();
        let mut vm = bench.vm()?;
        let buffer = Buffer::new(&bench.drm, PAGE_SIZE, ())?;
        let vm_bo = vm.obtain(&buffer, Ok(bench.vm_bo(1)))?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x3000, 0)?;
        drop(buffer);
        drop(vm_bo);
        vm.deferred_cleanup();
        // The mapping keeps both.
        assert_eq!(
            (log.vm_bos.load(Relaxed), log.buffers.load(Relaxed)),
            (0, 0)
        );
        // Its parts, too.
        bench.unmap(&mut vm, 0x1800..0x2000)?;
        vm.deferred_cleanup();
        assert_eq!(
            (log.vm_bos.load(Relaxed), log.buffers.load(Relaxed)),
            (0, 0)
        );
        bench.unmap(&mut vm, 0x1000..0x3000)?;
        assert_eq!(
            (log.vm_bos.load(Relaxed), log.buffers.load(Relaxed)),
            (0, 0)
        );
        vm.deferred_cleanup();
        assert_eq!(
            (log.vm_bos.load(Relaxed), log.buffers.load(Relaxed)),
            (1, 1)
        );
        Ok(())
    }

    #[test]
    fn what_waits_is_not_found_again() -> Result {
        let bench = Bench::new(c"rust_gpuvm_zombie")?;
        let vm = bench.vm()?;
        drop(bench.obtain(&vm, 1)?);
        let second = bench.obtain(&vm, 2)?;
        assert_eq!(second.data().number, 2);
        assert_eq!(bench.log.vm_bos.load(Relaxed), 0);
        vm.deferred_cleanup();
        assert_eq!(bench.log.vm_bos.load(Relaxed), 1);
        assert_eq!(second.data().number, 2);
        Ok(())
    }

    #[test]
    fn the_end_of_an_address_space_unmaps_all() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_end")?;
        let log = bench.log.clone();
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        for start in [0x1000, 0x3000, 0x5000, 0x7000] {
            bench.map(&mut vm, &vm_bo, start..start + 0x1000, 0)?;
        }
        drop(vm_bo);
        let shared: ARef<GpuVm<Table>> = (&*vm).into();
        drop(vm);
        assert_eq!((log.vas.load(Relaxed), log.vm_bos.load(Relaxed)), (4, 1));
        // The driver's part stays for as long as somebody has a reference.
        assert_eq!(log.tables.load(Relaxed), 0);
        assert_eq!(shared.va_range(), 0x1000..0x9000);
        drop(shared);
        assert_eq!(log.tables.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn who_comes_last_cleans_up() -> Result {
        let bench = Bench::new(c"rust_gpuvm_last")?;
        let log = bench.log.clone();
        let vm = bench.vm()?;
        let shared: ARef<GpuVm<Table>> = (&*vm).into();
        let vm_bo = bench.obtain(&vm, 1)?;
        let other = vm_bo.clone();
        drop(vm);
        drop(vm_bo);
        assert_eq!(log.vm_bos.load(Relaxed), 0);
        drop(other);
        assert_eq!(log.vm_bos.load(Relaxed), 1);
        // Even what is obtained after that is.
        let late = bench.obtain(&shared, 2)?;
        drop(shared);
        assert_eq!((log.vm_bos.load(Relaxed), log.tables.load(Relaxed)), (1, 0));
        drop(late);
        assert_eq!((log.vm_bos.load(Relaxed), log.tables.load(Relaxed)), (2, 1));
        Ok(())
    }

    #[test]
    fn an_address_space_keeps_its_device() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_device")?;
        let log = bench.log.clone();
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x2000, 0)?;
        // With this, the driver is unbound, and the device unplugged.
        drop(bench);
        assert_eq!(log.buffers.load(Relaxed), 0);
        assert_eq!(vm.iter().count(), 1);
        drop(vm_bo);
        drop(vm);
        assert_eq!((log.vas.load(Relaxed), log.vm_bos.load(Relaxed)), (1, 1));
        assert_eq!(
            (log.tables.load(Relaxed), log.buffers.load(Relaxed)),
            (1, 1)
        );
        // The device is gone, with its count of the log.
        assert!(Arc::into_unique_or_drop(log).is_some());
        Ok(())
    }
}
