// SPDX-License-Identifier: GPL-2.0
/*
 * The loops in C: what the Rust side does with abstractions, written as a C driver would write it.
 */

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "bench.h"

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static unsigned long guarded;

void bench_c_mutex(unsigned long rounds)
{
	while (rounds--) {
		mutex_lock(&mutex);
		WRITE_ONCE(guarded, guarded + 1);
		mutex_unlock(&mutex);
	}
}

void bench_c_spinlock(unsigned long rounds)
{
	while (rounds--) {
		spin_lock(&spinlock);
		WRITE_ONCE(guarded, guarded + 1);
		spin_unlock(&spinlock);
	}
}

struct counted {
	refcount_t count;
	unsigned long value;
};

void bench_c_arc(unsigned long rounds)
{
	struct counted *counted = kmalloc(sizeof(*counted), GFP_KERNEL);

	if (!counted)
		return;
	refcount_set(&counted->count, 1);
	counted->value = 0;
	while (rounds--) {
		refcount_inc(&counted->count);
		OPTIMIZER_HIDE_VAR(counted);
		if (refcount_dec_and_test(&counted->count))
			kfree(counted);
	}
	if (refcount_dec_and_test(&counted->count))
		kfree(counted);
}

void bench_c_box(unsigned long rounds)
{
	while (rounds--) {
		unsigned long *value = kmalloc(sizeof(*value), GFP_KERNEL);

		if (!value)
			return;
		*value = rounds;
		OPTIMIZER_HIDE_VAR(value);
		kfree(value);
	}
}

struct entry {
	struct list_head links;
	unsigned long value;
};

void bench_c_list(unsigned long rounds)
{
	struct entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	LIST_HEAD(list);

	if (!entry)
		return;
	entry->value = 0;
	while (rounds--) {
		list_add_tail(&entry->links, &list);
		OPTIMIZER_HIDE_VAR(entry);
		entry = list_first_entry_or_null(&list, struct entry, links);
		if (!entry)
			return;
		list_del_init(&entry->links);
	}
	kfree(entry);
}

struct node {
	struct rb_node links;
	unsigned long key;
	unsigned long value;
};

static struct node *tree_find(struct rb_root *root, unsigned long key)
{
	struct rb_node *at = root->rb_node;

	while (at) {
		struct node *node = rb_entry(at, struct node, links);

		if (key < node->key)
			at = at->rb_left;
		else if (key > node->key)
			at = at->rb_right;
		else
			return node;
	}
	return NULL;
}

static bool tree_insert(struct rb_root *root, unsigned long key, unsigned long value)
{
	struct rb_node **at = &root->rb_node, *parent = NULL;
	struct node *new = kmalloc(sizeof(*new), GFP_KERNEL);

	if (!new)
		return false;
	new->key = key;
	new->value = value;
	while (*at) {
		struct node *node = rb_entry(*at, struct node, links);

		parent = *at;
		if (key < node->key) {
			at = &parent->rb_left;
		} else if (key > node->key) {
			at = &parent->rb_right;
		} else {
			rb_replace_node(parent, &new->links, root);
			kfree(node);
			return true;
		}
	}
	rb_link_node(&new->links, parent, at);
	rb_insert_color(&new->links, root);
	return true;
}

static void tree_remove(struct rb_root *root, unsigned long key)
{
	struct node *node = tree_find(root, key);

	if (node) {
		rb_erase(&node->links, root);
		kfree(node);
	}
}

void bench_c_rbtree(unsigned long rounds)
{
	struct rb_root root = RB_ROOT;
	unsigned long key;

	for (key = 0; key < 2 * BENCH_ENTRIES; key += 2)
		if (!tree_insert(&root, key, key))
			goto out;
	for (; rounds; rounds--) {
		struct node *node;

		key = rounds % BENCH_ENTRIES * 2 + 1;
		if (!tree_insert(&root, key, rounds))
			goto out;
		node = tree_find(&root, key);
		OPTIMIZER_HIDE_VAR(node);
		tree_remove(&root, key);
	}
out:
	for (key = 0; key < 2 * BENCH_ENTRIES; key += 2)
		tree_remove(&root, key);
}

void bench_c_xarray(unsigned long rounds)
{
	unsigned long *spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	unsigned long *present = kmalloc(sizeof(*present), GFP_KERNEL);
	DEFINE_XARRAY_ALLOC(array);

	if (!spare || !present || xa_err(xa_store(&array, 1, present, GFP_KERNEL))) {
		kfree(spare);
		kfree(present);
		return;
	}
	*spare = 0;
	*present = 0;
	while (rounds--) {
		unsigned long *found;

		xa_lock(&array);
		spare = __xa_store(&array, 1, spare, GFP_KERNEL);
		found = xa_load(&array, 1);
		OPTIMIZER_HIDE_VAR(found);
		xa_unlock(&array);
		if (xa_is_err(spare))
			return;
	}
	kfree(spare);
	kfree(xa_erase(&array, 1));
	xa_destroy(&array);
}

static enum hrtimer_restart c_expired(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

void bench_c_hrtimer(unsigned long rounds)
{
	static struct hrtimer timer;

	hrtimer_setup(&timer, c_expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	while (rounds--) {
		hrtimer_start(&timer, ns_to_ktime(NSEC_PER_SEC), HRTIMER_MODE_REL);
		hrtimer_cancel(&timer);
	}
}

static DECLARE_COMPLETION(done);

void bench_work_is_done(void)
{
	complete(&done);
}

void bench_wait_for_work(void)
{
	wait_for_completion(&done);
}

static void c_run(struct work_struct *work)
{
	bench_work_is_done();
}

static DECLARE_WORK(c_work, c_run);

void bench_c_work(unsigned long rounds)
{
	while (rounds--) {
		queue_work(system_percpu_wq, &c_work);
		bench_wait_for_work();
	}
}

void bench_c_user_copy(unsigned long rounds)
{
	void __user *there = (void __user *)bench_user_page;
	void *here = kzalloc(BENCH_COPY, GFP_KERNEL);

	if (!here)
		return;
	while (rounds--)
		if (copy_to_user(there, here, BENCH_COPY) || copy_from_user(here, there, BENCH_COPY))
			break;
	kfree(here);
}
