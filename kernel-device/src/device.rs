// SPDX-License-Identifier: GPL-2.0

//! Devices, in the states that the device core has them in.
