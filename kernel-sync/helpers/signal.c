// SPDX-License-Identifier: GPL-2.0

#include <linux/sched.h>
#include <linux/sched/signal.h>

__rust_helper int rust_helper_signal_pending(struct task_struct *task)
{
	return signal_pending(task);
}

/* For this crate, which lies below the one that knows tasks. */
__rust_helper int rust_helper_current_signal_pending(void)
{
	return signal_pending(current);
}
