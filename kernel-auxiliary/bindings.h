/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-auxiliary calls in C. */

#include <linux/auxiliary_bus.h>
