// SPDX-License-Identifier: GPL-2.0

//! All that there is while the module is loaded.

use crate::{
    letterbox::Letterbox,
    limits::{Limits, MOST_ENDPOINTS},
    name::Name,
    stats::Stats,
};
use kernel::{
    fmt,
    id_pool::IdPool,
    new_mutex, new_spinlock,
    prelude::*,
    rbtree::RBTree,
    sync::{Arc, Mutex, SpinLock},
};

/// The boxes, and what goes for all of them.
#[pin_data]
pub(crate) struct Office {
    pub(crate) limits: Limits,
    pub(crate) stats: Stats,
    /// The boxes that have users.
    #[pin]
    boxes: Mutex<Boxes>,
    /// The numbers of the endpoints.
    #[pin]
    ids: SpinLock<IdPool>,
}

struct Boxes {
    by_name: RBTree<Name, Arc<Letterbox>>,
    /// How many there are.
    number: u32,
}

impl Office {
    pub(crate) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                limits: Limits::new(),
                stats: Stats::new(),
                boxes <- new_mutex!(
                    Boxes {
                        by_name: RBTree::new(),
                        number: 0,
                    },
                    "Office::boxes"
                ),
                ids <- new_spinlock!(IdPool::new(), "Office::ids"),
            }),
            GFP_KERNEL,
        )
    }

    /// Returns the box with a name.
    ///
    /// # Errors
    ///
    /// `ENOENT` if there is none.
    pub(crate) fn find(&self, name: &Name) -> Result<Arc<Letterbox>> {
        self.boxes.lock().by_name.get(name).cloned().ok_or(ENOENT)
    }

    /// Has those look again who wait for room, since a limit has changed.
    pub(crate) fn limits_changed(&self) {
        for letterbox in self.boxes.lock().by_name.values() {
            letterbox.writable.notify_all();
        }
    }

    /// Drops the messages that have expired.
    pub(crate) fn sweep(&self) {
        for letterbox in self.boxes.lock().by_name.values() {
            letterbox.sweep(self);
        }
    }

    /// Writes a line on each box.
    pub(crate) fn list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letterbox in self.boxes.lock().by_name.values() {
            let level = letterbox.level();
            writeln!(
                f,
                "{}: {} users, {} messages, {} bytes",
                letterbox.name, level.users, level.messages, level.bytes
            )?;
        }
        Ok(())
    }

    /// Returns the box with a name, which comes into being if there is none, with one user more.
    fn enter(&self, name: Name) -> Result<Arc<Letterbox>> {
        let mut boxes = self.boxes.lock();
        if let Some(letterbox) = boxes.by_name.get(&name) {
            letterbox.add_user();
            return Ok(letterbox.clone());
        }
        if boxes.number >= self.limits.boxes.get() {
            return Err(ENOSPC);
        }
        let letterbox = Arc::pin_init(Letterbox::new(name), GFP_KERNEL_ACCOUNT)?;
        boxes
            .by_name
            .try_create_and_insert(name, letterbox.clone(), GFP_KERNEL_ACCOUNT)?;
        boxes.number += 1;
        Ok(letterbox)
    }

    /// Gives up what [`enter`](Self::enter) has given.
    fn leave(&self, letterbox: &Letterbox) {
        let mut boxes = self.boxes.lock();
        let removed = if letterbox.remove_user(self) {
            boxes.number -= 1;
            boxes.by_name.remove(&letterbox.name)
        } else {
            None
        };
        drop(boxes);
        // Whoever still polls the box is waited for: not with the lock held.
        drop(removed);
    }

    /// Returns a number that no other endpoint has.
    fn take_id(&self) -> Result<usize> {
        let mut ids = self.ids.lock();
        loop {
            if let Some(id) = ids.find_unused_id(0) {
                if id.as_usize() >= MOST_ENDPOINTS {
                    return Err(EMFILE);
                }
                return Ok(id.acquire());
            }
            // Memory is allocated without the lock; others may use the numbers meanwhile.
            let request = ids.grow_request().ok_or(EMFILE)?;
            drop(ids);
            let resizer = request.realloc(GFP_KERNEL_ACCOUNT)?;
            ids = self.ids.lock();
            ids.grow(resizer);
        }
    }

    /// Gives a number back.
    fn return_id(&self, id: usize) {
        self.ids.lock().release_id(id);
    }
}

/// The use of a box, which stays for as long.
pub(crate) struct Membership {
    office: Arc<Office>,
    letterbox: Arc<Letterbox>,
}

impl Membership {
    /// Uses the box with a name, which comes into being if there is none.
    ///
    /// # Errors
    ///
    /// - `ENOSPC` if there are as many boxes as there may be.
    /// - `ENOMEM` if memory runs out.
    pub(crate) fn new(office: &Arc<Office>, name: Name) -> Result<Self> {
        Ok(Self {
            office: office.clone(),
            letterbox: office.enter(name)?,
        })
    }

    pub(crate) fn letterbox(&self) -> &Letterbox {
        &self.letterbox
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.office.leave(&self.letterbox);
    }
}

/// The number of an endpoint, which no other has meanwhile.
pub(crate) struct EndpointId {
    office: Arc<Office>,
    id: usize,
}

impl EndpointId {
    /// Takes a number.
    ///
    /// # Errors
    ///
    /// - `EMFILE` if there are as many endpoints as there may be.
    /// - `ENOMEM` if memory runs out.
    pub(crate) fn new(office: Arc<Office>) -> Result<Self> {
        let id = office.take_id()?;
        office.stats.endpoints.add(1);
        Ok(Self { office, id })
    }

    pub(crate) fn office(&self) -> &Arc<Office> {
        &self.office
    }

    pub(crate) fn get(&self) -> u32 {
        // Far below that: `MOST_ENDPOINTS`.
        self.id as u32
    }
}

impl Drop for EndpointId {
    fn drop(&mut self) {
        self.office.return_id(self.id);
        self.office.stats.endpoints.sub(1);
    }
}
