/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-i2c calls in C. */

#include <linux/i2c.h>
