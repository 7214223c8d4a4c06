// SPDX-License-Identifier: GPL-2.0

// A poll table is gone when the poll operation returns, and is the polling task's own.

extern crate kernel_sync as kernel;

use kernel::{
    bindings,
    sync::poll::{PollCondVar, PollTable},
};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn kept(table: PollTable<'_>) -> PollTable<'static> {
    table
}

fn safe(table: *mut bindings::poll_table) -> PollTable<'static> {
    PollTable::from_raw(table)
}

fn not_a_file(table: PollTable<'_>, cv: &PollCondVar) {
    table.register_wait(&5, cv);
}

fn main() {
    send::<PollTable<'static>>();
    sync::<PollTable<'static>>();
}
