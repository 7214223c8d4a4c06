# SPDX-License-Identifier: GPL-2.0
# It is bound to devices of the guest's device tree and of its ACPI tables, and has a client on the bus
# number 0, which i2c-stub makes here. There is one address for all of them: the first to be bound has it.
driver=/sys/bus/platform/drivers/rust_device_i2c
client=/sys/bus/i2c/devices/0-0030
one=rust-device
two=rust-device-without-properties

# bind DEVICE, unbind DEVICE: by the driver's files.
bind() {
	echo "$1" >$driver/bind
}

unbind() {
	echo "$1" >$driver/unbind
}

# bound COUNT: whether so many devices are.
bound() {
	[ "$(ls $driver | grep -c '^rust-device\|^LNUXBEEF')" -eq "$1" ]
}

# alone: leaves no device bound but the first.
alone() {
	for device in $two rust-device-with-a-short-array LNUXBEEF:00; do
		test ! -e $driver/$device || unbind $device
	done
	test -e $driver/$one || bind $one
}

refused "there is no bus" test -e /sys/bus/i2c/devices/i2c-0
load rust_i2c_client
check "the driver is there" test -d $driver
check "it tries its devices" logged "$one: Probe Rust I2C Client registration sample."
check "without a bus it takes none" bound 0
refused "nor if it is asked for" bind $one
unload rust_i2c_client

check "a bus is there" insmod /modules/i2c-stub.ko chip_addr=0x30
check "it is number 0" grep -q 'SMBus stub driver' /sys/bus/i2c/devices/i2c-0/name
refused "no client is left" test -e $client

load rust_i2c_client
check "one device is bound" bound 1
check "it has a client" test -e $client
check "the client has its name" grep -qx rust_driver_i2c $client/name
check "its address is taken for the other devices" logged 'failed with error -16'
check "the first device can be the one" alone
refused "then the second can't" bind $two
check "the client is still there" test -e $client

new_log
check "the device can be unbound" unbind $one
check "it says so" logged "$one: Unbind Rust I2C Client registration sample."
refused "the client goes with it" test -e $client
check "now the second device can be bound" bind $two
check "it has the client" test -e $client
check "and can be unbound" unbind $two
refused "the client goes with it, too" test -e $client

check "somebody else can have the address" sh -c "echo other 0x30 >/sys/bus/i2c/devices/i2c-0/new_device"
refused "then no device can be bound" bind $one
check "the other client is left alone" grep -qx other $client/name
check "it goes" sh -c "echo 0x30 >/sys/bus/i2c/devices/i2c-0/delete_device"
check "and the device can be bound" bind $one
refused "user space can't take its client away" sh -c "echo 0x30 >/sys/bus/i2c/devices/i2c-0/delete_device"

unbind $one
# C says EINVAL of a client whose name it had no memory for.
every-site --also 22 bind $driver $one
check "after all failures it can be bound" bind $one
rebind $driver $one "$CYCLES" $client

# The client's own driver, which is another of these modules.
check "the client's driver is loaded" insmod /modules/rust_driver_i2c.ko
check "it takes the client" test -e /sys/bus/i2c/drivers/rust_driver_i2c/0-0030
new_log
check "the device can be unbound while its client is in use" unbind $one
check "the client's driver was unbound" logged "rust_driver_i2c 0-0030: Unbind Rust I2C driver sample."
refused "the client is gone" test -e $client
check "the device can be bound" bind $one
check "the client's driver takes it again" test -e /sys/bus/i2c/drivers/rust_driver_i2c/0-0030
new_log
unload rust_i2c_client
check "the client went with the module" logged "rust_driver_i2c 0-0030: Unbind Rust I2C driver sample."
refused "it is gone" test -e $client

# The bus goes first, and takes the client with it, which is not to be taken away twice.
load rust_i2c_client
check "the first device can be the one" alone
check "the client is there" test -e $client
check "the bus can be removed" rmmod i2c_stub
refused "the client went with it" test -e $client
check "the device is still bound" test -e $driver/$one
check "it can be unbound" unbind $one
refused "without a bus it can't be bound" bind $one
check "the bus comes back" insmod /modules/i2c-stub.ko chip_addr=0x30
check "the device can be bound" bind $one
check "it has a client again" test -e $client
check "the bus can be removed" rmmod i2c_stub
unload rust_i2c_client
check "the client's driver is removed" rmmod rust_driver_i2c
summary "a client as long as its device is bound, or its bus is there; the address taken, the bus gone first"
