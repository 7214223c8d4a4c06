# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load drm_panic_qr
check "it holds its squares" logged 'drm_panic_qr: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/drm_panic_qr
refused "it is not loaded twice" insmod /modules/drm_panic_qr.ko
unload drm_panic_qr
check "it kept them until the end" logged 'drm_panic_qr: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
