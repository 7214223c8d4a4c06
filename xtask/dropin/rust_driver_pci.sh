# SPDX-License-Identifier: GPL-2.0
# Takes QEMU's pci-testdev, and has it bound and unbound by root, and pulled out.
drivers=/sys/bus/pci/drivers/rust_driver_pci

# bound DEVICE: whether the driver has it.
bound() {
	test -e "$drivers/$1"
}

# claimed: whether the driver has memory of a device.
claimed() {
	grep -q 'rust_driver_pci$' /proc/iomem
}

device=$(testdev)
check "the machine has a pci-testdev" test -n "$device"
load rust_driver_pci
check "the driver has it" bound "$device"
check "a write to the device was counted" logged 'pci-testdev data-match count: 1'
check "the revision was read" logged 'config space read8 rev ID: '
check "the vendor was read" logged 'config space read16 vendor ID: 1b36'
check "the first BAR was read" logged "config space read32 BAR 0: $(
	printf %x "$(($(head -n 1 "/sys/bus/pci/devices/$device/resource" | cut -d ' ' -f 1)))"
)"
check "its memory is claimed" claimed
refused "no other driver gets it" put "$device" $drivers/bind

for round in 1 2 3; do
	new_log
	check "it is unbound, round $round" put "$device" $drivers/unbind
	refused "the driver does not have it, round $round" bound "$device"
	refused "its memory is free, round $round" claimed
	check "it is bound, round $round" put "$device" $drivers/bind
	check "it works as at first, round $round" logged 'pci-testdev data-match count: 1'
	check "its memory is claimed, round $round" claimed
done

rebind $drivers "$device" "$CYCLES" "/sys/bus/pci/devices/$device"
put "$device" $drivers/unbind
# C says EBUSY of a BAR that it had no memory to claim.
every-site --also 16 bind $drivers "$device"
check "after all failures it can be bound" put "$device" $drivers/bind

new_log
check "the device is removed while bound" put 1 "/sys/bus/pci/devices/$device/remove"
refused "it is gone" test -e "/sys/bus/pci/devices/$device"
refused "its memory is free" claimed
refused "what is gone can't be bound" put "$device" $drivers/bind
check "it is found again" put 1 /sys/bus/pci/rescan
check "the driver has it again" bound "$device"
check "it works as at first" logged 'pci-testdev data-match count: 1'

# A device that is not in the table, and does not do what the driver expects.
for other in /sys/bus/pci/devices/*; do
	[ "$(cat "$other/class")" = 0x060000 ] && break
done
other=$(basename "$other")
new_log
check "the driver is to take another device" \
	put rust_driver_pci "/sys/bus/pci/devices/$other/driver_override"
refused "it refuses what has no such registers" put "$other" $drivers/bind
refused "and does not have it" bound "$other"
echo >"/sys/bus/pci/devices/$other/driver_override"
refused "a number that is not in the table is not taken" put '8086 9999 0 0 0 0 7' $drivers/new_id
check "another number is, for the first line" put '8086 9999' $drivers/new_id
check "and is forgotten" put '8086 9999' $drivers/remove_id

unload rust_driver_pci
refused "its memory is free" claimed
check "the device is still there" test -e "/sys/bus/pci/devices/$device"
load rust_driver_pci
check "a second time it is as the first" logged 'pci-testdev data-match count: 1'
check "the device is removed" put 1 "/sys/bus/pci/devices/$device/remove"
unload rust_driver_pci
check "the device is found without a driver" put 1 /sys/bus/pci/rescan
check "it is there" test -e "/sys/bus/pci/devices/$device"
summary "registers and configuration space of a pci-testdev; bound, unbound and pulled out; other devices refused"
