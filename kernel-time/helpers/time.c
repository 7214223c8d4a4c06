// SPDX-License-Identifier: GPL-2.0

#include <linux/delay.h>
#include <linux/math64.h>

__rust_helper void rust_helper_fsleep(unsigned long usecs)
{
	fsleep(usecs);
}

__rust_helper void rust_helper_udelay(unsigned long usecs)
{
	udelay(usecs);
}

/* Both are functions on 32 bits, and inline functions on 64, where only tests call them. */
__rust_helper s64 rust_helper_div64_s64(s64 dividend, s64 divisor)
{
	return div64_s64(dividend, divisor);
}

__rust_helper s64 rust_helper_div_s64_rem(s64 dividend, s32 divisor, s32 *remainder)
{
	return div_s64_rem(dividend, divisor, remainder);
}
