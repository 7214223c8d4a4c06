// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls that Nova's DRM drivers have for buffers, in C: what those in Rust are measured against.
 */

#include <linux/device/faux.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>

#include <uapi/drm/nova_drm.h>

static void drm_in_c_free(struct drm_gem_object *object)
{
	drm_gem_object_release(object);
	kfree(object);
}

static const struct drm_gem_object_funcs drm_in_c_object = {
	.free = drm_in_c_free,
};

static int drm_in_c_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_create *args = data;
	struct drm_gem_object *object;
	size_t size;
	int ret;

	if (!args->size || args->size > SIZE_MAX - PAGE_SIZE)
		return -EINVAL;
	size = PAGE_ALIGN(args->size);
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	if (!object)
		return -ENOMEM;
	object->funcs = &drm_in_c_object;
	ret = drm_gem_object_init(drm, object, size);
	if (ret) {
		drm_gem_private_object_fini(object);
		kfree(object);
		return ret;
	}
	ret = drm_gem_handle_create(file, object, &args->handle);
	/* The handle has a reference of its own. */
	drm_gem_object_put(object);
	return ret;
}

static int drm_in_c_info(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_info *args = data;
	struct drm_gem_object *object = drm_gem_object_lookup(file, args->handle);

	if (!object)
		return -ENOENT;
	args->size = object->size;
	drm_gem_object_put(object);
	return 0;
}

static const struct drm_ioctl_desc drm_in_c_ioctls[] = {
	DRM_IOCTL_DEF_DRV(NOVA_GEM_CREATE, drm_in_c_create, DRM_AUTH | DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_INFO, drm_in_c_info, DRM_AUTH | DRM_RENDER_ALLOW),
};

DEFINE_DRM_GEM_FOPS(drm_in_c_fops);

static const struct drm_driver drm_in_c_driver = {
	.driver_features = DRIVER_GEM,
	.fops = &drm_in_c_fops,
	.ioctls = drm_in_c_ioctls,
	.num_ioctls = ARRAY_SIZE(drm_in_c_ioctls),
	.name = "drm_in_c",
	.desc = "Nova's ioctls for buffers, in C",
	.major = 0,
	.minor = 0,
	.patchlevel = 0,
};

static struct faux_device *parent;
static struct drm_device *drm;

static int __init drm_in_c_init(void)
{
	int ret;

	parent = faux_device_create("drm_in_c", NULL, NULL);
	if (!parent)
		return -ENODEV;
	drm = drm_dev_alloc(&drm_in_c_driver, &parent->dev);
	if (IS_ERR(drm)) {
		ret = PTR_ERR(drm);
		goto no_device;
	}
	ret = drm_dev_register(drm, 0);
	if (ret)
		goto not_registered;
	return 0;

not_registered:
	drm_dev_put(drm);
no_device:
	faux_device_destroy(parent);
	return ret;
}
module_init(drm_in_c_init);

static void __exit drm_in_c_exit(void)
{
	drm_dev_unplug(drm);
	drm_dev_put(drm);
	faux_device_destroy(parent);
}
module_exit(drm_in_c_exit);

MODULE_DESCRIPTION("Nova's ioctls for buffers, in C");
MODULE_LICENSE("GPL");
