# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load amcc_qt2025
check "it holds its squares" logged 'amcc_qt2025: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/amcc_qt2025
refused "it is not loaded twice" insmod /modules/amcc_qt2025.ko
unload amcc_qt2025
check "it kept them until the end" logged 'amcc_qt2025: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
