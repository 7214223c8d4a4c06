// SPDX-License-Identifier: GPL-2.0
/*
 * atomic_t and atomic64_t for Rust's Atomic<i32> and Atomic<i64>: plain
 * accesses, exchanges and sums, each in every ordering it comes in.
 */

#include <linux/atomic.h>

#define RUST_ATOMIC_ACCESS(api, val)					\
__rust_helper val rust_helper_##api##_read(const api##_t *v)		\
{									\
	return api##_read(v);						\
}									\
									\
__rust_helper val rust_helper_##api##_read_acquire(const api##_t *v)	\
{									\
	return api##_read_acquire(v);					\
}									\
									\
__rust_helper void rust_helper_##api##_set(api##_t *v, val i)		\
{									\
	api##_set(v, i);						\
}									\
									\
__rust_helper void rust_helper_##api##_set_release(api##_t *v, val i)	\
{									\
	api##_set_release(v, i);					\
}									\
									\
__rust_helper void rust_helper_##api##_add(val i, api##_t *v)		\
{									\
	api##_add(i, v);						\
}

#define RUST_ATOMIC_RMW(api, val, order)				\
__rust_helper val							\
rust_helper_##api##_xchg##order(api##_t *v, val new)			\
{									\
	return api##_xchg##order(v, new);				\
}									\
									\
__rust_helper bool							\
rust_helper_##api##_try_cmpxchg##order(api##_t *v, val *old, val new)	\
{									\
	return api##_try_cmpxchg##order(v, old, new);			\
}									\
									\
__rust_helper val							\
rust_helper_##api##_fetch_add##order(val i, api##_t *v)			\
{									\
	return api##_fetch_add##order(i, v);				\
}									\
									\
__rust_helper val							\
rust_helper_##api##_fetch_sub##order(val i, api##_t *v)			\
{									\
	return api##_fetch_sub##order(i, v);				\
}

#define RUST_ATOMIC_TYPE(api, val)					\
	RUST_ATOMIC_ACCESS(api, val)					\
	RUST_ATOMIC_RMW(api, val, )					\
	RUST_ATOMIC_RMW(api, val, _acquire)				\
	RUST_ATOMIC_RMW(api, val, _release)				\
	RUST_ATOMIC_RMW(api, val, _relaxed)

RUST_ATOMIC_TYPE(atomic, int)
RUST_ATOMIC_TYPE(atomic64, s64)

#undef RUST_ATOMIC_TYPE
#undef RUST_ATOMIC_RMW
#undef RUST_ATOMIC_ACCESS
