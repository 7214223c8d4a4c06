// SPDX-License-Identifier: GPL-2.0

#include <linux/vmalloc.h>

__rust_helper void *__must_check __realloc_size(2)
rust_helper_vrealloc_node_align(const void *old, size_t size,
				unsigned long align, gfp_t gfp, int nid)
{
	return vrealloc_node_align(old, size, align, gfp, nid);
}
