# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load nova
check "it holds its squares" logged 'nova: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/nova
refused "it is not loaded twice" insmod /modules/nova.ko
unload nova
check "it kept them until the end" logged 'nova: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
