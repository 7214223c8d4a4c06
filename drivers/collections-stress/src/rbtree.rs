// SPDX-License-Identifier: GPL-2.0

//! Red-black trees: each thread's keys come and go, among keys that all threads count on.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    new_spinlock,
    prelude::*,
    rbtree::{RBTree, RBTreeNode},
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, SpinLock,
    },
};

/// How many keys all threads share.
const SHARED: u32 = 8;

/// How many keys a thread has for itself.
const OWN: u32 = 64;

struct Value {
    hits: u64,
    _life: Life,
}

#[pin_data]
struct Shared {
    #[pin]
    tree: SpinLock<RBTree<u32, Value>>,
    /// How many steps found the tree other than it had to be.
    wrong: Atomic<u64>,
}

impl Shared {
    /// Inserts one of the thread's keys or takes it out, in turns, and counts a shared one.
    fn step(&self, lives: &Lives, key: u32, round: u32) -> Result {
        // Nodes are made, and dropped, without the lock.
        let value = Value {
            hits: 0,
            _life: lives.begin(),
        };
        let node = RBTreeNode::new(key, value, GFP_KERNEL)?;
        let insert = round / OWN % 2 == 0;

        let mut tree = self.tree.lock();
        let counted = tree.get_mut(&(round % SHARED)).map(|value| value.hits += 1);
        let (old, unused) = if insert {
            (tree.insert(node), None)
        } else {
            (tree.remove_node(&key), Some(node))
        };
        drop(tree);

        // A key is there when it is taken out, and not when it is inserted.
        if counted.is_none() || old.is_some() == insert {
            self.wrong.add(1, Relaxed);
        }
        drop((old, unused));
        Ok(())
    }
}

/// How many of its keys a thread leaves in the tree.
fn left(rounds: u32) -> u32 {
    let rest = rounds % OWN;
    if rounds / OWN % 2 == 0 {
        rest
    } else {
        OWN - rest
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let shared = Arc::pin_init(
        pin_init!(Shared {
            tree <- new_spinlock!(RBTree::new(), "collections_stress::tree"),
            wrong: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;
    for key in 0..SHARED {
        let value = Value {
            hits: 0,
            _life: lives.begin(),
        };
        let node = RBTreeNode::new(key, value, GFP_KERNEL)?;
        shared.tree.lock().insert(node);
    }

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let (lives, shared) = (lives.clone(), shared.clone());
        crew.add(move || {
            for round in 0..plan.rounds {
                // The keys of all threads are neighbours.
                let key = SHARED + round % OWN * plan.threads + thread;
                shared.step(&lives, key, round)?;
            }
            Ok(())
        })?;
    }
    crew.work()?;

    must_be("rbtree: wrong steps", shared.wrong.load(Relaxed), 0)?;
    let keys = u64::from(SHARED) + u64::from(plan.threads) * u64::from(left(plan.rounds));
    must_be("rbtree: nodes", lives.count(), keys)?;

    let tree = core::mem::replace(&mut *shared.tree.lock(), RBTree::new());
    must_be("rbtree: keys", tree.iter().count() as u64, keys)?;
    must_be("rbtree: keys in order", tree.keys().is_sorted(), true)?;
    let hits: u64 = tree.values().map(|value| value.hits).sum();
    must_be("rbtree: the sum of the hits", hits, plan.total())?;
    drop(tree);
    must_be("rbtree: nodes left", lives.count(), 0)?;
    pr_info!("rbtree: {} steps left {} keys, in order\n", hits, keys);
    Ok(())
}
