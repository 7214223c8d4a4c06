// SPDX-License-Identifier: GPL-2.0

#include <linux/wait.h>

__rust_helper void rust_helper_init_wait(struct wait_queue_entry *entry)
{
	init_wait(entry);
}

/*
 * Unlike waitqueue_active(), looks under the queue's lock: once this has said that a queue is empty,
 * whoever took the last entry off has let go of the lock, too.
 */
__rust_helper bool rust_helper_wait_queue_is_empty(struct wait_queue_head *queue)
{
	unsigned long flags;
	bool empty;

	spin_lock_irqsave(&queue->lock, flags);
	empty = list_empty(&queue->head);
	spin_unlock_irqrestore(&queue->lock, flags);
	return empty;
}
