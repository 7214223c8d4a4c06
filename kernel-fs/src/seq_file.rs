// SPDX-License-Identifier: GPL-2.0

//! Files that are shown in one go.
