// SPDX-License-Identifier: GPL-2.0

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/phy.h>

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

/* False only if the caller does not hold the lock. Lockdep knows who does, others whether anyone does. */
__rust_helper bool rust_helper_phy_lock_may_be_held(struct phy_device *phydev)
{
#ifdef CONFIG_LOCKDEP
	if (lockdep_is_held(&phydev->lock) == LOCK_STATE_NOT_HELD)
		return false;
#endif
	return mutex_is_locked(&phydev->lock);
}
