// SPDX-License-Identifier: GPL-2.0

//! Cases that need disks.
