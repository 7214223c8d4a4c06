# SPDX-License-Identifier: GPL-2.0
# What an exercise may use. It is sourced into the shell that runs the script.

# load MODULE [PARAMETER=VALUE…]: inserts /modules/MODULE.ko, and ends the script when that fails.
load() {
	module=$1
	shift
	dmesg -c >/tmp/before
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

# refused TEXT COMMAND…: reports whether the command failed, as it should.
refused() {
	what=$1
	shift
	if "$@" >/tmp/check.out 2>&1; then
		echo "@check not $what"
	else
		echo "@check ok $what"
	fi
}

# logged TEXT: whether the kernel's log since the last `load` has a line with TEXT in it.
logged() {
	dmesg | grep -qF -- "$1"
}

# summary TEXT: one line on what the module did.
summary() {
	echo "@summary $*"
}
