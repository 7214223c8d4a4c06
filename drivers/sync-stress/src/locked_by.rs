// SPDX-License-Identifier: GPL-2.0

//! Data protected by a lock that lies elsewhere: the files of a directory, and the sum of their sizes.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    new_mutex,
    prelude::*,
    sync::{Arc, LockedBy, Mutex},
};

/// What the directory's lock has inside.
#[derive(Default)]
struct Sums {
    bytes: u64,
    changes: u64,
}

#[pin_data]
struct Directory {
    #[pin]
    sums: Mutex<Sums>,
}

/// A file, which keeps its size outside of the lock that protects it.
struct File {
    size: LockedBy<u64, Sums>,
}

impl File {
    fn new(directory: &Directory) -> Self {
        Self {
            size: LockedBy::new(&directory.sums, 0),
        }
    }

    /// Makes the file one byte longer, or empties it when it has ten bytes.
    fn change(&self, directory: &Directory) {
        let mut sums = directory.sums.lock();
        let size = self.size.access_mut(&mut sums);
        let before = *size;
        yield_now();
        *size = if before == 10 { 0 } else { before + 1 };
        let after = *size;
        sums.bytes = sums.bytes - before + after;
        sums.changes += 1;
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let directory = Arc::pin_init(
        pin_init!(Directory { sums <- new_mutex!(Sums::default(), "Directory::sums") }),
        GFP_KERNEL,
    )?;
    // Fewer files than threads, so that some threads share one.
    let mut files: KVec<Arc<File>> = KVec::new();
    for _ in 0..plan.threads.div_ceil(2) {
        files.push(Arc::new(File::new(&directory), GFP_KERNEL)?, GFP_KERNEL)?;
    }
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads as usize {
        let directory = directory.clone();
        let file = files[thread % files.len()].clone();
        crew.add(move || {
            for _ in 0..plan.rounds {
                file.change(&directory);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    let sums = directory.sums.lock();
    let bytes = files.iter().map(|file| *file.size.access(&sums)).sum();
    must_be("locked_by: the sum of the sizes", sums.bytes, bytes)?;
    must_be(
        "locked_by: the number of changes",
        sums.changes,
        plan.total(),
    )?;
    pr_info!(
        "locked_by: {} changes of {} files, and {} bytes as counted\n",
        sums.changes,
        files.len(),
        bytes
    );
    Ok(())
}
