# SPDX-License-Identifier: GPL-2.0
# There is no GPU of NVIDIA's. The driver is there without one, and refuses what is none.

# driver: its folder in sysfs.
driver() {
	ls -d /sys/bus/pci/drivers/nova?core
}

# bound: whether a driver has the device.
bound() {
	test -e "/sys/bus/pci/devices/$device/driver"
}

# entries PATTERN: what the module says of itself, one a line, if it matches.
entries() {
	tr '\0' '\n' </modules/nova-core.ko | grep -a "$1"
}

check "the module names its firmware" entries '^firmware=nvidia/.*\.bin$'
refused "not as what is built in does" entries 'nova.core\.firmware='

device=$(testdev)
check "the machine has a pci-testdev" test -n "$device"
load nova-core
check "the driver is registered" driver
drivers=$(driver)
check "it belongs to the module" test -e /sys/module/nova_core/drivers/pci:"$(basename "$drivers")"
check "it has no device" test -z "$(ls "$drivers" | grep '^0000:')"
check "it has a folder in debugfs" test -d /sys/kernel/debug/nova-core
refused "nothing it does not know is bound" put "$device" "$drivers/bind"
refused "what is no device can't be bound" put nobody "$drivers/bind"

# By its number.
new_log
refused "a number that is not in the table is not taken" put '1b36 0005 0 0 0 0 7' "$drivers/new_id"
check "another number is" put '1b36 0005' "$drivers/new_id"
refused "the device is no GPU, and not taken" bound
refused "nor by hand" put "$device" "$drivers/bind"
refused "it is not taken" bound
check "the log has the error" logged "$device: probe with driver $(basename "$drivers") failed with error -"
check "the number is forgotten" put '1b36 0005' "$drivers/remove_id"

# By its name.
for round in 1 2 3; do
	new_log
	check "it is to be the driver, round $round" \
		put "$(basename "$drivers")" "/sys/bus/pci/devices/$device/driver_override"
	refused "it refuses the device, round $round" put "$device" "$drivers/bind"
	refused "it does not have it, round $round" bound
	check "the log has the error, round $round" \
		logged "$device: probe with driver $(basename "$drivers") failed with error -"
	refused "no memory is claimed, round $round" grep -q 'nova-core' /proc/iomem
	refused "no part was made, round $round" test -e /sys/bus/auxiliary/devices/nova-core.nova-drm.0
done
echo >"/sys/bus/pci/devices/$device/driver_override"

unload nova_core
refused "the driver is gone" driver
refused "so is its folder in debugfs" test -e /sys/kernel/debug/nova-core
check "the device is still there" test -e "/sys/bus/pci/devices/$device"
load nova-core
check "a second time it is as the first" driver
unload nova_core
summary "loaded without a GPU; a device that is none refused, by its number and by its name"
