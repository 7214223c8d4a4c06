# SPDX-License-Identifier: GPL-2.0
# Takes the device that the stub makes, and has user space make buffers on it, well and badly, while the
# driver comes and goes.
stub=/sys/bus/pci/drivers/nova_stub
device=nova-core.nova-drm.0
part=/sys/bus/auxiliary/devices/$device
cases=0

# try WORD…: runs the program, and counts its cases.
try() {
	drm "$@" | tee /tmp/drm.out
	cases=$((cases + $(grep -c '^@check ' /tmp/drm.out)))
	check "drm $* comes to its end" grep -q '^drm: .* cases hold' /tmp/drm.out
}

# taken: whether the device has a driver.
taken() {
	test -e $part/driver
}

# node: the device's.
node() {
	ls $part/drm 2>/dev/null | grep '^card'
}

gpu=$(testdev)
check "the machine has a pci-testdev" test -n "$gpu"
load nova_stub
check "the stub has made the device" test -e $part
refused "nobody has it yet" taken
load nova
check "the driver has it" taken
driver=$(readlink -f $part/driver)
check "it has a node" node
check "the log says so" logged "Initialized nova-drm 0.0.0 for $device"
refused "the module is not loaded twice" insmod /modules/nova.ko
refused "the driver does not get it twice" put $device "$driver/bind"

try nova /modules/nova.ko

for round in 1 2 3; do
	check "it is unbound, round $round" put $device "$driver/unbind"
	refused "its node is gone, round $round" node
	check "it is bound, round $round" put $device "$driver/bind"
	check "its node is there, round $round" node
	check "the GPU is unbound, round $round" put "$gpu" $stub/unbind
	refused "the device is gone, round $round" test -e $part
	check "the GPU is bound, round $round" put "$gpu" $stub/bind
	check "the driver has the device, round $round" taken
	check "its node is there again, round $round" node
done
rebind "$driver" $device "$CYCLES" $part/drm
try races "$CYCLES" /modules/nova.ko

try sites /modules/nova.ko
check "it is unbound" put $device "$driver/unbind"
# When C has no memory for what it has of a node in sysfs, it puts a device that is an error.
if spare drm_sysfs_minor_alloc; then
	every-site bind "$driver" $device
	check "all may fail again" spare
else
	check "the kernel has a function drm_sysfs_minor_alloc" false
fi
check "it is bound after all that" put $device "$driver/bind"
check "buffers can be made" drm gem 10

# One after the other, in all orders.
unload nova
refused "the device has no driver" taken
refused "nor has it a node" test -e $part/drm
check "the module is loaded" insmod /modules/nova.ko
check "it has the device" taken
unload nova_stub
refused "the device is gone, with the driver bound" test -e $part
check "the stub is loaded" insmod /modules/nova_stub.ko
check "the driver has the device" taken
unload nova_stub
unload nova
check "the driver is loaded first" insmod /modules/nova.ko
check "then the stub" insmod /modules/nova_stub.ko
check "the driver has the device" taken

# With a file open.
exec 3<>"/dev/dri/$(node)"
refused "the driver can't be removed with a file open" rmmod nova
unload nova_stub
refused "nor can it without its device" rmmod nova
exec 3>&-
unload nova
load nova_stub
load nova
exec 3<>"/dev/dri/$(node)"
check "the GPU is removed with a file open" put 1 "/sys/bus/pci/devices/$gpu/remove"
refused "the device is gone" test -e $part
check "the GPU is found again" put 1 /sys/bus/pci/rescan
check "the driver has the device" taken
check "buffers can be made" drm gem 10
exec 3>&-
check "and without the old file" drm gem 10
unload nova
unload nova_stub
refused "the device is gone" test -e $part
summary "$cases cases of a program: parameters, buffers, rights; $CYCLES races; unbound, removed and unloaded with files open"
