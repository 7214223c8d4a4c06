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

# spare [FUNCTION]: from now on no allocation fails that this function of the kernel makes, or what it
# calls. Without a name, all may fail again.
spare() {
	start=0
	end=0
	if [ -n "$1" ]; then
		# What comes next is where it ends.
		set -- $(awk -v name="$1" '
			$3 == name { start = $1; next }
			start && $1 != start { print "0x" start, "0x" $1; exit }' /proc/kallsyms)
		[ -n "$2" ] || return 1
		start=$1
		end=$2
	fi
	for kind in failslab fail_page_alloc; do
		[ -e /sys/kernel/debug/$kind/reject-start ] || continue
		put "$start" /sys/kernel/debug/$kind/reject-start &&
			put "$end" /sys/kernel/debug/$kind/reject-end &&
			put 32 /sys/kernel/debug/$kind/stacktrace-depth || return 1
	done
}

# summary TEXT: one line on what the module did.
summary() {
	echo "@summary $*"
}
