/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-block calls in C. */

#include <linux/blk-mq.h>
#include <linux/blk_types.h>
#include <linux/blkdev.h>

/* Their types keep bindgen from seeing these as numbers. */
const blk_features_t RUST_CONST_HELPER_BLK_FEAT_WRITE_CACHE = BLK_FEAT_WRITE_CACHE;
const blk_features_t RUST_CONST_HELPER_BLK_FEAT_FUA = BLK_FEAT_FUA;
const blk_features_t RUST_CONST_HELPER_BLK_FEAT_ROTATIONAL = BLK_FEAT_ROTATIONAL;
