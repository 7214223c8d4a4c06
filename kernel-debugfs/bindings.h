/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-debugfs calls in C. */

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/mount.h>
