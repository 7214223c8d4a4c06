// SPDX-License-Identifier: GPL-2.0
/*
 * What Nova's DRM driver offers, as a driver in C has it: the same ioctls, on buffers of the same kind. None
 * runs while the device goes. Its device stands for itself.
 */

#include <linux/device/faux.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <uapi/drm/nova_drm.h>

/* What there is to ask for. */
#define BAR_SIZE SZ_256M

struct gem_card {
	struct drm_device drm;
	u64 bar_size;
};

static struct faux_device *faux;
static struct gem_card *card;

static void gem_free(struct drm_gem_object *obj)
{
	drm_gem_object_release(obj);
	kfree(obj);
}

static const struct drm_gem_object_funcs gem_funcs = {
	.free = gem_free,
};

static int gem_do_getparam(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_nova_getparam *args = data;

	switch (args->param) {
	case NOVA_GETPARAM_VRAM_BAR_SIZE:
		args->value = container_of(dev, struct gem_card, drm)->bar_size;
		return 0;
	default:
		return -EINVAL;
	}
}

static int gem_do_create(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_nova_gem_create *args = data;
	struct drm_gem_object *obj;
	int err;

	if (args->pad || !args->size || args->size > SIZE_MAX - PAGE_SIZE)
		return -EINVAL;
	obj = kzalloc_obj(*obj);
	if (!obj)
		return -ENOMEM;
	obj->funcs = &gem_funcs;
	err = drm_gem_object_init(dev, obj, PAGE_ALIGN(args->size));
	if (err) {
		drm_gem_private_object_fini(obj);
		kfree(obj);
		return err;
	}
	err = drm_gem_handle_create(file, obj, &args->handle);
	drm_gem_object_put(obj);
	return err;
}

static int gem_do_info(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_nova_gem_info *args = data;
	struct drm_gem_object *obj;

	if (args->pad)
		return -EINVAL;
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;
	args->size = obj->size;
	drm_gem_object_put(obj);
	return 0;
}

/* The ioctl, which finds the device there until it is done. */
#define GUARDED(name)									\
static int gem_##name(struct drm_device *dev, void *data, struct drm_file *file)	\
{											\
	int err, index;									\
											\
	if (!drm_dev_enter(dev, &index))						\
		return -ENODEV;								\
	err = gem_do_##name(dev, data, file);						\
	drm_dev_exit(index);								\
	return err;									\
}

GUARDED(getparam)
GUARDED(create)
GUARDED(info)

static const struct drm_ioctl_desc gem_ioctls[] = {
	DRM_IOCTL_DEF_DRV(NOVA_GETPARAM, gem_getparam, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_CREATE, gem_create, DRM_AUTH | DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_INFO, gem_info, DRM_AUTH | DRM_RENDER_ALLOW),
};

DEFINE_DRM_GEM_FOPS(gem_fops);

static const struct drm_driver gem_driver = {
	.driver_features = DRIVER_GEM,
	.ioctls = gem_ioctls,
	.num_ioctls = ARRAY_SIZE(gem_ioctls),
	.fops = &gem_fops,
	.name = "gem-in-c",
	.desc = "Buffers, in C",
};

static int gem_probe(struct faux_device *dev)
{
	card = devm_drm_dev_alloc(&dev->dev, &gem_driver, struct gem_card, drm);
	if (IS_ERR(card))
		return PTR_ERR(card);
	card->bar_size = BAR_SIZE;
	return drm_dev_register(&card->drm, 0);
}

static void gem_remove(struct faux_device *dev)
{
	drm_dev_unplug(&card->drm);
}

static const struct faux_device_ops gem_ops = {
	.probe = gem_probe,
	.remove = gem_remove,
};

static int __init gem_init(void)
{
	faux = faux_device_create("gem-in-c", NULL, &gem_ops);
	return faux ? 0 : -ENODEV;
}
module_init(gem_init);

static void __exit gem_exit(void)
{
	faux_device_destroy(faux);
}
module_exit(gem_exit);

MODULE_DESCRIPTION("The ioctls of Nova's DRM driver, in C");
MODULE_LICENSE("GPL");
