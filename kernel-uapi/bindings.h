#include <uapi/drm/drm.h>
#include <uapi/drm/nova_drm.h>
#include <uapi/drm/panthor_drm.h>
#include <uapi/linux/ethtool.h>
#include <uapi/linux/mdio.h>
#include <uapi/linux/mii.h>
