// SPDX-License-Identifier: GPL-2.0

//! Memory in pieces, to copy from and to.
