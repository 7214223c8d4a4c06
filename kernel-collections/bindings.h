/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-collections calls in C. */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/list.h>
#include <linux/maple_tree.h>
#include <linux/random.h>
#include <linux/rbtree.h>
#include <linux/xarray.h>
