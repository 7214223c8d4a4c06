# SPDX-License-Identifier: GPL-2.0
# Has a PHY without hardware given its firmware, of every length that is right and wrong, and compares what is
# written with the file; and has each kind of access fail. See xtask/modules/mock_mdio.
mock=/sys/kernel/debug/mock_mdio
driver="/sys/bus/mdio_bus/drivers/AMCC QT2025"
device=mock:02
firmware=/lib/firmware/qt2025-2.0.3.3.fw
id=0043a400
# How many accesses there are before the firmware's bytes, and how many bytes in each region.
before=12
first=16384
second=8192

# act ACTION PHY…: has phylib do something.
act() {
	put "$*" $mock/do
}

# reg MMD.REGISTER VALUE…: what the PHY has in a register.
reg() {
	put "2 $*" $mock/set
}

# make: a firmware of 24 KiB, in which no two pieces of 256 bytes are the same. They begin with their number, and
# go on with 1 to 255.
make() {
	tail=
	for a in 0 1 2 3; do
		for b in 0 1 2 3 4 5 6 7; do
			for c in 0 1 2 3 4 5 6 7; do
				[ $a$b$c = 000 ] || tail="$tail\\$a$b$c"
			done
		done
	done
	for ab in 00 01 02 03 04 05 06 07 10 11 12 13; do
		for c in 0 1 2 3 4 5 6 7; do
			printf "\\$ab$c$tail"
		done
	done
}

# expected LENGTH: the accesses of a probe with so much of that firmware.
expected() {
	printf '%s\n' 'r 2 1.d001 b300' 'w 2 1.c300 0000' 'w 2 1.c302 0004' 'w 2 1.c319 0038' 'w 2 1.c31a 0098' \
		'w 2 3.0026 0e00' 'w 2 3.0027 0893' 'w 2 3.0028 a528' 'w 2 3.0029 0003' 'w 2 1.a30a 06e1' \
		'w 2 1.c300 0002' 'w 2 3.e854 00c0'
	awk -v length_="$1" -v first=$first 'BEGIN {
		for (at = 0; at < length_; at++) {
			byte = at % 256 ? at % 256 : at / 256
			if (at < first)
				printf "w 2 3.%04x %04x\n", 32768 + at, byte
			else
				printf "w 2 4.%04x %04x\n", 32768 + at - first, byte
		}
	}'
	printf '%s\n' 'w 2 3.e854 0040' 'r 2 3.d7fd 0000' 'r 2 3.d7fd 0000' 'r 2 3.d7fd 0010' 'r 2 3.d7fd 0040'
}

# of_probe: the part of the trace that the driver's probe is.
of_probe() {
	awk '/ 1\.d001 / { on = 1 } on { print } / 3\.d7fd 0040/ { on = 0 }' $mock/trace
}

# cut_to LENGTH: makes the firmware so long.
cut_to() {
	dd if=/tmp/firmware of=$firmware bs=$1 count=1 2>/dev/null
}

# attach: binds the driver, with a new trace. dd says what is wrong.
attach() {
	put clear $mock/trace
	printf '%s' $device | dd of="$driver/bind"
}

# loads LENGTH: whether the driver is bound, and has written firmware of that length.
loads() {
	reg 3.d7fd 0 2 10 1 40
	attach 2>/dev/null || return 1
	of_probe >/tmp/found
	expected $1 >/tmp/expected
	put $device "$driver/unbind"
	cmp /tmp/expected /tmp/found
}

# says TEXT: whether the last refusal was for that reason.
says() {
	grep -qi "$1" /tmp/refused
}

# untouched: whether the driver has written nothing.
untouched() {
	! grep -q '^w' $mock/trace
}

