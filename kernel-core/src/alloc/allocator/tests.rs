// SPDX-License-Identifier: GPL-2.0

//! Tests of the allocators, each with memory from each of them.

#[macros::kunit_tests(rust_allocator)]
mod cases {
    use crate::{
        alloc::{
            allocator::{KVmalloc, Kmalloc, Vmalloc, VmallocPageIter},
            AllocError, Allocator, Flags, NumaNode,
        },
        page::{AsPageIter, PAGE_SIZE},
        prelude::*,
    };
    use core::{alloc::Layout, marker::PhantomData, ptr::NonNull};

    /// An allocation of `A`, whose bytes are all initialised.
    struct Memory<A: Allocator> {
        ptr: NonNull<u8>,
        layout: Layout,
        _allocator: PhantomData<A>,
    }

    impl<A: Allocator> Memory<A> {
        fn new(size: usize, align: usize, flags: Flags) -> Result<Self> {
            let layout = Layout::from_size_align(size, align).map_err(|_| EINVAL)?;
            let memory = A::alloc(layout, flags, NumaNode::NO_NODE)?;
            if memory.len() != size {
                return Err(EINVAL);
            }
            let mut this = Self {
                ptr: memory.cast(),
                layout,
                _allocator: PhantomData,
            };
            if !flags.contains(__GFP_ZERO) {
                this.fill(0, 0xee);
            }
            Ok(this)
        }

        fn filled(size: usize, align: usize) -> Result<Self> {
            let mut this = Self::new(size, align, GFP_KERNEL)?;
            for (i, byte) in this.bytes().iter_mut().enumerate() {
                *byte = pattern(i);
            }
            Ok(this)
        }

        fn resize(&mut self, size: usize, align: usize, flags: Flags) -> Result {
            let layout = Layout::from_size_align(size, align).map_err(|_| EINVAL)?;
            // SAFETY: This is an allocation of `A` with that layout. If the call succeeds, the
            // pointer is replaced.
            let memory = unsafe {
                A::realloc(
                    Some(self.ptr),
                    layout,
                    self.layout,
                    flags,
                    NumaNode::NO_NODE,
                )
            }?;
            let old = self.layout.size();
            self.ptr = memory.cast();
            self.layout = layout;
            self.fill(old, 0xee);
            if memory.len() != size {
                return Err(EINVAL);
            }
            Ok(())
        }

        fn fill(&mut self, from: usize, value: u8) {
            let Some(count) = self.layout.size().checked_sub(from) else {
                return;
            };
            // SAFETY: `from` is at most the size.
            let start = unsafe { self.ptr.add(from) };
            // SAFETY: There are so many bytes from there to the end.
            unsafe { start.write_bytes(value, count) };
        }

        fn bytes(&mut self) -> &mut [u8] {
            let mut slice = NonNull::slice_from_raw_parts(self.ptr, self.layout.size());
            // SAFETY: The allocation has that size, and all of its bytes are initialised.
            unsafe { slice.as_mut() }
        }

        /// Returns whether the first `len` bytes are as `filled` made them.
        fn kept(&mut self, len: usize) -> bool {
            let mut bytes = self.bytes()[..len].iter().enumerate();
            bytes.all(|(i, &byte)| byte == pattern(i))
        }

        fn is_aligned_to(&self, align: usize) -> bool {
            self.ptr.addr().get() % align == 0
        }
    }

    impl<A: Allocator> Drop for Memory<A> {
        fn drop(&mut self) {
            // SAFETY: This is an allocation of `A` with that layout, which is not used any more.
            unsafe { A::free(self.ptr, self.layout) };
        }
    }

    /// The byte that tests keep at index `i`: not the same in all pages.
    fn pattern(i: usize) -> u8 {
        (i % 251) as u8
    }

