// SPDX-License-Identifier: GPL-2.0

//! Sets of small numbers, as bits.
