# SPDX-License-Identifier: GPL-2.0
# What an exercise may use. It is sourced into the shell that runs the script.

# How often devices are unbound and bound: `CYCLES=N` on the kernel's command line says otherwise.
CYCLES=${CYCLES:-50}

# new_log: has `logged` look only at the lines from now on.
new_log() {
	dmesg -c >/tmp/before
}

# load MODULE [PARAMETER=VALUE…]: inserts /modules/MODULE.ko with a new log, and ends the script when
# that fails.
load() {
	module=$1
	shift
	new_log
	if insmod "/modules/$module.ko" "$@"; then
		echo "@loaded"
	else
		echo "@check not insmod $module"
		exit 1
	fi
}

# unload MODULE: removes it, as one of the checks.
unload() {
	check "$1 is removed" rmmod "$1"
}

# check TEXT COMMAND…: reports whether the command ended with 0.
check() {
	what=$1
	shift
	if "$@" >/tmp/check.out 2>&1; then
		echo "@check ok $what"
	else
		echo "@check not $what"
		sed 's/^/  | /' /tmp/check.out
	fi
}

# refused TEXT COMMAND…: reports whether the command failed, as it should. What it printed is in
# /tmp/refused.
refused() {
	what=$1
	shift
	if "$@" >/tmp/refused 2>&1; then
		echo "@check not $what"
	else
		echo "@check ok $what"
	fi
}

# logged TEXT: whether the kernel's log since the last `load` or `new_log` has a line with TEXT in it.
logged() {
	dmesg | grep -qF -- "$1"
}

# put TEXT FILE: writes TEXT to it, at once.
put() {
	printf '%s' "$1" >"$2"
}

# testdev: the name of QEMU's pci-testdev, if there is one.
testdev() {
	for device in /sys/bus/pci/devices/*; do
		if [ "$(cat "$device/vendor") $(cat "$device/device")" = "0x1b36 0x0005" ]; then
			basename "$device"
			return
		fi
	done
}

# summary TEXT: one line on what the module did.
summary() {
	echo "@summary $*"
}
