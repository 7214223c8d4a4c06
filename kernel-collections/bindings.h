/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-collections calls in C. */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/list.h>
#include <linux/maple_tree.h>
#include <linux/random.h>
#include <linux/rbtree.h>
#include <linux/xarray.h>

const gfp_t RUST_CONST_HELPER_XA_FLAGS_ALLOC = XA_FLAGS_ALLOC;
const gfp_t RUST_CONST_HELPER_XA_FLAGS_ALLOC1 = XA_FLAGS_ALLOC1;
const xa_mark_t RUST_CONST_HELPER_XA_PRESENT = XA_PRESENT;
