// SPDX-License-Identifier: GPL-2.0

//! Pools of small numbers that are handed out and come back.
