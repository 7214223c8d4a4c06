// SPDX-License-Identifier: GPL-2.0

//! Maps from ranges of numbers to pointers.
