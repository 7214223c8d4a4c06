// SPDX-License-Identifier: GPL-2.0
/*
 * What locks, counters, containers and the like cost.
 */

#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>

#include "bench.h"

unsigned long bench_user_page;

static const struct bench_loop loops[] = {
	LOOP("Mutex lock+unlock", mutex),
	LOOP("SpinLock lock+unlock", spinlock),
	LOOP("Arc clone+drop", arc),
	LOOP("KBox new+drop", box),
	LOOP("List push+pop", list),
	LOOP("RBTree insert+find+remove, among 256", rbtree),
	LOOP("XArray store+load", xarray),
	LOOP("HrTimer start+cancel", hrtimer),
	LOOP("Work enqueue to run", work),
	LOOP("4 KiB to user space and back", user_copy),
};

static int __init bench_init(void)
{
	/* The module is loaded by a process, and borrows a page of its memory. */
	bench_user_page = vm_mmap(NULL, 0, BENCH_COPY, PROT_READ | PROT_WRITE,
				  MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(bench_user_page))
		return bench_user_page;
	bench_run(loops, ARRAY_SIZE(loops));
	vm_munmap(bench_user_page, BENCH_COPY);
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("The same loops in C and in Rust, counted");
MODULE_LICENSE("GPL");
