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

# steps NAME OURS WHOSE THEIRS: a table of how often each kind of step is in two traces of the bus in
# xtask/modules/mock_mdio, that of our driver and that of WHOSE, and of what is read and written in it.
#
# `r 3.d7fd 0010` reads 0010 from a register, `w …` writes it; what is written to registers in a row is one.
steps() {
	echo "@table $1: ours | $3 | step | reads, writes, and what phylib then says"
	awk '
		# What was written in a row: ends here.
		function end_row() {
			if (count > 8)
				did = did ", w " from " to " to " with " count " values"
			else
				did = did few
			count = 0
			few = ""
			place = ""
		}
		function known(step) {
			key = step " | " (did == "" ? "nothing" : substr(did, 3))
			if (!(key in seen)) {
				seen[key] = 1
				order[++kinds] = key
			}
			times[FILENAME, key]++
			did = ""
		}
		FNR == 1 { files[++all] = FILENAME }
		/^w / {
			# Registers of clause 45 are in several devices.
			now = substr($3, 1, index($3, "."))
			if (now != place || $3 <= to)
				end_row()
			place = now
			if (!count++)
				from = $3
			to = $3
			if (count <= 8)
				few = few ", w " $3 " " $4
			next
		}
		{ end_row() }
		/^r / { did = did ", r " $3 " " $4; next }
		/^# want / { next }
		/^# (is|link) / { sub(/^# /, ""); sub(/ [12] /, " "); did = did ", " $0; next }
		/^# .*: / {
			sub(/^# /, "")
			result = $NF
			sub(/( [12])?:.*/, "")
			known($0 (result == 0 ? "" : " fails with " result))
		}
		END {
			for (kind = 1; kind <= kinds; kind++) {
				key = order[kind]
				print "@row " times[files[1], key] + 0 " | " times[files[2], key] + 0 " | " key
			}
		}
	' "$2" "$4"
}
