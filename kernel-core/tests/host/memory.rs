// SPDX-License-Identifier: GPL-2.0

//! The C side's allocators, on the host: they keep books, and fail when told to.
//!
//! Each thread has books of its own, so that tests do not disturb each other.

use core::{
    cell::{Cell, RefCell},
    ffi::{c_int, c_ulong, c_void},
    ptr,
};
use std::{
    alloc::{alloc, dealloc, Layout},
    collections::HashMap,
};

/// Which functions made an allocation, and may change it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Kmalloc,
    Vmalloc,
    KVmalloc,
}

const GFP_ZERO: u32 = 0x100;

thread_local! {
    static LIVE: RefCell<HashMap<usize, (Layout, Kind)>> = RefCell::new(HashMap::new());
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static FAILING: Cell<bool> = const { Cell::new(false) };
}

/// Returns how many allocations this thread has.
pub(crate) fn live() -> usize {
    LIVE.with_borrow(HashMap::len)
}

/// Returns how often this thread has called the C side.
pub(crate) fn calls() -> usize {
    CALLS.get()
}

/// Runs `f` while every request for memory fails.
pub(crate) fn without_memory<T>(f: impl FnOnce() -> T) -> T {
    FAILING.set(true);
    let result = f();
    FAILING.set(false);
    result
}

fn release(kind: Kind, old: *const c_void) {
    let (layout, made_by) = LIVE
        .with_borrow_mut(|live| live.remove(&old.addr()))
        .expect("what is freed has been allocated, and not been freed");
    assert_eq!(made_by, kind);
    let old = old.cast_mut().cast::<u8>();
    // SAFETY: The allocation is in the books, with that layout, so all its bytes may be written.
    unsafe { old.write_bytes(0xdd, layout.size()) };
    // SAFETY: It was allocated with that layout, and the books have forgotten it.
    unsafe { dealloc(old, layout) };
}

fn resize(kind: Kind, old: *const c_void, size: usize, align: usize, gfp: u32) -> *mut c_void {
    CALLS.set(CALLS.get() + 1);
    assert_ne!(size, 0, "nothing asks C for no memory");
    // More than 1 GiB there never is.
    if FAILING.get() || size > 1 << 30 {
        return ptr::null_mut();
    }
    let layout = Layout::from_size_align(size, align).unwrap();
    // SAFETY: The size is not zero.
    let new = unsafe { alloc(layout) };
    // SAFETY: The allocation is that long.
    unsafe { new.write_bytes(if gfp & GFP_ZERO != 0 { 0 } else { 0xa5 }, size) };
    if !old.is_null() {
        let (old_layout, _) = LIVE.with_borrow(|live| live[&old.addr()]);
        // SAFETY: Both allocations are that long.
        unsafe { ptr::copy_nonoverlapping(old.cast(), new, size.min(old_layout.size())) };
        release(kind, old);
    }
    LIVE.with_borrow_mut(|live| live.insert(new.addr(), (layout, kind)));
    new.cast()
}

#[no_mangle]
extern "C" fn rust_helper_krealloc_node_align(
    old: *const c_void,
    size: usize,
    _align: c_ulong,
    gfp: u32,
    _nid: c_int,
) -> *mut c_void {
    // `kmalloc` knows of no alignment but what follows from the size.
    let align = 1 << size.trailing_zeros().clamp(3, 20);
    resize(Kind::Kmalloc, old, size, align, gfp)
}

#[no_mangle]
extern "C" fn rust_helper_kvrealloc_node_align(
    old: *const c_void,
    size: usize,
    align: c_ulong,
    gfp: u32,
    _nid: c_int,
) -> *mut c_void {
    assert_eq!(
        old.addr() % align as usize,
        0,
        "`vrealloc` warns about this"
    );
    resize(Kind::KVmalloc, old, size, (align as usize).max(8), gfp)
}

#[no_mangle]
extern "C" fn rust_helper_vrealloc_node_align(
    old: *const c_void,
    size: usize,
    align: c_ulong,
    gfp: u32,
    _nid: c_int,
) -> *mut c_void {
    assert_eq!(
        old.addr() % align as usize,
        0,
        "`vrealloc` warns about this"
    );
    resize(Kind::Vmalloc, old, size, (align as usize).max(4096), gfp)
}

#[no_mangle]
extern "C" fn kfree(old: *const c_void) {
    CALLS.set(CALLS.get() + 1);
    release(Kind::Kmalloc, old);
}

#[no_mangle]
extern "C" fn vfree(old: *const c_void) {
    CALLS.set(CALLS.get() + 1);
    release(Kind::Vmalloc, old);
}

#[no_mangle]
extern "C" fn kvfree(old: *const c_void) {
    CALLS.set(CALLS.get() + 1);
    release(Kind::KVmalloc, old);
}

/// A machine with the nodes 0 and 1.
#[no_mangle]
extern "C" fn rust_helper_node_possible(nid: c_int) -> bool {
    nid < 2
}
