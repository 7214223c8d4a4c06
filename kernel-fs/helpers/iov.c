// SPDX-License-Identifier: GPL-2.0

#include <linux/uio.h>

__rust_helper size_t rust_helper_iov_iter_count(const struct iov_iter *iter)
{
	return iov_iter_count(iter);
}
