/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-miscdevice calls in C. */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
