// SPDX-License-Identifier: GPL-2.0

//! Points in time and what lies between them, delays and timers.
