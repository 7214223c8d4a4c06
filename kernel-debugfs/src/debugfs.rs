// SPDX-License-Identifier: GPL-2.0

//! Files for whoever debugs.
