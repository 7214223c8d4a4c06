// SPDX-License-Identifier: GPL-2.0

#include <linux/srcu.h>

/*
 * What is called on behalf of a bound device, and does not hold its lock, runs in a read side of this.
 * A resource of the device is taken away only when those that could have it are over.
 */
DEFINE_STATIC_SRCU(bound_srcu);

__rust_helper int rust_helper_bound_enter(void)
{
	return srcu_read_lock(&bound_srcu);
}

__rust_helper void rust_helper_bound_leave(int index)
{
	srcu_read_unlock(&bound_srcu, index);
}

__rust_helper void rust_helper_bound_wait(void)
{
	synchronize_srcu(&bound_srcu);
}
