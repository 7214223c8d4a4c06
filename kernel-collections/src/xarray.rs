// SPDX-License-Identifier: GPL-2.0

//! Sparse arrays of pointers.
