/* SPDX-License-Identifier: GPL-2.0 */

#include <linux/bug.h>

// What C's preprocessor leaves below the next line is Rust: see bug.rs.
// Cut here.

::kernel::concat_literals!(ARCH_WARN_REACHABLE)
