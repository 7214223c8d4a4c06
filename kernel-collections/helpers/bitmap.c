// SPDX-License-Identifier: GPL-2.0
/* Bits that are set and cleared atomically; inline functions in C. */

#include <linux/bitops.h>

__rust_helper void rust_helper_set_bit(unsigned long nr, unsigned long *addr)
{
	set_bit(nr, addr);
}

__rust_helper void rust_helper_clear_bit(unsigned long nr, unsigned long *addr)
{
	clear_bit(nr, addr);
}
