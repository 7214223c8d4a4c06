/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-device calls in C. */

#include <linux/dev_printk.h>
#include <linux/device.h>
#include <linux/kmsg_dump.h>
