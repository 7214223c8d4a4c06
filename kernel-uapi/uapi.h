/* SPDX-License-Identifier: GPL-2.0 */
/* What drivers may name of the user-space interface: see README.md. */

#include <uapi/asm-generic/ioctl.h>
#include <uapi/linux/android/binder.h>
#include <uapi/drm/drm.h>
#include <uapi/drm/nova_drm.h>
#include <uapi/drm/panthor_drm.h>
#include <uapi/linux/ethtool.h>
#include <uapi/linux/mdio.h>
#include <uapi/linux/mii.h>
