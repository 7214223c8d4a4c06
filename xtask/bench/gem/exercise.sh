# SPDX-License-Identifier: GPL-2.0
# Measures buffers of a driver in C, and of Nova's in Rust, by turns.
load gem
load nova_stub
load nova
check "there are both" test -e /dev/dri/card0 -a -e /dev/dri/card1
check "every loop ran to its end" drm cost 5 2000 gem-in-c nova-drm
grep '^@bench ' /tmp/check.out
unload nova
unload nova_stub
unload gem
