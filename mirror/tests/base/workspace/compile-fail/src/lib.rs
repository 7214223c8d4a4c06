// SPDX-License-Identifier: GPL-2.0

//! No part of any tree.
