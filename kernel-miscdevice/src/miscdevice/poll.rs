// SPDX-License-Identifier: GPL-2.0

//! The answers to a poll.
//!
//! The numbers are those of [`include/uapi/linux/eventpoll.h`], which all architectures share; bindgen
//! makes nothing of them, as they are casts there.
//!
//! [`include/uapi/linux/eventpoll.h`]: srctree/include/uapi/linux/eventpoll.h

use crate::impl_flags;

impl_flags!(
    /// The events that a file can report to `poll()`, `select()` and `epoll`: a set of [`PollEvent`].
    ///
    /// C counterpart: `__poll_t`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::miscdevice::{PollEvent, PollEvents};
    ///
    /// fn events(bytes: usize, room: usize) -> PollEvents {
    ///     let mut events = PollEvents::empty();
    ///     if bytes > 0 {
    ///         events |= PollEvent::In;
    ///     }
    ///     if room > 0 {
    ///         events |= PollEvent::Out;
    ///     }
    ///     events
    /// }
    ///
    /// assert!(events(0, 0).is_empty());
    /// assert_eq!(events(1, 1), PollEvent::In | PollEvent::Out);
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct PollEvents(u32);

    /// An event that a file can report.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::miscdevice::PollEvent;
    ///
    /// // What user space knows as `POLLIN` and `POLLRDNORM`.
    /// assert_eq!(u32::from(PollEvent::In), 0x41);
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum PollEvent {
        /// A read would not block: `EPOLLIN` and `EPOLLRDNORM`.
        In = 0x0001 | 0x0040,
        /// A write would not block: `EPOLLOUT` and `EPOLLWRNORM`.
        Out = 0x0004 | 0x0100,
        /// Something of urgency happened: `EPOLLPRI`.
        Pri = 0x0002,
        /// The other side is done with writing: `EPOLLRDHUP`.
        RdHup = 0x2000,
        /// The other side is gone: `EPOLLHUP`. User space gets it unasked.
        Hup = 0x0010,
        /// There was an error: `EPOLLERR`. User space gets it unasked.
        Err = 0x0008,
    }
);
