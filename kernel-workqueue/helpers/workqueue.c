// SPDX-License-Identifier: GPL-2.0
/* Work items and queues; macros in C. */

#include <linux/workqueue.h>

static void init_work(struct work_struct *work, work_func_t func, const char *name,
		      struct lock_class_key *key)
{
	__INIT_WORK_KEY(work, func, 0, key);
#ifdef CONFIG_LOCKDEP
	/* The macro makes a name of its argument, which says nothing here. */
	lockdep_init_map(&work->lockdep_map, name, key, 0);
#endif
}

__rust_helper void rust_helper_init_work_with_key(struct work_struct *work, work_func_t func,
						  const char *name, struct lock_class_key *key)
{
	init_work(work, func, name, key);
}

__rust_helper void
rust_helper_init_delayed_work_with_keys(struct delayed_work *dwork, work_func_t func,
					const char *work_name, struct lock_class_key *work_key,
					const char *timer_name, struct lock_class_key *timer_key)
{
	init_work(&dwork->work, func, work_name, work_key);
	timer_init_key(&dwork->timer, delayed_work_timer_fn, TIMER_IRQSAFE, timer_name,
		       timer_key);
}

__rust_helper struct workqueue_struct *
rust_helper_alloc_workqueue(const char *name, unsigned int flags, int max_active)
{
	return alloc_workqueue("%s", flags, max_active, name);
}

__rust_helper struct workqueue_struct *rust_helper_alloc_ordered_workqueue(const char *name,
									   unsigned int flags)
{
	return alloc_ordered_workqueue("%s", flags, name);
}
