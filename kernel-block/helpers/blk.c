// SPDX-License-Identifier: GPL-2.0

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>


/* Sets @iter to the beginning of the memory of @rq. */
__rust_helper void rust_helper_blk_rq_segments_start(struct request *rq, struct req_iterator *iter)
{
	iter->bio = rq->bio;
	if (iter->bio)
		iter->iter = iter->bio->bi_iter;
}

/*
 * One step of rq_for_each_segment(), which is a macro around a block: writes the next part of a page to
 * @bv, or returns false. A bio that only has a size, as to discard, has no parts.
 */
__rust_helper bool rust_helper_blk_rq_segments_next(struct req_iterator *iter, struct bio_vec *bv)
{
	while (iter->bio) {
		if (iter->iter.bi_size && !bio_no_advance_iter(iter->bio)) {
			*bv = bio_iter_iovec(iter->bio, iter->iter);
			bio_advance_iter_single(iter->bio, &iter->iter, bv->bv_len);
			return true;
		}
		iter->bio = iter->bio->bi_next;
		if (iter->bio)
			iter->iter = iter->bio->bi_iter;
	}
	return false;
}

__rust_helper void rust_helper_memcpy_from_page(char *to, struct page *page, size_t offset,
						size_t len)
{
	memcpy_from_page(to, page, offset, len);
}

__rust_helper void rust_helper_memcpy_to_page(struct page *page, size_t offset, const char *from,
					      size_t len)
{
	memcpy_to_page(page, offset, from, len);
}

__rust_helper void rust_helper_memzero_page(struct page *page, size_t offset, size_t len)
{
	memzero_page(page, offset, len);
}

static void rust_helper_free_disk_fops(struct gendisk *disk)
{
	kfree(disk->fops);
}

/*
 * Operations of a disk, which belong to it: C looks at them for as long as somebody has the disk open, and
 * that may be longer than the module is there which has @ops. While it is, whoever opens the disk keeps it.
 */
__rust_helper struct block_device_operations *
rust_helper_blk_mq_disk_fops(const struct blk_mq_ops *ops)
{
	struct block_device_operations *fops = kzalloc(sizeof(*fops), GFP_KERNEL);

	if (!fops)
		return NULL;
	fops->free_disk = rust_helper_free_disk_fops;
	guard(rcu)();
	fops->owner = __module_address((unsigned long)ops);
	return fops;
}
