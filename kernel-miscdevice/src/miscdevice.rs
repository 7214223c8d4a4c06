// SPDX-License-Identifier: GPL-2.0

//! Character devices of one minor number each.
