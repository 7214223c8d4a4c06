// SPDX-License-Identifier: GPL-2.0
/*
 * Atomic accesses to bytes, half words and pointers for Rust. C has no
 * atomic_t of these sizes: it uses READ_ONCE(), WRITE_ONCE(), xchg() and their
 * kin on plain variables, and so do these.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define RUST_ATOMIC_EXT_ACCESS(name, val)				\
__rust_helper val rust_helper_atomic_##name##_read(val *ptr)		\
{									\
	return READ_ONCE(*ptr);						\
}									\
									\
__rust_helper val rust_helper_atomic_##name##_read_acquire(val *ptr)	\
{									\
	return smp_load_acquire(ptr);					\
}									\
									\
__rust_helper void rust_helper_atomic_##name##_set(val *ptr, val new)	\
{									\
	WRITE_ONCE(*ptr, new);						\
}									\
									\
__rust_helper void							\
rust_helper_atomic_##name##_set_release(val *ptr, val new)		\
{									\
	smp_store_release(ptr, new);					\
}

#define RUST_ATOMIC_EXT_RMW(name, val, order)				\
__rust_helper val							\
rust_helper_atomic_##name##_xchg##order(val *ptr, val new)		\
{									\
	return xchg##order(ptr, new);					\
}									\
									\
__rust_helper bool							\
rust_helper_atomic_##name##_try_cmpxchg##order(val *ptr, val *old,	\
					       val new)			\
{									\
	return try_cmpxchg##order(ptr, old, new);			\
}

#define RUST_ATOMIC_EXT_TYPE(name, val)					\
	RUST_ATOMIC_EXT_ACCESS(name, val)				\
	RUST_ATOMIC_EXT_RMW(name, val, )				\
	RUST_ATOMIC_EXT_RMW(name, val, _acquire)			\
	RUST_ATOMIC_EXT_RMW(name, val, _release)			\
	RUST_ATOMIC_EXT_RMW(name, val, _relaxed)

RUST_ATOMIC_EXT_TYPE(i8, s8)
RUST_ATOMIC_EXT_TYPE(i16, s16)
RUST_ATOMIC_EXT_TYPE(ptr, const void *)

#undef RUST_ATOMIC_EXT_TYPE
#undef RUST_ATOMIC_EXT_RMW
#undef RUST_ATOMIC_EXT_ACCESS
