/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-workqueue calls in C. */

#include <linux/workqueue.h>
