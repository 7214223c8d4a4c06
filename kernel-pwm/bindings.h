/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-pwm calls in C. */

#include <linux/pwm.h>
