// SPDX-License-Identifier: GPL-2.0

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

/* The module that @addr lies in, which the caller has to keep from going; NULL for the kernel. */
__rust_helper struct module *rust_helper_module_at(const void *addr)
{
	guard(rcu)();
	return __module_address((unsigned long)addr);
}

/* Whether @module has not come to the end of its init function yet. NULL has. */
__rust_helper bool rust_helper_module_is_coming(struct module *module)
{
#ifdef CONFIG_MODULES
	return module && READ_ONCE(module->state) == MODULE_STATE_COMING;
#else
	return false;
#endif
}

#ifndef CONFIG_MODULE_UNLOAD
__rust_helper bool rust_helper_try_module_get(struct module *module)
{
	return try_module_get(module);
}

__rust_helper void rust_helper_module_put(struct module *module)
{
	module_put(module);
}
#endif
