# SPDX-License-Identifier: GPL-2.0
# Has a PHY without hardware given its firmware by upstream's driver, and by the one of this workspace, and
# compares all that they read and write.
mock=/sys/kernel/debug/mock_mdio
device=mock:02
firmware=/lib/firmware/qt2025-2.0.3.3.fw

# attach: binds the driver. dd says what is wrong.
attach() {
	printf '%s' $device | dd of="$driver/bind"
}

# whole_life DRIVER FILE: a PHY from its arrival to its end, with the trace in that file.
whole_life() {
	driver="/sys/bus/mdio_bus/drivers/$1"
	check "$1: there is a driver" test -e "$driver"
	put clear $mock/trace
	put '2 1.d001 b300' $mock/set
	put '2 3.d7fd 0 2 10 1 40' $mock/set
	check "$1: a PHY arrives" put '2 0043a400 c45' $mock/phys
	put 'arrival: 0' $mock/mark
	check "$1: it is bound" test -e "$driver/$device"
	check "$1: it is connected" put 'connect 2' $mock/do
	put '2 1.0000 2040' $mock/set
	for link in 0000 0004 0000; do
		put "2 1.0001 $link" $mock/set
		check "$1: its status is read" put 'status 2' $mock/do
	done
	check "$1: it is disconnected" put 'disconnect 2' $mock/do
	check "$1: it is unbound" put $device "$driver/unbind"
	put 'unbind: 0' $mock/mark
	put '2 3.d7fd 40' $mock/set
	check "$1: it is bound again" attach
	put 'bind: 0' $mock/mark
	cat $mock/trace >/tmp/$2
}

check "there is a bus" insmod /modules/mock_mdio.ko
mkdir -p /lib/firmware
# Any bytes will do; those of a program for this machine are as good as others.
dd if=/bin/busybox of=$firmware bs=24576 count=1 2>/dev/null
load qt2025
whole_life 'QT2025 10Gpbs SFP+' upstream
rebind "$driver" $device $((CYCLES / 10 + 1)) $mock/link
check "it is unbound" put $device "$driver/unbind"
rm $firmware
refused "without firmware it is not bound" attach
check "there is no such file" grep -qi 'no such file' /tmp/refused
dd if=/bin/busybox of=$firmware bs=24577 count=1 2>/dev/null
refused "with a byte too many it is not bound" attach
check "the file is too large" grep -qi 'file too large' /tmp/refused
dd if=/bin/busybox of=$firmware bs=24576 count=1 2>/dev/null
put '2 1.d001 b200' $mock/set
refused "another revision is refused" attach
put '2 1.d001 b300' $mock/set
check "it is bound after all that" attach
check "the PHY goes" put -2 $mock/phys
unload qt2025

check "the other driver is loaded" insmod /modules/amcc_qt2025.ko
whole_life 'AMCC QT2025' ours
check "the PHY goes" put -2 $mock/phys
check "the other driver is removed" rmmod amcc_qt2025
steps QT2025 /tmp/ours "7.2's" /tmp/upstream
check "all accesses are the same" cmp /tmp/upstream /tmp/ours
check "both regions were written, twice" test "$(grep -c '^w 2 4\.[89]' /tmp/upstream)" = 16384
check "its link was 10 Gbit/s" grep -qx '# is up 10Gbps/Full' /tmp/upstream
check "the bus goes" rmmod mock_mdio
rm -f $firmware
summary "firmware to both regions: $(grep -c '^[rw]' /tmp/upstream) accesses as by the driver of this workspace"
