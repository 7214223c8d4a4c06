/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-drm-panic implements for C. */

#include <linux/types.h>
#include <drm/drm_panic.h>
