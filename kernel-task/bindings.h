/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-task calls in C. */

#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/uidgid.h>
