// SPDX-License-Identifier: GPL-2.0

use super::*;

#[crate::macros::kunit_tests(rust_drm_gpuvm_steps)]
mod cases {
    use super::*;

    #[test]
    fn mapped_and_unmapped() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_mapped")?;
        let mut vm = bench.vm()?;
        assert_eq!(vm.va_range(), 0x1000..0x9000);
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x2000, 0x70)?;
        bench.map(&mut vm, &vm_bo, 0x7000..0x8000, 0)?;
        assert!(took(
            &mut vm,
            &[('m', 0x1000..0x2000, false), ('m', 0x7000..0x8000, false)],
        ));
        assert!(is_mapped(
            &vm,
            &[(0x1000..0x2000, 0x70, 1), (0x7000..0x8000, 0, 2)]
        ));
        for va in vm.iter() {
            assert!(ptr::eq(va.obj(), &*bench.buffer));
            assert!(ptr::eq(va.vm_bo(), &*vm_bo));
        }
        // All of it, and where nothing is.
        bench.unmap(&mut vm, 0x1000..0x8000)?;
        bench.unmap(&mut vm, 0x1000..0x8000)?;
        assert!(took(
            &mut vm,
            &[('u', 0x1000..0x2000, false), ('u', 0x7000..0x8000, false)],
        ));
        assert!(is_mapped(&vm, &[]));
        assert_eq!(bench.log.vas.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn a_hole_leaves_two_parts() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_hole")?;
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x2000..0x6000, 0x100)?;
        bench.unmap(&mut vm, 0x3000..0x4000)?;
        assert!(took(
            &mut vm,
            &[('m', 0x2000..0x6000, false), ('r', 0x3000..0x4000, false)],
        ));
        assert!(is_mapped(
            &vm,
            &[(0x2000..0x3000, 0x100, 10), (0x4000..0x6000, 0x2100, 11)],
        ));
        // One of the parts of each.
        bench.unmap(&mut vm, 0x2800..0x5000)?;
        assert!(took(
            &mut vm,
            &[('r', 0x2800..0x3000, false), ('r', 0x4000..0x5000, false)],
        ));
        assert!(is_mapped(
            &vm,
            &[(0x2000..0x2800, 0x100, 100), (0x5000..0x6000, 0x3100, 111)],
        ));
        assert_eq!(bench.log.vas.load(Relaxed), 3 + 2);
        Ok(())
    }

    #[test]
    fn mapped_over_others() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_over")?;
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x3000, 0)?;
        bench.map(&mut vm, &vm_bo, 0x3000..0x4000, 0)?;
        bench.map(&mut vm, &vm_bo, 0x4000..0x6000, 0)?;
        vm.data_mut().steps.clear();
        bench.map(&mut vm, &vm_bo, 0x2000..0x5000, 0x9000)?;
        assert!(took(
            &mut vm,
            &[
                ('r', 0x2000..0x3000, false),
                ('u', 0x3000..0x4000, false),
                ('r', 0x4000..0x5000, false),
                ('m', 0x2000..0x5000, false),
            ],
        ));
        assert!(is_mapped(
            &vm,
            &[
                (0x1000..0x2000, 0, 10),
                (0x2000..0x5000, 0x9000, 4),
                (0x5000..0x6000, 0x1000, 31),
            ],
        ));
        // In the middle of one: it is split, and what is mapped is the same as before.
        bench.map(&mut vm, &vm_bo, 0x3000..0x4000, 0xa000)?;
        assert!(took(
            &mut vm,
            &[('r', 0x3000..0x4000, true), ('m', 0x3000..0x4000, false)],
        ));
        // Just the same.
        bench.map(&mut vm, &vm_bo, 0x3000..0x4000, 0xa000)?;
        assert!(took(
            &mut vm,
            &[('u', 0x3000..0x4000, true), ('m', 0x3000..0x4000, false)],
        ));
        assert!(is_mapped(
            &vm,
            &[
                (0x1000..0x2000, 0, 10),
                (0x2000..0x3000, 0x9000, 40),
                (0x3000..0x4000, 0xa000, 6),
                (0x4000..0x5000, 0xb000, 41),
                (0x5000..0x6000, 0x1000, 31),
            ],
        ));
        Ok(())
    }

    #[test]
    fn a_step_that_fails_ends_the_change() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_fails")?;
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x2000, 0)?;
        bench.map(&mut vm, &vm_bo, 0x2000..0x4000, 0)?;
        vm.data_mut().steps.clear();
        vm.data_mut().failing = 'r';
        assert_eq!(bench.unmap(&mut vm, 0x1000..0x3000), Err(EDOM));
        // What was done before stays done.
        assert!(took(&mut vm, &[('u', 0x1000..0x2000, false)]));
        assert!(is_mapped(&vm, &[(0x2000..0x4000, 0, 2)]));
        vm.data_mut().failing = 'u';
        assert_eq!(bench.map(&mut vm, &vm_bo, 0x1000..0x4000, 0), Err(EDOM));
        vm.data_mut().failing = 'm';
        assert_eq!(bench.map(&mut vm, &vm_bo, 0x5000..0x6000, 0), Err(EDOM));
        assert!(took(&mut vm, &[]));
        assert!(is_mapped(&vm, &[(0x2000..0x4000, 0, 2)]));
        // And can be done later.
        vm.data_mut().failing = ' ';
        bench.map(&mut vm, &vm_bo, 0x1000..0x4000, 0)?;
        assert!(is_mapped(&vm, &[(0x1000..0x4000, 0, 3)]));
        Ok(())
    }

    #[test]
    fn a_step_without_memory_changes_nothing() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_memory")?;
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        bench.map(&mut vm, &vm_bo, 0x1000..0x4000, 0)?;
        let mut context = Context::new(&mut bench.number)?;
        context.spare.truncate(1);
        assert_eq!(vm.sm_unmap(0x2000, 0x1000, &mut context), Err(ENOMEM));
        assert!(is_mapped(&vm, &[(0x1000..0x4000, 0, 1)]));
        Ok(())
    }

    #[test]
    fn requests_that_are_refused() -> Result {
        let mut bench = Bench::new(c"rust_gpuvm_refused")?;
        let mut vm = bench.vm()?;
        let vm_bo = bench.obtain(&vm, 1)?;
        let backwards = (0x3000, 0x2000);
        for range in [
            0..0x1000,
            0xfff..0x2000,
            0x1000..0x8001,
            0x7000..0x9000,
            0x8000..0x9000,
            0x8800..0x8900,
            0x9000..0xa000,
            0x1000..u64::MAX,
            0..u64::MAX,
            u64::MAX..u64::MAX,
            // Nothing, and what begins where it ends.
            0x1000..0x1000,
            0..0,
            backwards.0..backwards.1,
        ] {
            let result = bench.map(&mut vm, &vm_bo, range.clone(), 0);
            assert_eq!(result, Err(EINVAL));
            assert_eq!(bench.unmap(&mut vm, range), Err(EINVAL));
        }
        // The part of the buffer would wrap around.
        let result = bench.map(&mut vm, &vm_bo, 0x1000..0x2000, u64::MAX - 0xffe);
        assert_eq!(result, Err(EINVAL));
        // For another address space.
        let other = bench.vm()?;
        let foreign = bench.obtain(&other, 2)?;
        let result = bench.map(&mut vm, &foreign, 0x1000..0x2000, 0);
        assert_eq!(result, Err(EINVAL));
        assert!(took(&mut vm, &[]));
        // As far as it goes.
        bench.map(&mut vm, &vm_bo, 0x1000..0x8000, u64::MAX - 0x7000)?;
        bench.unmap(&mut vm, 0x1000..0x7fff)?;
        assert!(is_mapped(&vm, &[(0x7fff..0x8000, u64::MAX - 1, 11)]));
        Ok(())
    }

    #[test]
    fn address_spaces_that_are_refused() -> Result {
        let bench = Bench::new(c"rust_gpuvm_spaces")?;
        let stranger = Bench::new(c"rust_gpuvm_stranger")?;
        let (start, end) = (0x2000, 0x1000);
        for (range, reserve) in [
            (0..0, 0..0),
            (0x1000..0x1000, 0..0),
            (start..end, 0..0),
            (0x1000..0x2000, 0..0x1000),
            (0x1000..0x2000, 0xfff..0x1001),
            (0x1000..0x2000, 0x1fff..0x2001),
            (0x1000..0x2000, 0x1000..u64::MAX),
        ] {
            let vm = GpuVm::<Table>::new(
                c"bad",
                &bench.drm,
                &bench.buffer,
                range,
                reserve,
                bench.table(),
            );
            assert_eq!(vm.err(), Some(EINVAL));
        }
        // A buffer of another device, at first or later.
        let table = bench.table();
        let vm = GpuVm::<Table>::new(c"bad", &bench.drm, &stranger.buffer, 0..1, 0..0, table);
        assert_eq!(vm.err(), Some(EINVAL));
        let vm = bench.vm()?;
        let vm_bo = vm.obtain(&stranger.buffer, Ok(bench.vm_bo(1)));
        assert_eq!(vm_bo.err(), Some(EINVAL));
        drop(vm);
        assert_eq!(bench.log.tables.load(Relaxed), 7 + 2);
        assert_eq!(bench.log.vm_bos.load(Relaxed), 1);
        // All that there can be.
        let table = bench.table();
        let vm = GpuVm::<Table>::new(c"all", &bench.drm, &bench.buffer, 0..u64::MAX, 0..0, table)?;
        assert_eq!(vm.va_range(), 0..u64::MAX);
        Ok(())
    }
}
