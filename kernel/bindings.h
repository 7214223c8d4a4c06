/* SPDX-License-Identifier: GPL-2.0 */
/* What modules of the kernel tree itself expect of the bindings, beyond what the crates call. */

#include <trace/events/rust_sample.h>
