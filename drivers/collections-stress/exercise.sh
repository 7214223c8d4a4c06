# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load collections_stress
check "it holds its squares" logged 'collections_stress: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/collections_stress
refused "it is not loaded twice" insmod /modules/collections_stress.ko
unload collections_stress
check "it kept them until the end" logged 'collections_stress: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
