// SPDX-License-Identifier: GPL-2.0

//! Work that is done later, in threads of the kernel.
