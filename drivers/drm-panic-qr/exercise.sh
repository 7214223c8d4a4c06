# SPDX-License-Identifier: GPL-2.0
# Loads the module, which draws codes of all sizes, then fewer; and with sizes that there are not.

load drm_panic_qr
check "codes of all sizes are drawn, and right" logged 'drm_panic_qr: versions 1 to 40: 154 codes, 0 of them wrong, digest da528b6a'
unload drm_panic_qr
check "it kept what they came to" logged 'drm_panic_qr: unloaded, after 154 codes'
load drm_panic_qr largest=1
check "the smallest size is, too" logged 'drm_panic_qr: versions 1 to 1: 2 codes, 0 of them wrong, digest 6998135f'
refused "it is not loaded twice" insmod /modules/drm_panic_qr.ko
unload drm_panic_qr
refused "there is no size 0" insmod /modules/drm_panic_qr.ko largest=0
refused "there is no size 41" insmod /modules/drm_panic_qr.ko largest=41
refused "a module that was refused is not loaded" test -e /sys/module/drm_panic_qr
summary "codes of 40 sizes, full and longer by a byte, with and without a URL"
