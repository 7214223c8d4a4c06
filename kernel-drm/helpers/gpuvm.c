// SPDX-License-Identifier: GPL-2.0

#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>

#if IS_BUILTIN(CONFIG_DRM_GPUVM)
__rust_helper struct drm_gpuvm *rust_helper_drm_gpuvm_get(struct drm_gpuvm *gpuvm)
{
	return drm_gpuvm_get(gpuvm);
}

__rust_helper struct drm_gpuvm_bo *rust_helper_drm_gpuvm_bo_get(struct drm_gpuvm_bo *vm_bo)
{
	return drm_gpuvm_bo_get(vm_bo);
}

/* Initialises the list of an object that was zeroed, and whose driver does not set DRIVER_GEM_GPUVA. */
__rust_helper void rust_helper_drm_gem_gpuva_init_once(struct drm_gem_object *obj)
{
	mutex_lock(&obj->gpuva.lock);
	if (!obj->gpuva.list.next)
		drm_gem_gpuva_init(obj);
	mutex_unlock(&obj->gpuva.lock);
}

/* Links with the lock that immediate mode has for it. */
__rust_helper void rust_helper_drm_gpuva_link_immediate(struct drm_gpuva *va,
							struct drm_gpuvm_bo *vm_bo)
{
	mutex_lock(&vm_bo->obj->gpuva.lock);
	drm_gpuva_link(va, vm_bo);
	mutex_unlock(&vm_bo->obj->gpuva.lock);
}
#endif
