// SPDX-License-Identifier: GPL-2.0
/*
 * Runs each loop in C and in Rust, by turns, and prints what they took.
 *
 * Under QEMU's -icount with shift=0 the guest's clock counts executed instructions, so the numbers
 * are the same in every run, whatever else the machine does.
 */

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define ROUNDS 10000UL
#define REPEATS 5

struct loop {
	const char *name;
	void (*in_c)(unsigned long rounds);
	void (*in_rust)(unsigned long rounds);
};

void bench_rust_mutex(unsigned long rounds);
void bench_rust_spinlock(unsigned long rounds);
void bench_rust_arc(unsigned long rounds);
void bench_rust_box(unsigned long rounds);

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static unsigned long guarded;

static noinline void c_mutex(unsigned long rounds)
{
	while (rounds--) {
		mutex_lock(&mutex);
		WRITE_ONCE(guarded, guarded + 1);
		mutex_unlock(&mutex);
	}
}

static noinline void c_spinlock(unsigned long rounds)
{
	while (rounds--) {
		spin_lock(&spinlock);
		WRITE_ONCE(guarded, guarded + 1);
		spin_unlock(&spinlock);
	}
}

struct counted {
	refcount_t count;
	unsigned long value;
};

static noinline void c_arc(unsigned long rounds)
{
	struct counted *counted = kmalloc(sizeof(*counted), GFP_KERNEL);

	if (!counted)
		return;
	refcount_set(&counted->count, 1);
	counted->value = 0;
	while (rounds--) {
		refcount_inc(&counted->count);
		OPTIMIZER_HIDE_VAR(counted);
		if (refcount_dec_and_test(&counted->count))
			kfree(counted);
	}
	if (refcount_dec_and_test(&counted->count))
		kfree(counted);
}

static noinline void c_box(unsigned long rounds)
{
	while (rounds--) {
		unsigned long *value = kmalloc(sizeof(*value), GFP_KERNEL);

		if (!value)
			return;
		*value = rounds;
		OPTIMIZER_HIDE_VAR(value);
		kfree(value);
	}
}

static const struct loop loops[] = {
	{ "Mutex lock+unlock", c_mutex, bench_rust_mutex },
	{ "SpinLock lock+unlock", c_spinlock, bench_rust_spinlock },
	{ "Arc clone+drop", c_arc, bench_rust_arc },
	{ "KBox new+drop", c_box, bench_rust_box },
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

	for (i = 0; i < ARRAY_SIZE(loops); i++) {
		const struct loop *loop = &loops[i];

		/* Once unmeasured, for the caches of the allocator. */
		loop->in_c(ROUNDS);
		loop->in_rust(ROUNDS);
		for (repeat = 0; repeat < REPEATS; repeat++)
			pr_info("@bench %lu %llu %llu %s\n", ROUNDS, measure(loop->in_c, ROUNDS),
				measure(loop->in_rust, ROUNDS), loop->name);
	}
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("The same loops in C and in Rust, counted");
MODULE_LICENSE("GPL");
