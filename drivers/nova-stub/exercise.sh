# SPDX-License-Identifier: GPL-2.0
# Has the stub make the device of Nova's DRM driver, and take it away. There is no driver for it here.
driver=/sys/bus/pci/drivers/nova_stub
part=/sys/bus/auxiliary/devices/nova-core.nova-drm.0

device=$(testdev)
check "the machine has a pci-testdev" test -n "$device"
load nova_stub
check "the stub has it" test -e "$driver/$device"
check "it has made a part" test -e $part
check "the part hangs on the device" test -d "/sys/bus/pci/devices/$device/${part##*/}"
refused "nobody has the part" test -e $part/driver

for round in 1 2 3; do
	check "it is unbound, round $round" put "$device" $driver/unbind
	refused "the part is gone, round $round" test -e $part
	check "it is bound, round $round" put "$device" $driver/bind
	check "the part is there, round $round" test -e $part
done
rebind $driver "$device" "$CYCLES" $part
check "it is unbound" put "$device" $driver/unbind
every-site bind $driver "$device"
check "it is bound after all that" put "$device" $driver/bind
check "the part is there" test -e $part

check "the device is removed" put 1 "/sys/bus/pci/devices/$device/remove"
refused "the part is gone" test -e $part
check "the device is found again" put 1 /sys/bus/pci/rescan
check "the part is there" test -e $part
unload nova_stub
refused "the part is gone" test -e $part
summary "a part of a pci-testdev, made and taken away"
