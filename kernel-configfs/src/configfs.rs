// SPDX-License-Identifier: GPL-2.0

//! Configuration that user space makes with `mkdir` and writes to files.
