// SPDX-License-Identifier: GPL-2.0

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/phy.h>
#include <linux/sched.h>

/* Bit fields have no address, so only C can read them as C's other code does. */
__rust_helper bool rust_helper_phy_link_is_up(const struct phy_device *phydev)
{
	return phydev->link;
}

__rust_helper bool rust_helper_phy_autoneg_is_enabled(const struct phy_device *phydev)
{
	return phydev->autoneg == AUTONEG_ENABLE;
}

__rust_helper bool rust_helper_phy_autoneg_is_complete(const struct phy_device *phydev)
{
	return phydev->autoneg_complete;
}

/* Whether the caller holds the lock. Only its owner finds itself there, so that nothing has to be locked. */
__rust_helper bool rust_helper_phy_lock_is_held(struct phy_device *phydev)
{
#ifdef CONFIG_PREEMPT_RT
	return rt_mutex_owner(&phydev->lock.rtmutex) == current;
#else
	/* mutex_get_owner() is not for modules. Below the task's address there are three flags. */
	return (atomic_long_read(&phydev->lock.owner) & ~7L) == (long)current;
#endif
}
