// SPDX-License-Identifier: GPL-2.0

#include <linux/gpu_buddy.h>

__rust_helper __u64 rust_helper_gpu_buddy_block_offset(const struct gpu_buddy_block *block)
{
	return gpu_buddy_block_offset(block);
}

__rust_helper __u64 rust_helper_gpu_buddy_block_size(struct gpu_buddy *mm,
						     struct gpu_buddy_block *block)
{
	return gpu_buddy_block_size(mm, block);
}

__rust_helper bool rust_helper_gpu_buddy_block_is_clear(struct gpu_buddy_block *block)
{
	return gpu_buddy_block_is_clear(block);
}
