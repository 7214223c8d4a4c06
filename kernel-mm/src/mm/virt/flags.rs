// SPDX-License-Identifier: GPL-2.0

//! What is allowed in an area, and how it behaves: the `VM_*` bits of
//! [`include/linux/mm.h`](srctree/include/linux/mm.h).

use super::vm_flags_t;
use crate::bindings;

/// No flag at all.
pub const NONE: vm_flags_t = 0;

macro_rules! flags {
    ($($(#[$meta:meta])* $name:ident = $c:ident;)*) => {$(
        $(#[$meta])*
        pub const $name: vm_flags_t = bindings::$c;
    )*};
}

flags! {
    /// May be read.
    READ = VM_READ;
    /// May be written.
    WRITE = VM_WRITE;
    /// May be executed.
    EXEC = VM_EXEC;
    /// Writes are seen by every process that maps the same.
    SHARED = VM_SHARED;
    /// `mprotect` may make it readable.
    MAYREAD = VM_MAYREAD;
    /// `mprotect` may make it writable.
    MAYWRITE = VM_MAYWRITE;
    /// `mprotect` may make it executable.
    MAYEXEC = VM_MAYEXEC;
    /// It may become shared.
    MAYSHARE = VM_MAYSHARE;
    /// Maps page frames that have no `struct page`.
    PFNMAP = VM_PFNMAP;
    /// Device memory, or the like.
    IO = VM_IO;
    /// `fork` leaves it out.
    DONTCOPY = VM_DONTCOPY;
    /// `mremap` can't make it larger.
    DONTEXPAND = VM_DONTEXPAND;
    /// Pages are locked into memory as they are faulted in.
    LOCKONFAULT = VM_LOCKONFAULT;
    /// Counts against the limit on committed memory.
    ACCOUNT = VM_ACCOUNT;
    /// Reserves no swap or huge pages.
    NORESERVE = VM_NORESERVE;
    /// Made of huge pages.
    HUGETLB = VM_HUGETLB;
    /// Page faults are synchronous (`MAP_SYNC`).
    SYNC = VM_SYNC;
    /// Means what the architecture makes of it.
    ARCH_1 = VM_ARCH_1;
    /// A child of `fork` finds it empty.
    WIPEONFORK = VM_WIPEONFORK;
    /// Core dumps leave it out.
    DONTDUMP = VM_DONTDUMP;
    /// Is watched for soft-dirty pages.
    SOFTDIRTY = VM_SOFTDIRTY;
    /// Holds pages with and without `struct page`.
    MIXEDMAP = VM_MIXEDMAP;
    /// Asked for huge pages (`MADV_HUGEPAGE`).
    HUGEPAGE = VM_HUGEPAGE;
    /// Asked not to get huge pages (`MADV_NOHUGEPAGE`).
    NOHUGEPAGE = VM_NOHUGEPAGE;
    /// Equal pages may be merged by KSM.
    MERGEABLE = VM_MERGEABLE;
}
