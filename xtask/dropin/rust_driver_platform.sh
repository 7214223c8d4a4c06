# SPDX-License-Identifier: GPL-2.0
# Binds to what the device tree describes and to what ACPI does, and lets go. `devices.dts` has one device
# that is as the driver wants it, and two that are not.
driver=/sys/bus/platform/drivers/rust_driver_platform
good=rust-device
bad="rust-device-without-properties rust-device-with-a-short-array"

# bound DEVICE: whether the driver has it.
bound() {
	[ -e "$driver/$1" ]
}

# unbound DEVICE: whether it is there, without a driver.
unbound() {
	[ -e "/sys/bus/platform/devices/$1" ] && [ ! -e "/sys/bus/platform/devices/$1/driver" ]
}

# rejected DEVICE: whether binding it by hand is refused.
rejected() {
	! echo "$1" >$driver/bind
}

load rust_driver_platform
check "the driver is registered" test -d $driver
check "it belongs to the module" test -e /sys/module/rust_driver_platform/drivers/platform:rust_driver_platform

found=""
if [ -e /sys/bus/platform/devices/$good ]; then
	found="device tree"
	check "the device of the tree is bound" bound $good
	check "the table's entry comes with it" logged "Probed with info: '42'"
	check "the driver finds itself in the list" logged "matched compatible string idx = 0"
	check "a string is read" logged 'test,rust-device'
	check "a flag that is not there is off" logged "'test,bool-prop'='false'"
	check "a property is there" logged "'test,u32-prop' is present"
	check "an optional one has its default" logged "'test,u32-optional-prop'='0x12' (default = 0x12)"
	check "a missing one is named" logged "test,u32-required-prop"
	check "a number is read" logged "'test,u32-prop'='0xdeadbeef'"
	check "an array is read" logged "'test,i16-array'='[1, 2, -3, -4]'"
	check "its length is known" logged "'test,i16-array' length is 4"
	check "it is read to a vector" logged "'test,i16-array'='[1, 2, -3, -4]' (KVec)"
	check "both children refer to something" test "$(dmesg | grep -c "'test,ref-arg'=")" = 2
	for device in $bad; do
		check "$device is not bound" unbound $device
		check "and can't be by hand" rejected $device
	done
fi
acpi=$(basename "$(ls -d /sys/bus/platform/devices/LNUXBEEF:* 2>/dev/null | head -n 1)")
if [ -n "$acpi" ]; then
	found="$found${found:+ and }ACPI"
	check "the device of ACPI is bound" bound "$acpi"
	check "its table's entry comes with it" logged "Probed with info: '0'"
fi
check "there is a device at all" test -n "$found"

cycles=0
for device in $good $acpi; do
	[ -e /sys/bus/platform/devices/$device ] || continue
	new_log
	check "$device is unbound" sh -c "echo $device >$driver/unbind"
	check "it is there without a driver" unbound $device
	refused "it can't be unbound twice" sh -c "echo $device >$driver/unbind"
	check "it is bound by hand" sh -c "echo $device >$driver/bind"
	check "the driver looked at it again" logged "Probed with info"
	refused "it can't be bound twice" sh -c "echo $device >$driver/bind"

	# Often, with somebody looking at its files meanwhile.
	rebind $driver $device "$CYCLES" /sys/bus/platform/devices/$device
	echo $device >$driver/unbind
	every-site bind $driver $device
	check "after all failures it can be bound" sh -c "echo $device >$driver/bind"
	cycles=$((cycles + CYCLES))
done
refused "what is no device can't be bound" sh -c "echo nobody >$driver/bind"

unload rust_driver_platform
check "the driver is gone" test ! -e $driver
for device in $good $acpi; do
	[ -e /sys/bus/platform/devices/$device ] || continue
	check "$device has no driver" unbound $device
done
load rust_driver_platform
for device in $good $acpi; do
	[ -e /sys/bus/platform/devices/$device ] || continue
	check "$device is bound again" bound $device
done
unload rust_driver_platform
summary "devices of $found bound, properties read, wrong ones refused, $cycles times unbound and bound"
