// SPDX-License-Identifier: GPL-2.0

#include <linux/bug.h>
#include <linux/panic.h>

/* Where ARCH_WARN_ASM exists, Rust has the trap in its own code. */
#if defined(CONFIG_BUG) && !defined(ARCH_WARN_ASM)
__rust_helper void rust_helper_warn_at(const char *file, int line)
{
#ifdef __WARN_FLAGS
	/* The trap can only name this line. */
	WARN(1, "at %s:%d\n", file, line);
#else
	warn_slowpath_fmt(file, line, TAINT_WARN, NULL);
#endif
}
#endif
