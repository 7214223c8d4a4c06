// SPDX-License-Identifier: GPL-2.0
/* refcount_t's operations; inline functions in C. */

#include <linux/refcount.h>

__rust_helper bool rust_helper_refcount_dec_and_test(refcount_t *r)
{
	return refcount_dec_and_test(r);
}

__rust_helper void rust_helper_refcount_dec(refcount_t *r)
{
	refcount_dec(r);
}

__rust_helper void rust_helper_refcount_inc(refcount_t *r)
{
	refcount_inc(r);
}

