/* SPDX-License-Identifier: GPL-2.0 */
/* What the harness and the loops share. */

#ifndef BENCH_H
#define BENCH_H

#include "../../loops.h"

/* How many entries the tree has beside the one that comes and goes. */
#define BENCH_ENTRIES 256

/* How many bytes go to user space and back. */
#define BENCH_COPY 4096

/* Where in user space they go. */
extern unsigned long bench_user_page;

/* What a work item calls at its end, and what waits for it: in C on both sides. */
void bench_work_is_done(void);
void bench_wait_for_work(void);

BENCH_LOOP(mutex);
BENCH_LOOP(spinlock);
BENCH_LOOP(arc);
BENCH_LOOP(box);
BENCH_LOOP(list);
BENCH_LOOP(rbtree);
BENCH_LOOP(xarray);
BENCH_LOOP(hrtimer);
BENCH_LOOP(work);
BENCH_LOOP(user_copy);

#endif
