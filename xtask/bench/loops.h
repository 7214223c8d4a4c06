/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs loops in C and in Rust, by turns, and prints what they took. A module with such loops is built
 * against the crates, and against the tree's own crate.
 *
 * Under QEMU's -icount with shift=0 the guest's clock counts executed instructions, so the numbers
 * are the same in every run, whatever else the machine does.
 */

#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/printk.h>

#define BENCH_ROUNDS 10000UL
#define BENCH_REPEATS 5

struct bench_loop {
	const char *name;
	void (*in_c)(unsigned long rounds);
	void (*in_rust)(unsigned long rounds);
};

/* The two functions of a loop. */
#define BENCH_LOOP(name)                           \
	void bench_c_##name(unsigned long rounds); \
	void bench_rust_##name(unsigned long rounds)

/* The loop, under the name that is shown. */
#define LOOP(text, name) { text, bench_c_##name, bench_rust_##name }

static inline u64 bench_measure(void (*run)(unsigned long), unsigned long rounds)
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

static inline void bench_run(const struct bench_loop *loops, int count)
{
	const struct bench_loop *loop;
	int repeat;

	for (loop = loops; loop < loops + count; loop++) {
		/* Once unmeasured, for the caches of the allocator. */
		loop->in_c(BENCH_ROUNDS);
		loop->in_rust(BENCH_ROUNDS);
		for (repeat = 0; repeat < BENCH_REPEATS; repeat++)
			pr_info("@bench %lu %llu %llu %s\n", BENCH_ROUNDS,
				bench_measure(loop->in_c, BENCH_ROUNDS),
				bench_measure(loop->in_rust, BENCH_ROUNDS), loop->name);
	}
}

#endif
