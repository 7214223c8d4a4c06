/* SPDX-License-Identifier: GPL-2.0 */

#include <linux/err.h>
#include <linux/slab.h>

const gfp_t RUST_CONST_HELPER_GFP_KERNEL = GFP_KERNEL;
