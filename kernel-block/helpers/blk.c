// SPDX-License-Identifier: GPL-2.0

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/srcu.h>

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

#ifdef CONFIG_BLOCK
/*
 * Operations of a disk, which belong to it: C looks at them for as long as somebody has the disk open, and
 * that may be longer than the module of its driver is there.
 */
struct rust_disk_fops {
	/* The first: to free this frees all. */
	struct block_device_operations ops;
	struct module *owner;
	/* How many have the disk open without a reference to @owner. Under the disk's open_mutex. */
	unsigned int unpinned;
};

static struct rust_disk_fops *rust_helper_disk_fops(struct gendisk *disk)
{
	return (struct rust_disk_fops *)container_of(disk->fops, struct rust_disk_fops, ops);
}

/*
 * Whoever opens the disk keeps the module, but not while that is being initialised: C frees one whose init
 * function fails whatever references there are, and would give them back to what is gone.
 */
static int rust_helper_disk_open(struct gendisk *disk, blk_mode_t mode)
{
	struct rust_disk_fops *fops = rust_helper_disk_fops(disk);

#ifdef CONFIG_MODULES
	if (fops->owner && READ_ONCE(fops->owner->state) == MODULE_STATE_COMING) {
		fops->unpinned++;
		return 0;
	}
#endif
	return try_module_get(fops->owner) ? 0 : -ENXIO;
}

static void rust_helper_disk_release(struct gendisk *disk)
{
	struct rust_disk_fops *fops = rust_helper_disk_fops(disk);

	if (fops->unpinned)
		fops->unpinned--;
	else
		module_put(fops->owner);
}

static void rust_helper_disk_free(struct gendisk *disk)
{
	kfree(disk->fops);
}

/* Makes operations for a disk whose driver is part of @owner. */
__rust_helper struct block_device_operations *rust_helper_blk_mq_disk_fops(struct module *owner)
{
	struct rust_disk_fops *fops = kzalloc(sizeof(*fops), GFP_KERNEL);

	if (!fops)
		return NULL;
	fops->ops.open = rust_helper_disk_open;
	fops->ops.release = rust_helper_disk_release;
	fops->ops.free_disk = rust_helper_disk_free;
	fops->owner = owner;
	return &fops->ops;
}

/*
 * Gives up a disk that could not be added. Others may still have it for a moment; so its queue, which C would
 * do away with when they are done, goes now, while there is a set of tags.
 */
__rust_helper void rust_helper_blk_mq_put_disk_not_added(struct gendisk *disk)
{
	blk_mq_destroy_queue(disk->queue);
	clear_bit(GD_OWNS_QUEUE, &disk->state);
	put_disk(disk);
}
#endif

/* C frees the requests of @set, and those that flush its disks' caches, after who is in such a section. */
__rust_helper int rust_helper_blk_mq_tags_read_lock(struct blk_mq_tag_set *set)
{
	return srcu_read_lock(&set->tags_srcu);
}

__rust_helper void rust_helper_blk_mq_tags_read_unlock(struct blk_mq_tag_set *set, int index)
{
	srcu_read_unlock(&set->tags_srcu, index);
}
