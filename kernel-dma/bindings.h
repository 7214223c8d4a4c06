/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-dma calls in C. */

#include <linux/dma-direction.h>
#include <linux/dma-mapping.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>
