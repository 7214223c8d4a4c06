/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-drm-panic calls in C. */

#include <linux/types.h>
