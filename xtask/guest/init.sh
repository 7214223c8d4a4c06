#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Process 1 of the guest: runs each exercise and turns the machine off.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /tmp
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
mount -t configfs configfs /sys/kernel/config 2>/dev/null
# A machine with a second serial port has the reports there, as the kernel's lines would break them up.
if [ -n "$REPORTS" ]; then
	exec <"$REPORTS" >"$REPORTS" 2>&1
fi
stty -opost 2>/dev/null

echo
for script in /exercises/*.sh; do
	[ -e "$script" ] || continue
	name=${script##*/}
	name=${name%.sh}
	echo "@begin $name"
	( . /lib.sh; . "$script" )
	echo "@end $?"
done
if [ -e /proc/lockdep_stats ]; then
	echo "@checker lockdep $(awk '/debug_locks:/ { print $2 }' /proc/lockdep_stats)"
fi
leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
	# What was allocated in the last five seconds is no suspect yet, and what one scan finds may be on
	# its way from one place to another.
	sleep 6
	echo scan >$leaks
	if echo scan >$leaks; then
		echo "@checker kmemleak 1"
	else
		echo "@checker kmemleak 0"
	fi
	cat $leaks
fi
echo "@done"
# It changes nothing, but waits until all is out.
stty -opost 2>/dev/null
poweroff -f
