// SPDX-License-Identifier: GPL-2.0

//! A box with messages.

use crate::{letter::Letter, name::Name, office::Office};
use kernel::{
    list::{List, ListArc},
    miscdevice::{PollEvent, PollEvents},
    new_mutex, new_poll_condvar,
    page::Page,
    prelude::*,
    sync::{poll::PollCondVar, Mutex},
};

/// A box with messages, for those who are bound to it.
#[pin_data]
pub(crate) struct Letterbox {
    pub(crate) name: Name,
    /// The page that those who are bound to the box can map.
    pub(crate) page: Page,
    #[pin]
    inside: Mutex<Inside>,
    /// Notified when there are more messages.
    #[pin]
    pub(crate) readable: PollCondVar,
    /// Notified when there may be more room, and when the box goes away.
    #[pin]
    pub(crate) writable: PollCondVar,
}

struct Inside {
    letters: List<Letter>,
    /// How many there are.
    messages: u32,
    /// How many bytes they have.
    bytes: u32,
    /// How many endpoints and directories use the box. With the last one it goes away for good.
    users: u32,
}

/// What came of an attempt to receive.
pub(crate) enum Received {
    Letter(ListArc<Letter>),
    /// The message is longer than there is room for; this is how long.
    TooLong(usize),
}

/// How full a box is.
pub(crate) struct Level {
    pub(crate) messages: u32,
    pub(crate) bytes: u32,
    pub(crate) users: u32,
}

