// SPDX-License-Identifier: GPL-2.0

//! Only files are polled.

extern crate kernel_fs as kernel;

use kernel::{
    cred::Credential,
    sync::poll::{PollCondVar, PollTable},
};

fn wait(table: &PollTable<'_>, cred: &Credential, condvar: &PollCondVar) {
    table.register_wait(cred, condvar);
}

fn main() {}
