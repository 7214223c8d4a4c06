/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-fs calls in C. */

#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/resource.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/uio.h>
