/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-device calls in C. */

#include <linux/acpi.h>
#include <linux/delay.h>
#include <linux/dev_printk.h>
#include <linux/device.h>
#include <linux/device/faux.h>
#include <linux/firmware.h>
#include <linux/kmsg_dump.h>
#include <linux/kthread.h>
#include <linux/mod_devicetable.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/property.h>
#include <linux/sys_soc.h>
