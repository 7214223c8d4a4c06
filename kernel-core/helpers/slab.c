// SPDX-License-Identifier: GPL-2.0

#include <linux/nodemask.h>
#include <linux/slab.h>

__rust_helper void *__must_check __realloc_size(2)
rust_helper_krealloc_node_align(const void *old, size_t size,
				unsigned long align, gfp_t gfp, int nid)
{
	return krealloc_node_align(old, size, align, gfp, nid);
}

__rust_helper void *__must_check __realloc_size(2)
rust_helper_kvrealloc_node_align(const void *old, size_t size,
				 unsigned long align, gfp_t gfp, int nid)
{
	return kvrealloc_node_align(old, size, align, gfp, nid);
}

/* The caller has checked that 0 <= nid < MAX_NUMNODES. */
__rust_helper bool rust_helper_node_possible(int nid)
{
	return node_possible(nid);
}
