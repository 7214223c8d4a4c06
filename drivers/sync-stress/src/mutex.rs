// SPDX-License-Identifier: GPL-2.0

//! A mutex: accounts between which threads move money, while the sum stays the same.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    new_mutex,
    prelude::*,
    sync::{Arc, Mutex},
};

const ACCOUNTS: usize = 8;
const START: i64 = 1000;

/// What the mutex protects.
struct Books {
    accounts: [i64; ACCOUNTS],
    transfers: u64,
}

impl Books {
    fn sum(&self) -> i64 {
        self.accounts.iter().sum()
    }
}

#[pin_data]
struct Bank {
    #[pin]
    books: Mutex<Books>,
}

impl Bank {
    fn new() -> Result<Arc<Self>> {
        let books = Books {
            accounts: [START; ACCOUNTS],
            transfers: 0,
        };
        Arc::pin_init(
            pin_init!(Self { books <- new_mutex!(books, "Bank::books") }),
            GFP_KERNEL,
        )
    }

    fn transfer(&self, from: usize, to: usize) {
        let mut books = self.books.lock();
        books.accounts[from] -= 1;
        // The holder of a mutex may sleep. What it protects is half changed now, and whoever else
        // runs has to wait.
        yield_now();
        books.accounts[to] += 1;
        books.transfers += 1;
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let bank = Bank::new()?;
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let bank = bank.clone();
        let forgotten = if thread == 0 { plan.forget } else { 0 };
        crew.add(move || {
            for round in forgotten..plan.rounds {
                let from = (thread + round) as usize % ACCOUNTS;
                bank.transfer(from, (from + 3) % ACCOUNTS);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    let books = bank.books.lock();
    must_be("mutex: the sum", books.sum(), START * ACCOUNTS as i64)?;
    must_be(
        "mutex: the number of transfers",
        books.transfers,
        plan.total(),
    )?;
    pr_info!(
        "mutex: {} transfers, and the sum is still {}\n",
        books.transfers,
        books.sum()
    );
    Ok(())
}
