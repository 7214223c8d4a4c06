# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load rnull
check "it holds its squares" logged 'rnull: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/rnull
refused "it is not loaded twice" insmod /modules/rnull.ko
unload rnull
check "it kept them until the end" logged 'rnull: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
