// SPDX-License-Identifier: GPL-2.0

#include <linux/lockdep.h>
#include <linux/mutex.h>

/* __mutex_init() is inline, and which function it ends in depends on the configuration. */
__rust_helper void rust_helper___mutex_init(struct mutex *lock, const char *name,
					    struct lock_class_key *key)
{
	__mutex_init(lock, name, key);
}

__rust_helper void rust_helper_mutex_lock(struct mutex *lock)
{
	mutex_lock(lock);
}

__rust_helper int rust_helper_mutex_trylock(struct mutex *lock)
{
	return mutex_trylock(lock);
}

__rust_helper void rust_helper_mutex_assert_is_held(struct mutex *lock)
{
	lockdep_assert_held(lock);
}