impl Letterbox {
    /// Makes a box that has one user.
    pub(crate) fn new(name: Name) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            name,
            page: Page::alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO)?,
            inside <- new_mutex!(
                Inside {
                    letters: List::new(),
                    messages: 0,
                    bytes: 0,
                    users: 1,
                },
                "Letterbox::inside"
            ),
            readable <- new_poll_condvar!("Letterbox::readable"),
            writable <- new_poll_condvar!("Letterbox::writable"),
        })
    }

    /// Counts one more user. There must be one.
    pub(crate) fn add_user(&self) {
        self.inside.lock().users += 1;
    }

    /// Counts one user less, and returns whether it was the last. Then no message gets in any more, and
    /// those that are there are gone.
    pub(crate) fn remove_user(&self, office: &Office) -> bool {
        let mut inside = self.inside.lock();
        inside.users -= 1;
        if inside.users > 0 {
            return false;
        }
        let letters = inside.clear();
        drop(inside);
        office.stats.waiting.sub(letters);
        office.stats.discarded.add(letters);
        // For those who send without being bound.
        self.writable.notify_all();
        true
    }

    /// Puts a message into the box. If there is no room, waits until there is, or fails.
    ///
    /// # Errors
    ///
    /// - `EAGAIN` if there is no room, and this may not wait.
    /// - `ERESTARTSYS` if there is a signal to be handled first.
    /// - `EPIPE` if the box is gone.
    pub(crate) fn send(
        &self,
        office: &Office,
        letter: ListArc<Letter>,
        may_wait: bool,
    ) -> Result {
        let mut inside = self.inside.lock();
        loop {
            if inside.users == 0 {
                return Err(EPIPE);
            }
            if inside.messages < office.limits.messages.get() {
                break;
            }
            if !may_wait {
                return Err(EAGAIN);
            }
            if self.writable.wait_interruptible(&mut inside) {
                return Err(ERESTARTSYS);
            }
        }
        inside.push_back(letter);
        office.stats.waiting.add(1);
        office.stats.sent.add(1);
        drop(inside);
        self.readable.notify_all();
        Ok(())
    }

    /// Takes a message of up to `room` bytes out of the box. If there is none, waits until there is, or
    /// fails.
    ///
    /// # Errors
    ///
    /// - `EAGAIN` if there is no message, and this may not wait.
    /// - `ERESTARTSYS` if there is a signal to be handled first.
    pub(crate) fn receive(&self, office: &Office, room: usize, may_wait: bool) -> Result<Received> {
        let mut inside = self.inside.lock();
        let letter = loop {
            self.expire(office, &mut inside);
            if let Some(length) = inside.first_length() {
                if length > room {
                    return Ok(Received::TooLong(length));
                }
            }
            if let Some(letter) = inside.pop_front() {
                break letter;
            }
            if !may_wait {
                return Err(EAGAIN);
            }
            if self.readable.wait_interruptible(&mut inside) {
                return Err(ERESTARTSYS);
            }
        };
        office.stats.waiting.sub(1);
        drop(inside);
        self.writable.notify_all();
        Ok(Received::Letter(letter))
    }

    /// Puts a message back that could not be delivered; it is the next one again.
    ///
    /// Whoever has received it is a user of the box, and by that the box is still there. It may have one
    /// message more than it should for a while.
    pub(crate) fn put_back(&self, office: &Office, letter: ListArc<Letter>) {
        let mut inside = self.inside.lock();
        inside.push_front(letter);
        office.stats.waiting.add(1);
        drop(inside);
        self.readable.notify_all();
    }

    /// Drops all messages, and returns how many there were.
    pub(crate) fn flush(&self, office: &Office) -> u64 {
        let letters = self.inside.lock().clear();
        office.stats.waiting.sub(letters);
        office.stats.flushed.add(letters);
        self.writable.notify_all();
        letters
    }

    /// Drops the messages that have expired.
    pub(crate) fn sweep(&self, office: &Office) {
        self.expire(office, &mut self.inside.lock());
    }

    /// Drops the messages that have expired. They are the first ones, since all live for as long.
    fn expire(&self, office: &Office, inside: &mut Inside) {
        let lifetime = office.limits.lifetime.get();
        let mut letters = 0;
        while inside.first_is_older_than(lifetime) && inside.pop_front().is_some() {
            letters += 1;
        }
        if letters > 0 {
            office.stats.waiting.sub(letters);
            office.stats.expired.add(letters);
            self.writable.notify_all();
        }
    }

    /// Tells what can be done without waiting.
    pub(crate) fn events(&self, office: &Office) -> PollEvents {
        let inside = self.inside.lock();
        let mut events = PollEvents::empty();
        if inside.messages > 0 {
            events |= PollEvent::In;
        }
        if inside.messages < office.limits.messages.get() {
            events |= PollEvent::Out;
        }
        events
    }

    /// Tells how full the box is.
    pub(crate) fn level(&self) -> Level {
        let inside = self.inside.lock();
        Level {
            messages: inside.messages,
            bytes: inside.bytes,
            users: inside.users,
        }
    }
}

impl Inside {
    fn count(&mut self, letter: &Letter) {
        self.messages += 1;
        // Messages are not longer than a limit that is far below this.
        self.bytes += letter.text.len() as u32;
    }

    fn push_back(&mut self, letter: ListArc<Letter>) {
        self.count(&letter);
        self.letters.push_back(letter);
    }

    fn push_front(&mut self, letter: ListArc<Letter>) {
        self.count(&letter);
        self.letters.push_front(letter);
    }

    fn pop_front(&mut self) -> Option<ListArc<Letter>> {
        let letter = self.letters.pop_front()?;
        self.messages -= 1;
        self.bytes -= letter.text.len() as u32;
        Some(letter)
    }

    fn first_length(&self) -> Option<usize> {
        self.letters.iter().next().map(|letter| letter.text.len())
    }

    fn first_is_older_than(&self, lifetime: u32) -> bool {
        let mut letters = self.letters.iter();
        letters.next().is_some_and(|letter| letter.is_older_than(lifetime))
    }

    /// Drops all messages, and returns how many there were.
    fn clear(&mut self) -> u64 {
        let mut letters = 0;
        while self.pop_front().is_some() {
            letters += 1;
        }
        letters
    }
}
