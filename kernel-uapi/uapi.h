/* SPDX-License-Identifier: GPL-2.0 */
/* What drivers may name of the user-space interface: see README.md. */

#include <uapi/asm-generic/ioctl.h>
#include <uapi/linux/android/binder.h>