check "there is a bus" insmod /modules/mock_mdio.ko
mkdir -p /lib/firmware
make >/tmp/firmware
check "there is a firmware of 24 KiB" test "$(wc -c </tmp/firmware)" = $((first + second))
load amcc_qt2025
check "there is a driver" test -e "$driver"
rm -f $firmware
reg 1.d001 b300
reg 3.d7fd 40
check "a PHY arrives" put "2 $id c45" $mock/phys
refused "without firmware it is not bound" test -e "$driver/$device"
refused "nor when asked to" attach
check "there is no such file" says 'no such file'
check "the device is left alone" untouched
check "it has no driver" grep -qx "2 $id c45 down -" $mock/phys
: >$firmware
refused "an empty file is refused" attach
check "it is invalid" says 'invalid argument'
check "the device is left alone" untouched
for length in 1 $second $first; do
	cut_to $length
	refused "$length bytes are refused" attach
	check "they are invalid" says 'invalid argument'
	check "the device is left alone" untouched
done
check "the log says why" logged "firmware of $first bytes"
cp /tmp/firmware $firmware
printf x >>$firmware
refused "a byte too many is refused" attach
check "the file is too large" says 'file too large'
check "the device is left alone" untouched
cut_to $((first + second))
reg 1.d001 b2ff
refused "another revision is refused" attach
check "that is no device for it" says 'no such device'
check "the device is left alone" untouched
reg 1.d001 b300

for length in $((first + second)) $((first + second - 1)) $((first + 1)); do
	cut_to $length
	check "$length bytes get to where they belong" loads $length
done

# Failures: in each access before the bytes, at the ends of the regions, and after the bytes.
hit=0
failed=0
cut_to $((first + 1))
reg 3.d7fd 40
last=$((before + first + 3))
for nth in $(seq 1 $((before + 1))) $((before + first)) $((before + first + 1)) $((last - 1)) $last; do
	put "$nth $((nth % 2 ? 5 : 110))" $mock/fail
	hit=$((hit + 1))
	attach >/tmp/refused 2>&1 || failed=$((failed + 1))
	check "access $nth was the last, and failed" sh -c "tail -n 1 $mock/trace | grep -q ' -[0-9]*\$'"
	check "access $nth: the caller is told" says "$([ $((nth % 2)) = 1 ] && echo 'i/o error\|input/output' || echo 'timed out')"
done
put 0 $mock/fail
echo "@faults $hit $failed accesses of a probe"
check "each failure was told" test $failed = $hit

reg 3.d7fd 10
refused "a program that does not start is an error" attach
check "it is for want of time" says 'timed out'
check "the log says so" logged 'its firmware does not start'
reg 3.d7fd 40

check "after all that it is bound" attach
check "it is connected" act connect 2
refused "its driver can't go meanwhile" rmmod amcc_qt2025
reg 1.0000 2040
reg 1.0001 0004
check "it has a link" act status 2
check "of 10 Gbit/s" grep -qx '# is up 10Gbps/Full' $mock/trace
reg 1.0001 0000
put clear $mock/trace
check "it has none" act status 2
check "it says so" grep -q '^# is down' $mock/trace
reg 1.0001 0004
hit=0
failed=0
while [ $hit -lt 50 ]; do
	put "$((hit + 1)) 5" $mock/fail
	act status 2 2>/dev/null
	result=$?
	read -r left <$mock/fail
	put 0 $mock/fail
	[ "$left" = 0 ] || break
	hit=$((hit + 1))
	[ $result = 0 ] || failed=$((failed + 1))
done
echo "@faults $hit $failed accesses of a status"
check "the status works after $hit accesses that failed" test $result = 0
check "each failure of these was told" test $hit -gt 0 -a $failed = $hit
check "it is disconnected" act disconnect 2

rebind "$driver" $device $((CYCLES / 10 + 1)) $mock/link
put $device "$driver/unbind"
every-site bind "$driver" $device
check "after all that it is bound" put $device "$driver/bind"
check "it goes" put -2 $mock/phys
for other in 0043a401 0043a500 1043a400; do
	reg 1.d001 b300
	check "a PHY $other arrives" put "2 $other c45" $mock/phys
	refused "the driver does not have it" test -e "$driver/$device"
	put -2 $mock/phys
done
unload amcc_qt2025
refused "the driver is gone" test -e "$driver"
# C says EINVAL, too, when a file in sysfs finds no memory.
every-site --also 22 load /modules/amcc_qt2025.ko
check "the bus goes" rmmod mock_mdio
rm -f $firmware
summary "firmware in two regions, as it is in the file; missing, empty, short and long; accesses and programs that fail"
