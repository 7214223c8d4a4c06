// SPDX-License-Identifier: GPL-2.0

#include <linux/cleanup.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>

__rust_helper struct pid_namespace *rust_helper_get_pid_ns(struct pid_namespace *ns)
{
	return get_pid_ns(ns);
}

__rust_helper void rust_helper_put_pid_ns(struct pid_namespace *ns)
{
	put_pid_ns(ns);
}

/* The namespace of a task goes when the task exits: RCU keeps it until the count is taken. */
__rust_helper struct pid_namespace *rust_helper_task_get_pid_ns(struct task_struct *task)
{
	struct pid_namespace *ns;

	guard(rcu)();
	ns = task_active_pid_ns(task);
	return ns ? get_pid_ns(ns) : NULL;
}
