// SPDX-License-Identifier: GPL-2.0

#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/*
 * hrtimer_forward() for a timer that is not queued: otherwise returns 0 and changes nothing.
 *
 * Whether it is queued changes under the lock of its base, so nobody queues it meanwhile: the expiry
 * time of a queued timer must stay as it is, or the queue is out of order. The base itself stays the
 * same while the callback of the timer runs, and while nobody starts it.
 */
__rust_helper u64 rust_helper_hrtimer_forward_unless_queued(struct hrtimer *timer, ktime_t now,
							    ktime_t interval)
{
	struct hrtimer_cpu_base *cpu_base = timer->base->cpu_base;
	unsigned long flags;
	u64 overruns = 0;

	raw_spin_lock_irqsave(&cpu_base->lock, flags);
	if (!hrtimer_is_queued(timer))
		overruns = hrtimer_forward(timer, now, interval);
	raw_spin_unlock_irqrestore(&cpu_base->lock, flags);
	return overruns;
}

/*
 * The task that runs, or that was interrupted by what runs: it does not go on before that has ended.
 * Never 0. For this crate, which lies below the one that knows tasks.
 */
__rust_helper unsigned long rust_helper_hrtimer_context(void)
{
	return (unsigned long)current;
}
