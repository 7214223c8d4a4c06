/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-clk calls in C. */

#include <linux/clk.h>
#include <linux/clk-provider.h>
#include <linux/clkdev.h>
