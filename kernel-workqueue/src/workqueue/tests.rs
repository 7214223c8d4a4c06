// SPDX-License-Identifier: GPL-2.0

//! Tests of work items and queues, and what both count by.

mod items;
mod queues;

use super::*;
use crate::{
    new_mutex,
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        atomic::{Atomic, Full, Relaxed},
        Arc, Completion, Mutex, Refcount,
    },
};
use core::ptr::NonNull;

/// What all the work of a test counts.
#[pin_data]
struct Tally {
    runs: Atomic<u32>,
    /// How many objects there are.
    live: Atomic<u32>,
    /// In which order work was run, by its marks.
    #[pin]
    order: Mutex<KVec<u32>>,
    #[pin]
    done: Completion,
}

impl Tally {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                runs: Atomic::new(0),
                live: Atomic::new(0),
                order <- new_mutex!(KVec::with_capacity(64, GFP_KERNEL)?),
                done <- Completion::new(),
            }),
            GFP_KERNEL,
        )
    }

    fn mark(&self, mark: u32) {
        self.runs.fetch_add(1, Full);
        // There is room for 64 marks; a test that leaves more sees that some are missing.
        let _ = self.order.lock().push_within_capacity(mark);
    }

    fn runs(&self) -> u32 {
        self.runs.load(Relaxed)
    }

    fn live(&self) -> u32 {
        self.live.load(Relaxed)
    }
}

/// One that counts, from its beginning to its end.
struct Life(Arc<Tally>);

impl Life {
    fn new(tally: &Arc<Tally>) -> Self {
        tally.live.fetch_add(1, Full);
        Self(tally.clone())
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Full);
    }
}

/// Keeps a queue busy until it is told to go on.
fn block(queue: &OwnedQueue) -> Result<Arc<Completion>> {
    let gate = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    let go = gate.clone();
    queue.try_spawn(GFP_KERNEL, move || go.wait_for_completion())?;
    Ok(gate)
}

/// A shared object with two kinds of work.
#[pin_data]
struct Shared {
    mark: u32,
    life: Life,
    #[pin]
    first: Work<Shared>,
    #[pin]
    second: Work<Shared, 1>,
}

impl_has_work! {
    impl HasWork<Self> for Shared { self.first }
    impl HasWork<Self, 1> for Shared { self.second }
}

impl WorkItem for Shared {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.life.0.mark(this.mark);
    }
}

impl WorkItem<1> for Shared {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.life.0.mark(1000 + this.mark);
    }
}

fn shared(mark: u32, tally: &Arc<Tally>) -> Result<Arc<Shared>> {
    Arc::pin_init(
        pin_init!(Shared {
            mark,
            life: Life::new(tally),
            first <- new_work!("Shared::first"),
            second <- new_work!(),
        }),
        GFP_KERNEL,
    )
}

/// An object of one owner, which comes back to its queue as often as it says.
#[pin_data]
struct Own {
    mark: u32,
    left: u32,
    life: Life,
    #[pin]
    work: Work<Own>,
}

impl_has_work! {
    impl HasWork<Own> for Own { self.work }
}

impl WorkItem for Own {
    type Pointer = Pin<KBox<Self>>;

    fn run(mut this: Pin<KBox<Self>>) {
        let tally = this.life.0.clone();
        tally.mark(this.mark);
        let fields = this.as_mut().project();
        if *fields.left == 0 {
            drop(this);
            tally.done.complete_all();
        } else {
            *fields.left -= 1;
            system().enqueue(this);
        }
    }
}

fn own(mark: u32, left: u32, tally: &Arc<Tally>) -> Result<Pin<KBox<Own>>> {
    KBox::pin_init(
        pin_init!(Own {
            mark,
            left,
            life: Life::new(tally),
            work <- new_work!("Own::work"),
        }),
        GFP_KERNEL,
    )
}

/// An object with a count of its own.
#[pin_data]
struct Counted {
    refs: Refcount,
    mark: u32,
    life: Life,
    #[pin]
    work: DelayedWork<Counted>,
}

// SAFETY: `counted` is the only way to get one, in a box; the count saturates.
unsafe impl AlwaysRefCounted for Counted {
    fn inc_ref(&self) {
        self.refs.inc();
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: The caller owns a reference.
        if unsafe { object.as_ref() }.refs.dec_and_test() {
            // SAFETY: It came from a box, and that was the last reference.
            drop(KBox::into_pin(unsafe { KBox::from_raw(object.as_ptr()) }));
        }
    }
}

impl_has_delayed_work! {
    impl HasDelayedWork<Counted> for Counted { self.work }
}

impl WorkItem for Counted {
    type Pointer = ARef<Self>;

    fn run(this: ARef<Self>) {
        let tally = this.life.0.clone();
        tally.mark(this.mark);
        drop(this);
        tally.done.complete_all();
    }
}

fn counted(mark: u32, tally: &Arc<Tally>) -> Result<ARef<Counted>> {
    let object = KBox::pin_init(
        pin_init!(Counted {
            refs: Refcount::new(1),
            mark,
            life: Life::new(tally),
            work <- new_delayed_work!("Counted::work"),
        }),
        GFP_KERNEL,
    )?;
    // SAFETY: Nothing moves it from here on.
    let object = KBox::into_raw(unsafe { Pin::into_inner_unchecked(object) });
    // SAFETY: It comes from a box.
    let object = unsafe { NonNull::new_unchecked(object) };
    // SAFETY: The count of one belongs to this reference.
    Ok(unsafe { ARef::from_raw(object) })
}
