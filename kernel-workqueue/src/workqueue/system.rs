// SPDX-License-Identifier: GPL-2.0

//! The queues that are always there.

use super::Queue;
use crate::bindings;

/// Defines a function that returns one of the system's queues.
macro_rules! system_queue {
    ($(#[$attribute:meta])* $name:ident, $c_name:ident) => {
        $(#[$attribute])*
        pub fn $name() -> &'static Queue {
            // SAFETY: It is set while the kernel boots, before it runs any Rust code, and never again.
            let queue = unsafe { bindings::$c_name };
            // SAFETY: The system's queues are there for ever, and are not drained.
            unsafe { Queue::from_raw(queue) }
        }
    };
}

system_queue! {
    /// Returns the queue for work that is short, the one to use when nothing speaks for another.
    ///
    /// Work runs on the CPU that enqueued it, several items one after the other, as long as they don't
    /// sleep. C counterpart: `system_percpu_wq`, formerly `system_wq`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{sync::{Arc, Completion}, workqueue};
    ///
    /// let queues = [
    ///     workqueue::system(),
    ///     workqueue::system_highpri(),
    ///     workqueue::system_long(),
    ///     workqueue::system_unbound(),
    ///     workqueue::system_freezable(),
    ///     workqueue::system_power_efficient(),
    ///     workqueue::system_freezable_power_efficient(),
    /// ];
    /// for queue in queues {
    ///     let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    ///     let signal = done.clone();
    ///     queue.try_spawn(GFP_KERNEL, move || signal.complete_all())?;
    ///     done.wait_for_completion();
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    system, system_percpu_wq
}

system_queue! {
    /// Returns the queue for work that is more urgent than other work.
    ///
    /// Otherwise as [`system`]. C counterpart: `system_highpri_wq`.
    system_highpri, system_highpri_wq
}

system_queue! {
    /// Returns the queue for work that may take long.
    ///
    /// Otherwise as [`system`]. C counterpart: `system_long_wq`.
    system_long, system_long_wq
}

system_queue! {
    /// Returns the queue for work that is not bound to a CPU.
    ///
    /// Each item has a thread, up to a limit, so that it may use its CPU for long. C counterpart:
    /// `system_dfl_wq`, formerly `system_unbound_wq`.
    system_unbound, system_dfl_wq
}

system_queue! {
    /// Returns the queue whose work stands still while the system is suspended.
    ///
    /// Otherwise as [`system`]. C counterpart: `system_freezable_wq`.
    system_freezable, system_freezable_wq
}

system_queue! {
    /// Returns the queue for work that may run on any CPU if that saves power.
    ///
    /// Otherwise as [`system`]; the parameter `workqueue.power_efficient` decides. C counterpart:
    /// `system_power_efficient_wq`.
    system_power_efficient, system_power_efficient_wq
}

system_queue! {
    /// Returns the queue that does both what [`system_freezable`] and what [`system_power_efficient`]
    /// does.
    ///
    /// C counterpart: `system_freezable_power_efficient_wq`.
    system_freezable_power_efficient, system_freezable_power_efficient_wq
}

system_queue! {
    /// Returns the queue whose work runs in a softirq, on the CPU that enqueued it.
    ///
    /// Nothing may sleep there: no mutex, no allocation with `GFP_KERNEL`, and what is dropped there
    /// must not sleep either. C counterpart: `system_bh_wq`, for what tasklets were for.
    system_bh, system_bh_wq
}

system_queue! {
    /// Returns the queue whose work runs in a softirq before that of [`system_bh`].
    ///
    /// C counterpart: `system_bh_highpri_wq`.
    system_bh_highpri, system_bh_highpri_wq
}
