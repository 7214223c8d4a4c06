# SPDX-License-Identifier: GPL-2.0
# A device that is as long as its module is.
device=/sys/devices/faux/rust-faux-sample-device

# comes_and_goes TIMES: loads and removes the module.
comes_and_goes() {
	for round in $(seq "$1"); do
		insmod /modules/rust_driver_faux.ko && test -d $device && rmmod rust_driver_faux || return
		test ! -e $device || return
	done
}

refused "there is no device at first" test -e $device
load rust_driver_faux
check "it says that it begins" logged "Initialising Rust Faux Device Sample"
check "the device says hello, by its driver and name" logged \
	"faux_driver rust-faux-sample-device: Hello from faux device!"
check "the device is there" test -d $device
check "it is on the bus of such devices" test -e /sys/bus/faux/devices/rust-faux-sample-device
check "it is bound" test -e $device/driver
refused "user space can't take it from its driver" sh -c "echo rust-faux-sample-device >$device/driver/unbind"
check "it is still bound" test -e $device/driver
exec 3<$device/uevent
unload rust_driver_faux
refused "the device is gone" test -e $device
refused "what was open can't be read" cat <&3
exec 3<&-
check "it comes and goes $CYCLES times" comes_and_goes "$CYCLES"
# C only says that there is no device, whatever the reason: ENODEV.
every-site --also 19 load /modules/rust_driver_faux.ko
refused "the device is gone" test -e $device
summary "a device said hello, and went with its module, $CYCLES times"
