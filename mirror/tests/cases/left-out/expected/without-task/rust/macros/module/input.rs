// SPDX-License-Identifier: GPL-2.0

//! What `module!` is given.
