// SPDX-License-Identifier: GPL-2.0

#include <linux/lockdep.h>

/* Both are functions with CONFIG_LOCKDEP, and empty inline functions without. */
__rust_helper void rust_helper_lockdep_register_key(struct lock_class_key *key)
{
	lockdep_register_key(key);
}

__rust_helper void rust_helper_lockdep_unregister_key(struct lock_class_key *key)
{
	lockdep_unregister_key(key);
}
