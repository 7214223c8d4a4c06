// SPDX-License-Identifier: GPL-2.0

//! The part of printing that needs no log, on the host.

use kernel_core::print::OnceLite;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Barrier;

#[test]
fn once_is_once_among_threads() {
    for _ in 0..200 {
        let once = OnceLite::new();
        let calls = AtomicUsize::new(0);
        let winners = AtomicUsize::new(0);
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    if once.call_once(|| {
                        calls.fetch_add(1, Ordering::Relaxed);
                    }) {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(calls.into_inner(), 1);
        assert_eq!(winners.into_inner(), 1);
    }
}
