// SPDX-License-Identifier: GPL-2.0

#include <linux/cred.h>
#include <linux/security.h>

__rust_helper const struct cred *rust_helper_get_cred(const struct cred *cred)
{
	return get_cred(cred);
}

__rust_helper void rust_helper_put_cred(const struct cred *cred)
{
	put_cred(cred);
}

#ifndef CONFIG_SECURITY
__rust_helper void rust_helper_security_cred_getsecid(const struct cred *cred, u32 *secid)
{
	security_cred_getsecid(cred, secid);
}
#endif
