// SPDX-License-Identifier: GPL-2.0

#include <linux/poll.h>

__rust_helper void rust_helper_poll_wait(struct file *file, wait_queue_head_t *queue,
					 poll_table *table)
{
	poll_wait(file, queue, table);
}

/*
 * The wake-up that wake_up_pollfree() sends, whether or not the queue looks empty. That function goes
 * on to warn when entries are left; here the caller deals with those, which belong to tasks blocked
 * in poll() or select().
 */
__rust_helper void rust_helper_wake_up_poll_hangup(struct wait_queue_head *queue)
{
	__wake_up(queue, TASK_NORMAL, 0, poll_to_key(EPOLLHUP | POLLFREE));
}
