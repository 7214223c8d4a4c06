// SPDX-License-Identifier: GPL-2.0
/* C's driver for Asix's PHYs, for comparison with the one in Rust. */
#include "ax88796b.c"
