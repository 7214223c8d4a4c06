# SPDX-License-Identifier: GPL-2.0
# Loads the module, a second time too, and looks at what it says.

load mailbox
check "it holds its squares" logged 'mailbox: loaded, with 10 squares'
check "it is among the modules" test -d /sys/module/mailbox
refused "it is not loaded twice" insmod /modules/mailbox.ko
unload mailbox
check "it kept them until the end" logged 'mailbox: unloaded, the squares add up to 385'
summary "10 squares, from load to unload"
