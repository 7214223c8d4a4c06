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

/*
 * What Binder's Rust files call in C by themselves: there is no abstraction of it yet. Its own headers
 * lie beside it.
 */
#include <linux/list_lru.h>
#include <linux/shrinker.h>
#include <linux/task_work.h>
#if IS_ENABLED(CONFIG_ANDROID_BINDER_IPC_RUST)
#include <../drivers/android/binder/rust_binder.h>
#include <../drivers/android/binder/rust_binder_events.h>
#endif
