# SPDX-License-Identifier: GPL-2.0
# Loads the module with its defaults, with values at the edges of their types, and with bad ones.

load minimal
check "the defaults are in place" logged 'minimal: hello, signed [-1, -2, -3, -4, -5], unsigned [1, 2, 3, 4, 5]'
unload minimal
check "the sums of the defaults are right" logged 'minimal: good-bye, the sums were -15 and 15'

load minimal tiny=-128 byte=255 port=0xffff number=-2147483648 size=18446744073709551615
check "values at the edges are taken" logged 'signed [-128, -2, -2147483648, -4, -5], unsigned [255, 65535, 3, 18446744073709551615, 5]'
unload minimal
refused "a value out of range is refused" insmod /modules/minimal.ko byte=256
refused "a value that is no number is refused" insmod /modules/minimal.ko count=many
refused "a negative value for an unsigned parameter is refused" insmod /modules/minimal.ko count=-1
refused "a refused module is not loaded" test -e /sys/module/minimal
summary "10 parameters of 10 types: defaults, edges, and 3 bad values refused"
