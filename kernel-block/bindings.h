/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-block calls in C. */

#include <linux/blk-mq.h>
#include <linux/blk_types.h>
#include <linux/blkdev.h>
