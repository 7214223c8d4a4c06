/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-io calls in C. */

#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
