# SPDX-License-Identifier: GPL-2.0
# Has a disk open while its module is initialised, which then fails, or goes. To look for partitions the
# kernel opens it, too, and closes it when insmod returns.

device=/dev/block_init

# hold: opens the disk as soon as it is there, until `release`. Then it reads.
hold() {
	rm -f /tmp/held /tmp/released /tmp/got
	(
		until (
			: >/tmp/held
			until [ -e /tmp/released ]; do usleep 10000; done
			dd of=/tmp/got bs=4096 count=1
			:
		) <$device; do
			[ ! -e /tmp/released ] || exit
		done
	) 2>/dev/null &
	holder=$!
}

# held: waits until it is open.
held() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -e /tmp/held ] || return 0
		usleep 100000
	done
	return 1
}

release() {
	: >/tmp/released
	wait $holder
}

round=0
open=0
while [ $round -lt "$CYCLES" ]; do
	hold
	insmod /modules/block_init.ko fails=1 2>/tmp/refused && break
	[ ! -e /tmp/held ] || open=$((open + 1))
	release
	round=$((round + 1))
done
check "the module fails to be initialised, each time" test "$round" = "$CYCLES"
check "that is what it says" grep -qF 'No such device' /tmp/refused
check "the disk was open then" test $open -gt 0
refused "the disk is gone" test -e $device
refused "so is the module" grep -q '^block_init ' /proc/modules

hold
load block_init milliseconds=1000
check "the disk is opened while the module is initialised" held
unload block_init
refused "the disk is gone with it" test -e $device
release
refused "who had it open reads nothing" test -s /tmp/got

load block_init
hold
check "the disk is opened" held
refused "the module stays while it is open" rmmod block_init
release
check "a page is read" test "$(wc -c </tmp/got)" = 4096
unload block_init

summary "failed to be initialised $CYCLES times, $open of them with the disk open; went with the disk open"
