/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel-drm calls in C. */

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_gpuvm.h>
#include <drm/drm_ioctl.h>
#include <linux/dma-resv.h>
#include <linux/gpu_buddy.h>
