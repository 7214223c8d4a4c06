// SPDX-License-Identifier: GPL-2.0

//! What concerns the processor as such.
//!
//! The C side is in [`include/linux/processor.h`](srctree/include/linux/processor.h).

/// Tells the processor that this is a busy-wait loop.
///
/// Lets it save power, and leave shared resources to the other hardware threads of its core. Also a
/// barrier for the compiler, so memory that the loop looks at is read again. It does not sleep, and
/// may be called in any context.
///
/// C: `cpu_relax()`.
///
/// # Examples
///
/// ```
/// use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use kernel::processor::cpu_relax;
///
/// // Counted down by this loop; by hardware, or another CPU, in earnest.
/// let busy = AtomicU32::new(3);
/// while busy.load(Relaxed) != 0 {
///     busy.fetch_sub(1, Relaxed);
///     cpu_relax();
/// }
/// assert_eq!(busy.load(Relaxed), 0);
/// ```
#[inline]
pub fn cpu_relax() {
    // SAFETY: `cpu_relax()` has no requirements: it is a hint and a compiler barrier.
    unsafe { bindings::cpu_relax() }
}
