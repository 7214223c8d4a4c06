/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-configfs calls in C. */

#include <linux/configfs.h>
#include <linux/delay.h>

/* For its tests, which make and remove directories. */
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mnt_idmapping.h>
#include <linux/namei.h>
