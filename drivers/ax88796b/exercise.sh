# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load asix_phy
check "it holds its squares" logged 'asix_phy: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/asix_phy
refused "it is not loaded twice" insmod /modules/asix_phy.ko
unload asix_phy
check "it kept them until the end" logged 'asix_phy: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
