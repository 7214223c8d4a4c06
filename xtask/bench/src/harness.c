// SPDX-License-Identifier: GPL-2.0
/*
 * Runs each loop in C and in Rust, by turns, and prints what they took. It is built against the
 * crates, and against the tree's own crate.
 *
 * Under QEMU's -icount with shift=0 the guest's clock counts executed instructions, so the numbers
 * are the same in every run, whatever else the machine does.
 */

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>

#include "bench.h"

#define ROUNDS 10000UL
#define REPEATS 5

struct loop {
	const char *name;
	void (*in_c)(unsigned long rounds);
	void (*in_rust)(unsigned long rounds);
};

unsigned long bench_user_page;

#define LOOP(text, name) { text, bench_c_##name, bench_rust_##name }

static const struct loop loops[] = {
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

static u64 measure(void (*run)(unsigned long), unsigned long rounds)
{
	u64 start, end;

	preempt_disable();
	start = ktime_get_ns();
	preempt_enable();
	run(rounds);
	preempt_disable();
	end = ktime_get_ns();
	preempt_enable();
	return end - start;
}

static int __init bench_init(void)
{
	int repeat, i;

	/* The module is loaded by a process, and borrows a page of its memory. */
	bench_user_page = vm_mmap(NULL, 0, BENCH_COPY, PROT_READ | PROT_WRITE,
				  MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(bench_user_page))
		return bench_user_page;
	for (i = 0; i < ARRAY_SIZE(loops); i++) {
		const struct loop *loop = &loops[i];

		/* Once unmeasured, for the caches of the allocator. */
		loop->in_c(ROUNDS);
		loop->in_rust(ROUNDS);
		for (repeat = 0; repeat < REPEATS; repeat++)
			pr_info("@bench %lu %llu %llu %s\n", ROUNDS, measure(loop->in_c, ROUNDS),
				measure(loop->in_rust, ROUNDS), loop->name);
	}
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
