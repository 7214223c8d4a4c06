# SPDX-License-Identifier: GPL-2.0
# The device is a gadget of this same kernel, plugged into a port that dummy_hcd makes.
driver=/sys/bus/usb/drivers/rust_driver_usb
gadgets=/sys/kernel/config/usb_gadget

# gadget NAME VENDOR PRODUCT: describes a device with one interface.
gadget() {
	mkdir -p "$gadgets/$1/strings/0x409" "$gadgets/$1/configs/c.1" "$gadgets/$1/functions/gser.$1" &&
		echo "$2" >"$gadgets/$1/idVendor" &&
		echo "$3" >"$gadgets/$1/idProduct" &&
		echo "$1" >"$gadgets/$1/strings/0x409/product" &&
		ln -s "$gadgets/$1/functions/gser.$1" "$gadgets/$1/configs/c.1/function"
}

# remove NAME: the description goes.
remove() {
	rm "$gadgets/$1/configs/c.1/function" &&
		rmdir "$gadgets/$1/configs/c.1" "$gadgets/$1/functions/gser.$1" \
			"$gadgets/$1/strings/0x409" "$gadgets/$1"
}

# wait_for COMMAND…: gives it up to a minute to end with 0.
wait_for() {
	for second in $(seq 60); do
		if "$@"; then
			return 0
		fi
		sleep 1
	done
	return 1
}

# absent FILE: whether it is not there.
absent() {
	! test -e "$1"
}

# device NAME: the folder of the device that is called so, if it is plugged in.
device() {
	product=$(grep -lx "$1" /sys/bus/usb/devices/*/product 2>/dev/null | head -n 1)
	test -n "$product" && echo "${product%/product}"
}

# configured NAME: whether it has an interface.
configured() {
	found=$(device "$1") && test -e "$found/${found##*/}:1.0"
}

# plugged NAME, unplugged NAME: plugs the gadget in or out, and waits for the bus to see it.
plugged() {
	echo "$port" >"$gadgets/$1/UDC" && wait_for configured "$1" && wait_for settled
}

unplugged() {
	echo >"$gadgets/$1/UDC" && wait_for gone "$1"
}

gone() {
	! device "$1"
}

# settled: the bus binds in a thread of its own; that is over when it could take another lock.
settled() {
	sleep 1
}

# bind INTERFACE, unbind INTERFACE: by the driver's files.
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

port=$(ls /sys/class/udc | head -n 1)
check "there is a port to plug a gadget into" test -n "$port"
check "a gadget that the driver knows" gadget known 0x1234 0x5678
check "one that it does not know" gadget unknown 0x1234 0x5679

load rust_driver_usb
check "the driver is there" test -d $driver
check "the known gadget is plugged in" plugged known
interface=$(device known)
interface=${interface##*/}:1.0
check "the driver takes its interface" test -e "$driver/$interface"
check "its probe says so" logged "rust_driver_usb $interface: Rust USB driver sample probed"

check "it is unplugged while bound" unplugged known
refused "the driver is done with it" test -e "$driver/$interface"
check "it says so" logged "rust_driver_usb $interface: Rust USB driver sample disconnected"

new_log
check "the unknown gadget is plugged in" plugged unknown
refused "the driver does not take it" test -e "$driver/$interface"
refused "nor if it is asked to" bind "$interface"
refused "it was not probed" logged 'Rust USB driver sample probed'
check "until it is told of its id" sh -c "echo 1234 5679 >$driver/new_id"
check "then it takes it" wait_for test -e "$driver/$interface"
check "its probe says so" logged "rust_driver_usb $interface: Rust USB driver sample probed"
check "it can be told to forget the id" sh -c "echo 1234 5679 >$driver/remove_id"
check "it is unbound" unbind "$interface"
refused "then it can't be bound any more" bind "$interface"
check "an id may be like one in the table" sh -c "echo 1234 5679 0 1234 5678 >$driver/new_id"
check "it is taken again" wait_for test -e "$driver/$interface"
refused "an id may not be like one that is not in the table" sh -c "echo 1234 5680 0 4321 8765 >$driver/new_id"
refused "an id has to be two numbers" sh -c "echo 1234 >$driver/new_id"
check "the unknown gadget is unplugged while bound" unplugged unknown

new_log
check "the known gadget is plugged in again" plugged known
check "the driver takes it" test -e "$driver/$interface"
check "it can be unbound" unbind "$interface"
check "it says so" logged "rust_driver_usb $interface: Rust USB driver sample disconnected"
refused "but not twice" unbind "$interface"
check "it can be bound" bind "$interface"
refused "but not twice" bind "$interface"
refused "what is not there can't be bound" bind 9-9:1.0

unbind "$interface"
every-site bind $driver "$interface"
check "after all failures it can be bound" bind "$interface"
rebind $driver "$interface" "$CYCLES" "/sys/bus/usb/devices/$interface"

new_log
found=$(device known)
check "the device can lose its configuration" sh -c "echo 0 >$found/bConfigurationValue"
check "the driver was unbound" logged 'Rust USB driver sample disconnected'
check "it gets it back" sh -c "echo 1 >$found/bConfigurationValue"
check "the driver takes it again" wait_for test -e "$driver/$interface"
check "the device can lose the permission to be used" sh -c "echo 0 >$found/authorized"
check "the driver is done with it" wait_for absent "$driver/$interface"
check "it gets that back" sh -c "echo 1 >$found/authorized"
check "the driver takes it once more" wait_for test -e "$driver/$interface"

new_log
unload rust_driver_usb
check "its device was disconnected" logged "rust_driver_usb $interface: Rust USB driver sample disconnected"
refused "the driver is gone" test -e $driver
check "the device is still plugged in" configured known
load rust_driver_usb
check "a driver that comes later takes it" test -e "$driver/$interface"
check "plugging in and out races with binding" sh -c "
	(for round in \$(seq 40); do
		echo $interface >$driver/unbind
		echo $interface >$driver/bind
	done) >/dev/null 2>&1 &
	for round in 1 2 3; do
		echo >$gadgets/known/UDC
		echo $port >$gadgets/known/UDC
		sleep 1
	done
	wait"
check "it is unplugged in the end" unplugged known
check "all that was probed was disconnected" same 'sample probed' 'sample disconnected'
unload rust_driver_usb
check "the known gadget goes" remove known
check "the unknown gadget goes" remove unknown
refused "nothing is left of them" test -e $gadgets/known
summary "an interface bound, unbound and unplugged while bound; ids added and removed; the driver removed with it bound"
