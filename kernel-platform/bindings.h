/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-platform calls in C. */

#include <linux/ioport.h>
#include <linux/platform_device.h>
