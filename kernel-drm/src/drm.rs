// SPDX-License-Identifier: GPL-2.0

//! Graphics devices.
