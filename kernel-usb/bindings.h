/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-usb calls in C. */

#include <linux/usb.h>
