# SPDX-License-Identifier: GPL-2.0
# Takes the device that `drivers/nova-stub` makes, and has user space make buffers on it, well and badly.
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
check "the stub is loaded" insmod /modules/nova_stub.ko
check "it has made the device" test -e $part
load nova-drm
check "the driver has it" taken
driver=$(readlink -f $part/driver)
check "it has a node" node
check "the log says so" logged "Initialized nova-drm 0.0.0 for $device"

try nova /modules/nova-drm.ko
rebind "$driver" $device "$CYCLES" $part/drm
try races "$CYCLES" /modules/nova-drm.ko

check "it is unbound" put $device "$driver/unbind"
# When C has no memory for what it has of a node in sysfs, it puts a device that is an error.
if spare drm_sysfs_minor_alloc; then
	every-site bind "$driver" $device
	check "all may fail again" spare
else
	check "the kernel has a function drm_sysfs_minor_alloc" false
fi
check "it is bound after all that" put $device "$driver/bind"
try sites /modules/nova-drm.ko

# With a file open.
exec 3<>"/dev/dri/$(node)"
refused "the driver can't be removed with a file open" rmmod nova_drm
check "the GPU is unbound" put "$gpu" $stub/unbind
refused "the device is gone" test -e $part
refused "the driver still can't be removed" rmmod nova_drm
check "the GPU is bound" put "$gpu" $stub/bind
check "the driver has the device" taken
exec 3>&-
check "buffers can be made" drm gem 10
unload nova_drm
refused "the device has no driver" taken
load nova-drm
check "a second time it is as the first" taken
unload nova_stub
refused "the device is gone, with the driver bound" test -e $part
unload nova_drm
summary "$cases cases of a program: parameters, buffers, rights; $CYCLES races; unbound and removed with files open"
