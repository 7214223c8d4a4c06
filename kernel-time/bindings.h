/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-time calls in C. */

#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
