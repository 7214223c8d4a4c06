/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-regulator calls in C. */

#include <linux/regulator/consumer.h>
#include <linux/regulator/driver.h>
#include <linux/regulator/machine.h>
