# SPDX-License-Identifier: GPL-2.0
# Its clients are on a bus that i2c-stub makes, and come and go by its new_device and delete_device.
driver=/sys/bus/i2c/drivers/rust_driver_i2c

# new NAME ADDRESS: has the bus take it for a client.
new() {
	echo "$1 $2" >"$bus/new_device"
}

# delete ADDRESS: has it taken away again.
delete() {
	echo "$1" >"$bus/delete_device"
}

# bind CLIENT, unbind CLIENT: by the driver's files.
bind() {
	echo "$1" >$driver/bind
}

unbind() {
	echo "$1" >$driver/unbind
}

# same LINE LINE: checks that the log has as many of the one as of the other.
same() {
	[ "$(dmesg | grep -cF -- "$1")" = "$(dmesg | grep -cF -- "$2")" ]
}

check "a bus is there" insmod /modules/i2c-stub.ko chip_addr=0x50,0x51,0x52
bus=$(grep -l 'SMBus stub driver' /sys/bus/i2c/devices/i2c-*/name | head -n 1)
bus=${bus%/name}
number=${bus##*/i2c-}
one=$number-0050
two=$number-0051

check "a client is there before its driver" new rust_driver_i2c 0x50
load rust_driver_i2c
check "the driver is there" test -d $driver
check "it takes the client" test -e $driver/$one
check "its probe says so" logged "rust_driver_i2c $one: Probe Rust I2C driver sample."
check "with the information of the id" logged "rust_driver_i2c $one: Probed with info: '0'."
check "a client comes after its driver" new rust_driver_i2c 0x51
check "it is taken, too" test -e $driver/$two
check "its probe says so, too" logged "rust_driver_i2c $two: Probe Rust I2C driver sample."

refused "no two clients have an address" new rust_driver_i2c 0x50
refused "none has an address that is no number" new rust_driver_i2c address
refused "none has the address 0" new rust_driver_i2c 0
refused "none has an address of 8 bits" new rust_driver_i2c 0x80
check "a client may have another name" new rust_driver_i2c_2 0x52
refused "which is not taken" test -e "$driver/$number-0052"
refused "nor if it is asked for" bind "$number-0052"
check "a client may have the beginning of the name" new rust_driver 0x53
refused "which is not taken, either" test -e "$driver/$number-0053"

new_log
check "a client can be unbound" unbind $one
refused "the driver is done with it" test -e $driver/$one
check "it says so" logged "rust_driver_i2c $one: Unbind Rust I2C driver sample."
refused "but not twice" unbind $one
check "it can be bound again" bind $one
check "its probe says so once more" logged "rust_driver_i2c $one: Probe Rust I2C driver sample."
refused "but not twice" bind $one
refused "what is not there can't be bound" bind "$number-007f"

unbind $two
every-site bind $driver $two
check "after all failures it can be bound" bind $two
rebind $driver $one "$CYCLES" /sys/bus/i2c/devices/$one

new_log
check "a client can be taken away while it is bound" delete 0x51
refused "it is gone" test -e "$bus/$two"
check "its driver was unbound" logged "rust_driver_i2c $two: Unbind Rust I2C driver sample."
check "clients come and go" sh -c "
	for round in \$(seq 25); do
		echo rust_driver_i2c 0x51 >$bus/new_device
		echo 0x51 >$bus/delete_device
	done"
check "each that came went" sh -c "! test -e $bus/$two"

new_log
unload rust_driver_i2c
check "its client was unbound" logged "rust_driver_i2c $one: Unbind Rust I2C driver sample."
refused "the driver is gone" test -e $driver
check "the client is still there" test -e "$bus/$one"
refused "without a driver" test -e "$bus/$one/driver"
check "it can be taken away" delete 0x50

check "a client is there for the second time" new rust_driver_i2c 0x50
load rust_driver_i2c
check "the driver takes it" test -e $driver/$one
new_log
check "the bus goes while a client is bound" rmmod i2c_stub
check "its driver was unbound" logged "rust_driver_i2c $one: Unbind Rust I2C driver sample."
refused "nothing is bound any more" test -e $driver/$one
check "all that was bound was unbound" same 'Probe Rust I2C' 'Probed with info'
unload rust_driver_i2c
summary "clients bound, unbound and taken away while bound; the driver, and then the bus, gone with a client bound"
