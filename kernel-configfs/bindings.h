/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-configfs calls in C. */

#include <linux/configfs.h>
