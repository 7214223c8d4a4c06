# SPDX-License-Identifier: GPL-2.0
# Loads the module with each allocation of that failing, and then uses the device: see
# xtask/programs/src/bin/misc-device.

# same LINE LINE: checks that the log has as many of the one as of the other.
same() {
	[ "$(dmesg | grep -cF -- "$1")" = "$(dmesg | grep -cF -- "$2")" ]
}

every-site load /modules/rust_misc_device.ko

load rust_misc_device
check "it has a device" test -e /sys/class/misc/rust-misc-device/dev
check "the device has a file" test -c /dev/rust-misc-device
misc-device rust_misc_device /dev/rust-misc-device
every-site open /dev/rust-misc-device
every-site write /dev/rust-misc-device "some text"
every-site read /dev/rust-misc-device

new_log
echo text >/dev/rust-misc-device
check "what it prints names the device" logged 'misc rust-misc-device: Writing to Rust Misc Device Sample'
check "each file that was opened is released" same 'Opening Rust Misc' 'Exiting the Rust Misc'
unload rust_misc_device
refused "its device goes with it" test -e /sys/class/misc/rust-misc-device
refused "the file goes with it" test -e /dev/rust-misc-device

misc-device race /modules/rust_misc_device.ko /dev/rust-misc-device
refused "nothing is left loaded" test -e /sys/module/rust_misc_device
summary "ioctls, reads and writes with good and bad input; files open while the module is to go"
