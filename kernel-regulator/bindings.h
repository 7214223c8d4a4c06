/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-regulator calls in C. */

#include <linux/regulator/consumer.h>
