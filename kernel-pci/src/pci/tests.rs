// SPDX-License-Identifier: GPL-2.0

//! Tests of what PCI devices say about themselves, and of drivers.
//!
//! Most are on a bus that is made of software, with one device on it: see [`testing`]. The PCI core takes
//! it for one of hardware, so they run where there is none, too.

use super::*;
use crate::sync::atomic::{Atomic, Relaxed};

mod driver_tests;
mod found;
mod ids;
