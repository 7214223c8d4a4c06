// SPDX-License-Identifier: GPL-2.0

//! Ordered maps as red-black trees.
