# SPDX-License-Identifier: GPL-2.0
# The module takes QEMU's pci-testdev, registers two devices that hang on it, and takes these, too.
parents=/sys/bus/pci/drivers/rust_driver_auxiliary
bus=/sys/bus/auxiliary

# parts: how many there are, as devices.
parts() {
	ls $bus/devices | grep -c '^rust_driver_auxiliary\.auxiliary\.[01]$'
}

# taken PART: whether it has a driver.
taken() {
	test -e "$bus/devices/rust_driver_auxiliary.auxiliary.$1/driver"
}

# connected PART: whether its driver has found the parent, and the data.
connected() {
	logged "Probing auxiliary driver for auxiliary device with id=$1" &&
		logged "Connect auxiliary $1 with parent: VendorID=0x1b36, DeviceID=0x5" &&
		logged "Connected to auxiliary device with index $1."
}

device=$(testdev)
check "the machine has a pci-testdev" test -n "$device"
load rust_driver_auxiliary
check "the driver has it" test -e "$parents/$device"
check "there are two parts" test "$(parts)" -eq 2
check "they hang on the device" \
	test -d "/sys/bus/pci/devices/$device/rust_driver_auxiliary.auxiliary.1"
for part in 0 1; do
	check "part $part has a driver" taken $part
	check "part $part is connected" connected $part
done

# One part for itself.
driver=$(readlink -f $bus/devices/rust_driver_auxiliary.auxiliary.0/driver)
new_log
check "a part is unbound" put rust_driver_auxiliary.auxiliary.0 "$driver/unbind"
refused "it has no driver" taken 0
check "the other one has" taken 1
check "the part is bound" put rust_driver_auxiliary.auxiliary.0 "$driver/bind"
check "it is connected again" connected 0

rebind "$driver" rust_driver_auxiliary.auxiliary.0 "$CYCLES" \
	$bus/devices/rust_driver_auxiliary.auxiliary.0
rebind $parents "$device" "$CYCLES" $bus/devices
put rust_driver_auxiliary.auxiliary.0 "$driver/unbind"
every-site bind "$driver" rust_driver_auxiliary.auxiliary.0
check "after all failures the part can be bound" put rust_driver_auxiliary.auxiliary.0 "$driver/bind"

for round in 1 2 3; do
	new_log
	check "the parent is unbound, round $round" put "$device" $parents/unbind
	check "the parts are gone, round $round" test "$(parts)" -eq 0
	check "the parent is bound, round $round" put "$device" $parents/bind
	check "there are two parts, round $round" test "$(parts)" -eq 2
	check "they are connected, round $round" connected 0
	check "both are, round $round" connected 1
done

new_log
check "the parent is removed" put 1 "/sys/bus/pci/devices/$device/remove"
check "the parts are gone" test "$(parts)" -eq 0
check "the parent is found again" put 1 /sys/bus/pci/rescan
check "so are the parts" test "$(parts)" -eq 2
check "they are connected" connected 1
unload rust_driver_auxiliary
check "the parts are gone" test "$(parts)" -eq 0
load rust_driver_auxiliary
check "a second time it is as the first" connected 1
unload rust_driver_auxiliary
summary "two devices on the auxiliary bus, with data; unbound one by one, and with the parent in all orders"
