// SPDX-License-Identifier: GPL-2.0

//! Lists: items that many threads take from one of two lists and put on the other.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks},
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, SpinLock,
    },
};

/// How many items there are for each thread.
const ITEMS: u32 = 8;

#[pin_data]
struct Item {
    number: u32,
    /// How often it was moved; what a list has is had by one thread at a time.
    moves: Atomic<u64>,
    _life: Life,
    #[pin]
    links: ListLinks,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Item { untracked; }
}
impl_list_item! {
    impl ListItem<0> for Item { using ListLinks { self.links }; }
}

#[pin_data]
struct Lists {
    #[pin]
    left: SpinLock<List<Item>>,
    #[pin]
    right: SpinLock<List<Item>>,
}

/// Takes an item out: the first, the last, or one from the middle.
fn take(list: &SpinLock<List<Item>>, round: u32) -> Option<ListArc<Item>> {
    let mut list = list.lock();
    match round % 3 {
        0 => list.pop_front(),
        1 => list.pop_back(),
        _ => {
            let mut cursor = list.cursor_front();
            cursor.move_next();
            let inner = cursor.remove_next();
            inner.or_else(|| list.pop_front())
        }
    }
}

fn put(list: &SpinLock<List<Item>>, round: u32, item: ListArc<Item>) {
    let mut list = list.lock();
    if round % 2 == 0 {
        list.push_back(item);
    } else {
        list.push_front(item);
    }
}

impl Lists {
    /// Moves an item from one list to the other.
    fn move_one(&self, round: u32) {
        let (from, to) = match round % 4 {
            0 | 1 => (&self.left, &self.right),
            _ => (&self.right, &self.left),
        };
        loop {
            // There are more items than threads that hold one, but a list may be empty for a while.
            if let Some(item) = take(from, round).or_else(|| take(to, round)) {
                // No other thread has it: reading and writing need not be one step.
                item.moves.store(item.moves.load(Relaxed) + 1, Relaxed);
                return put(to, round, item);
            }
            yield_now();
        }
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let lists = Arc::pin_init(
        pin_init!(Lists {
            left <- new_spinlock!(List::new(), "collections_stress::left"),
            right <- new_spinlock!(List::new(), "collections_stress::right"),
        }),
        GFP_KERNEL,
    )?;
    let items = plan.threads * ITEMS;
    for number in 0..items {
        let _life = lives.begin();
        let item = ListArc::pin_init(
            try_pin_init!(Item {
                number,
                moves: Atomic::new(0),
                _life,
                links <- ListLinks::new(),
            }),
            GFP_KERNEL,
        )?;
        put(&lists.left, number, item);
    }

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let lists = lists.clone();
        let rounds = match thread {
            0 => plan.rounds - plan.forget,
            _ => plan.rounds,
        };
        crew.add(move || {
            (0..rounds).for_each(|round| lists.move_one(round));
            Ok(())
        })?;
    }
    crew.work()?;

    must_be("list: items", lives.count(), items.into())?;
    let mut seen = KVec::from_elem(0u32, items as usize, GFP_KERNEL)?;
    let mut moves = 0;
    for list in [&lists.left, &lists.right] {
        while let Some(item) = take(list, 0) {
            seen[item.number as usize] += 1;
            moves += item.moves.load(Relaxed);
        }
    }
    let once = seen.iter().filter(|&&times| times == 1).count();
    must_be("list: items that are there once", once, items as usize)?;
    must_be("list: the number of moves", moves, plan.total())?;
    must_be("list: items left", lives.count(), 0)?;
    pr_info!("list: {} items were moved {} times\n", items, moves);
    Ok(())
}
