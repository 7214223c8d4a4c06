// SPDX-License-Identifier: GPL-2.0

#include <linux/err.h>

__rust_helper long rust_helper_PTR_ERR(const void *ptr)
{
	return PTR_ERR(ptr);
}
