/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-net-phy calls in C. */

#include <linux/ethtool.h>
#include <linux/mdio.h>
#include <linux/phy.h>
