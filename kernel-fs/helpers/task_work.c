// SPDX-License-Identifier: GPL-2.0

#include <linux/task_work.h>

__rust_helper void rust_helper_init_task_work(struct callback_head *work, task_work_func_t func)
{
	init_task_work(work, func);
}
