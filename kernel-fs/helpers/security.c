// SPDX-License-Identifier: GPL-2.0

#include <linux/security.h>

#ifndef CONFIG_SECURITY
__rust_helper int rust_helper_security_binder_set_context_mgr(const struct cred *mgr)
{
	return security_binder_set_context_mgr(mgr);
}

__rust_helper int rust_helper_security_binder_transaction(const struct cred *from,
							  const struct cred *to)
{
	return security_binder_transaction(from, to);
}

__rust_helper int rust_helper_security_binder_transfer_binder(const struct cred *from,
							      const struct cred *to)
{
	return security_binder_transfer_binder(from, to);
}

__rust_helper int rust_helper_security_binder_transfer_file(const struct cred *from,
							    const struct cred *to,
							    const struct file *file)
{
	return security_binder_transfer_file(from, to, file);
}

__rust_helper int rust_helper_security_secid_to_secctx(u32 secid, struct lsm_context *context)
{
	return security_secid_to_secctx(secid, context);
}

__rust_helper void rust_helper_security_release_secctx(struct lsm_context *context)
{
	security_release_secctx(context);
}
#endif
