/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-pci calls in C. */

#include <linux/pci.h>
#include <linux/pci_ids.h>
