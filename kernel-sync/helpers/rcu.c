// SPDX-License-Identifier: GPL-2.0

#include <linux/preempt.h>
#include <linux/rcupdate.h>

__rust_helper void rust_helper_rcu_read_lock(void)
{
	rcu_read_lock();
}

__rust_helper void rust_helper_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

/*
 * Whether a grace period can be waited for here, as far as can be told. A read-side critical section
 * leaves its mark in the task or in the preemption count, unless there is neither: then
 * rcu_read_lock() compiles to nothing.
 */
__rust_helper bool rust_helper_rcu_may_wait(void)
{
	return !rcu_preempt_depth() && !preempt_count();
}