    fn layout_is_kept<A: Allocator>(align: usize) -> Result<bool> {
        for size in [1, align / 2 + 1, align, align + 1, 3 * align, 5 * align - 1] {
            let mut memory = Memory::<A>::filled(size, align)?;
            if !memory.is_aligned_to(align) || !memory.is_aligned_to(A::MIN_ALIGN) {
                return Ok(false);
            }
            if !memory.kept(size) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[test]
    fn alignment_of_kmalloc() -> Result {
        for shift in 0..=crate::page::PAGE_SHIFT + 1 {
            assert!(layout_is_kept::<Kmalloc>(1 << shift)?);
        }
        Ok(())
    }

    #[test]
    fn alignment_of_vmalloc() -> Result {
        for shift in 0..=crate::page::PAGE_SHIFT + 4 {
            assert!(layout_is_kept::<Vmalloc>(1 << shift)?);
        }
        Ok(())
    }

    #[test]
    fn alignment_of_kvmalloc() -> Result {
        for shift in 0..=crate::page::PAGE_SHIFT + 4 {
            assert!(layout_is_kept::<KVmalloc>(1 << shift)?);
        }
        Ok(())
    }

    #[test]
    fn least_alignment() {
        assert!(Kmalloc::MIN_ALIGN >= align_of::<u64>());
        assert_eq!(Vmalloc::MIN_ALIGN, PAGE_SIZE);
        assert_eq!(KVmalloc::MIN_ALIGN, Kmalloc::MIN_ALIGN);
    }

    #[test]
    fn padded_layouts() -> Result {
        for (size, align, padded) in [
            (0, 8, 0),
            (1, 1, 1),
            (9, 8, 16),
            (64, 64, 64),
            (1, 4096, 4096),
        ] {
            let layout = Layout::from_size_align(size, align).map_err(|_| EINVAL)?;
            let result = Kmalloc::aligned_layout(layout);
            assert_eq!(result.size(), padded);
            assert_eq!(result.align(), align);
        }
        Ok(())
    }

    fn zeroed<A: Allocator>() -> Result<bool> {
        for size in [1, 63, 512, PAGE_SIZE, 3 * PAGE_SIZE + 5] {
            // What was there before is not likely to be zero.
            drop(Memory::<A>::filled(size, 8)?);
            let mut memory = Memory::<A>::new(size, 8, GFP_KERNEL | __GFP_ZERO)?;
            if memory.bytes().iter().any(|&byte| byte != 0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[test]
    fn zeroed_memory_is_zero() -> Result {
        assert!(zeroed::<Kmalloc>()?);
        assert!(zeroed::<Vmalloc>()?);
        assert!(zeroed::<KVmalloc>()?);
        Ok(())
    }

    fn contents_are_kept<A: Allocator>() -> Result<bool> {
        let first = 40 * PAGE_SIZE;
        let mut memory = Memory::<A>::filled(first, 16)?;
        let mut least = first;
        // Down and up again: within a slab object, a page, and across several pages.
        for size in [
            30_000, 30_001, 4097, 4096, 4095, 70_000, 100, 101, 8, 7, 5000, 200_000,
        ] {
            memory.resize(size, 16, GFP_KERNEL)?;
            least = least.min(size);
            if !memory.kept(least) || !memory.is_aligned_to(16) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[test]
    fn realloc_keeps_contents() -> Result {
        assert!(contents_are_kept::<Kmalloc>()?);
        assert!(contents_are_kept::<Vmalloc>()?);
        assert!(contents_are_kept::<KVmalloc>()?);
        Ok(())
    }

    fn alignment_can_grow<A: Allocator>() -> Result<bool> {
        let mut memory = Memory::<A>::filled(5000, 8)?;
        for align in [64, PAGE_SIZE, 8 * PAGE_SIZE] {
            // To memory of the same size, where the kernel would rather keep what there is.
            memory.resize(5000, align, GFP_KERNEL)?;
            if !memory.is_aligned_to(align) || !memory.kept(5000) {
                return Ok(false);
            }
        }
        memory.resize(100, 16 * PAGE_SIZE, GFP_KERNEL)?;
        Ok(memory.is_aligned_to(16 * PAGE_SIZE) && memory.kept(100))
    }

    #[test]
    fn realloc_honours_a_larger_alignment() -> Result {
        assert!(alignment_can_grow::<Kmalloc>()?);
        assert!(alignment_can_grow::<Vmalloc>()?);
        assert!(alignment_can_grow::<KVmalloc>()?);
        Ok(())
    }

    fn nothing_is_free<A: Allocator>() -> Result<bool> {
        for align in [1, 8, PAGE_SIZE] {
            let mut memory = Memory::<A>::new(0, align, GFP_KERNEL)?;
            if memory.ptr.addr().get() != align {
                return Ok(false);
            }
            memory.resize(0, 4, GFP_KERNEL)?;
            if memory.ptr.addr().get() != 4 {
                return Ok(false);
            }
            // To something, and back to nothing.
            memory.resize(300, align, GFP_KERNEL)?;
            if memory.ptr.addr().get() < 1 << 16 || !memory.is_aligned_to(align) {
                return Ok(false);
            }
            memory.resize(0, align, GFP_KERNEL)?;
            if memory.ptr.addr().get() != align {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[test]
    fn size_zero_has_no_memory() -> Result {
        assert!(nothing_is_free::<Kmalloc>()?);
        assert!(nothing_is_free::<Vmalloc>()?);
        assert!(nothing_is_free::<KVmalloc>()?);
        Ok(())
    }

    fn too_much_fails<A: Allocator>() -> Result<bool> {
        let quiet = GFP_KERNEL | __GFP_NOWARN;
        for size in [
            isize::MAX as usize / 2,
            isize::MAX as usize - 64 * PAGE_SIZE,
        ] {
            if Memory::<A>::new(size, 8, quiet).is_ok() {
                return Ok(false);
            }
            let mut memory = Memory::<A>::filled(1000, 8)?;
            if memory.resize(size, 8, quiet) != Err(ENOMEM) || !memory.kept(1000) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[test]
    fn failure_is_an_error_and_keeps_the_old() -> Result {
        assert!(too_much_fails::<Kmalloc>()?);
        assert!(too_much_fails::<Vmalloc>()?);
        assert!(too_much_fails::<KVmalloc>()?);
        Ok(())
    }

    #[test]
    fn failure_is_alloc_error() -> Result {
        let layout = Layout::array::<u64>(1 << 50).map_err(|_| EINVAL)?;
        let result = Kmalloc::alloc(layout, GFP_KERNEL | __GFP_NOWARN, NumaNode::NO_NODE);
        assert_eq!(result.err(), Some(AllocError));
        Ok(())
    }

    fn node_zero<A: Allocator>() -> Result {
        let layout = Layout::new::<[u64; 100]>();
        let memory = A::alloc(layout, GFP_KERNEL, NumaNode::new(0)?)?;
        // SAFETY: This is an allocation of `A` with that layout, which is not used any more.
        unsafe { A::free(memory.cast(), layout) };
        Ok(())
    }

    #[test]
    fn memory_of_a_node() -> Result {
        node_zero::<Kmalloc>()?;
        node_zero::<Vmalloc>()?;
        node_zero::<KVmalloc>()
    }

    #[test]
    fn nodes_that_cannot_be() {
        for number in [-2, -1, i32::MIN, bindings::MAX_NUMNODES as i32, i32::MAX] {
            assert_eq!(NumaNode::new(number), Err(EINVAL));
        }
        // What is offered can be used, whatever the number of nodes.
        for number in 0..bindings::MAX_NUMNODES as i32 {
            let Ok(node) = NumaNode::new(number) else {
                continue;
            };
            let layout = Layout::new::<u64>();
            let result = Kmalloc::alloc(layout, GFP_KERNEL, node);
            assert!(result.is_ok());
            if let Ok(memory) = result {
                // SAFETY: This is an allocation of `Kmalloc` with that layout.
                unsafe { Kmalloc::free(memory.cast(), layout) };
            }
        }
    }

    #[test]
    fn flags_without_sleeping() -> Result {
        assert_eq!(Memory::<Kmalloc>::new(64, 8, GFP_ATOMIC)?.bytes().len(), 64);
        assert_eq!(Memory::<Kmalloc>::new(64, 8, GFP_NOWAIT)?.bytes().len(), 64);
        assert_eq!(
            Memory::<KVmalloc>::new(64, 8, GFP_ATOMIC)?.bytes().len(),
            64
        );
        Ok(())
    }

    #[test]
    fn flag_arithmetic() {
        assert!(GFP_KERNEL_ACCOUNT.contains(GFP_KERNEL));
        assert!(!GFP_KERNEL.contains(GFP_KERNEL_ACCOUNT));
        assert!(!GFP_ATOMIC.contains(GFP_KERNEL));
        assert_eq!((GFP_KERNEL | __GFP_ZERO) & __GFP_ZERO, __GFP_ZERO);
        assert_eq!((GFP_KERNEL | __GFP_ZERO) & !__GFP_ZERO, GFP_KERNEL);
        assert_eq!(__GFP_HIGHMEM & __GFP_NOWARN, GFP_KERNEL & !GFP_KERNEL);
    }

    #[test]
    fn pages_of_a_buffer() -> Result {
        let mut buffer = VVec::<u8>::with_capacity(2 * PAGE_SIZE + 1, GFP_KERNEL)?;
        for i in 0..buffer.capacity() {
            buffer.push_within_capacity((i / PAGE_SIZE) as u8)?;
        }

        let mut pages = buffer.page_iter();
        assert_eq!(pages.page_count(), 3);
        assert_eq!(pages.size(), 2 * PAGE_SIZE + 1);
        for number in 0..3u8 {
            assert_eq!(
                pages.size_hint(),
                (3 - usize::from(number), Some(3 - usize::from(number)))
            );
            let page = pages.next().ok_or(EINVAL)?;
            let mut byte = [0xffu8];
            // SAFETY: `byte` is valid, and nobody writes to the buffer while its pages are borrowed.
            unsafe { page.read_raw(byte.as_mut_ptr(), 0, 1) }?;
            assert_eq!(byte, [number]);
        }
        assert!(pages.next().is_none());
        assert!(pages.next().is_none());
        assert_eq!(pages.size_hint(), (0, Some(0)));
        assert_eq!(pages.page_count(), 3);
        Ok(())
    }

    #[test]
    fn nothing_has_no_pages() -> Result {
        assert_eq!(VVec::<u64>::new().page_iter().count(), 0);
        assert_eq!(
            VVec::<()>::with_capacity(100, GFP_KERNEL)?
                .page_iter()
                .count(),
            0
        );
        assert_eq!(VBox::new((), GFP_KERNEL)?.page_iter().count(), 0);

        // SAFETY: The size is zero.
        let mut pages = unsafe { VmallocPageIter::new(NonNull::dangling(), 0) };
        assert_eq!(pages.page_count(), 0);
        assert!(pages.next().is_none());
        Ok(())
    }
}
