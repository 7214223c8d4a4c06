# SPDX-License-Identifier: GPL-2.0
# Has QEMU's edu device compute, copy and interrupt; and takes it away while it is busy.
# (QEMU: -device edu,dma_mask=0xffffffff, for addresses of 32 bits.)
drivers=/sys/bus/pci/drivers/edu

# edu: the name of the device, if there is one.
edu() {
	for device in /sys/bus/pci/devices/*; do
		if [ "$(cat "$device/vendor") $(cat "$device/device")" = "0x1234 0x11e8" ]; then
			basename "$device"
			return
		fi
	done
}

# holds FILE TEXT: whether TEXT is all that is in the device's file.
holds() {
	[ "$(cat "$files/$1")" = "$2" ]
}

# count CAUSE: how many interrupts there have been.
count() {
	sed -n "s/^$1 //p" "$files/interrupts"
}

# factorial NUMBER RESULT: has the device compute it.
factorial() {
	put "$1" "$files/factorial" && holds factorial "$2"
}

# store FILE OFFSET: copies a file to the device's memory.
store() {
	dd if="$1" of="$files/memory" bs=4096 seek="$2" oflag=seek_bytes conv=notrunc 2>/dev/null
}

# comes_back FILE: whether the file is what is in the device's memory.
comes_back() {
	dd if="$files/memory" of=/tmp/back bs=4096 count=1 2>/dev/null && cmp "$1" /tmp/back
}

device=$(edu)
check "the machine has an edu device" test -n "$device"
files=/sys/kernel/debug/edu-$device

# More than its addresses can tell.
load edu address_bits=1
refused "the device can't address memory" test -e "$drivers/$device"
check "the log says so" logged 'has no address of 1 bits'
refused "nothing is in debugfs" test -e "$files"
unload edu

load edu address_bits=32
check "the driver has it" test -e "$drivers/$device"
check "its memory is claimed" grep -q ': edu$' /proc/iomem
check "it has interrupts" grep -q ' edu$' /proc/interrupts
check "the version is shown" holds version 1.0
check "the device answers" holds alive Y
refused "the version can't be written" put 1 "$files/version"

for pair in 0:1 1:1 2:2 5:120 10:3628800 12:479001600 13:1932053504 34:0 100000:0; do
	check "the factorial of ${pair%:*}" factorial "${pair%:*}" "${pair#*:}"
done
check "each came with an interrupt" test "$(count factorial)" -ge 9
check "a newline does not count" sh -c "echo 6 >$files/factorial"
check "the result is there" holds factorial 720
for wrong in '' ' ' -1 x 0x10 4294967296 99999999999999999; do
	refused "'$wrong' is no number" dd if=/dev/stdin "of=$files/factorial" bs=64 count=1 conv=notrunc <<-END
		$wrong
	END
done
check "the result is as it was" holds factorial 720

head -c 4095 /dev/urandom >/tmp/page
before=$(count dma)
check "bytes go to the device" store /tmp/page 0
check "and come back" comes_back /tmp/page
check "each way ended with an interrupt" test "$(count dma)" -ge $((before + 2))
printf 'in the middle' >/tmp/text
check "some bytes go to the middle" store /tmp/text 1000
dd if=/tmp/text of=/tmp/page bs=1 seek=1000 conv=notrunc 2>/dev/null
check "the others stay" comes_back /tmp/page
printf 'Z' >/tmp/byte
check "a byte goes to the end" store /tmp/byte 4094
dd if=/tmp/byte of=/tmp/page bs=1 seek=4094 conv=notrunc 2>/dev/null
check "it is the last" comes_back /tmp/page
refused "beyond the end there is no room" store /tmp/byte 4095
check "nothing has changed" comes_back /tmp/page

before=$(count other)
check "an interrupt is raised" put 16 "$files/raise"
sleep 1
check "it has come" test "$(count other)" -gt "$before"
check "it was acknowledged" test "$(count other)" -lt $((before + 100))
check "all causes at once" put 273 "$files/raise"
sleep 1
check "the device still computes" factorial 7 5040

# Several at once take turns.
check "several compute at the same time" sh -c "
	for n in 1 2 3 4; do
		(for round in \$(seq 20); do echo \$n >$files/factorial || exit 1; done) &
		jobs=\"\$jobs \$!\"
	done
	for job in \$jobs; do wait \$job || exit 1; done"
check "several copy at the same time" sh -c "
	for n in 1 2 3; do
		(for round in 1 2 3; do dd if=/tmp/page of=$files/memory bs=4096 count=1 conv=notrunc || exit 1; done) &
		jobs=\"\$jobs \$!\"
	done 2>/dev/null
	for job in \$jobs; do wait \$job || exit 1; done"
check "what they copied is there" comes_back /tmp/page

# The largest number keeps the device busy for seconds.
printf 4294967295 | dd of="$files/factorial" conv=notrunc 2>/tmp/busy &
busy=$!
sleep 1
start=$(date +%s)
check "the driver is unbound while somebody waits" put "$device" $drivers/unbind
refused "who waited got an error" wait $busy
check "that there is no device" grep -qi 'no such device' /tmp/busy
check "it did not take as long as the number" test $(($(date +%s) - start)) -lt 10
refused "nothing is in debugfs" test -e "$files"
refused "its memory is free" grep -q ': edu$' /proc/iomem
refused "it has no interrupts" grep -q ' edu$' /proc/interrupts
check "the driver is bound while the device still computes" put "$device" $drivers/bind
check "the device answers" holds alive Y
for second in $(seq 30); do
	put 5 "$files/factorial" 2>/dev/null && break
	sleep 1
done
check "in the end it computes again" factorial 5 120

# A signal ends the wait, and not the work.
put 4294967295 "$files/factorial" 2>/dev/null &
busy=$!
sleep 1
kill $busy
refused "who is killed does not wait" wait $busy
refused "the device is busy" put 5 "$files/factorial"
for second in $(seq 30); do
	put 5 "$files/factorial" 2>/dev/null && break
	sleep 1
done
check "in the end it computes again" factorial 6 720

# While it copies.
for round in 1 2 3; do
	store /tmp/page 0 &
	copying=$!
	check "the driver is unbound while the device copies, round $round" put "$device" $drivers/unbind
	wait $copying
	check "it is bound again, round $round" put "$device" $drivers/bind
	check "bytes go to the device, round $round" store /tmp/page 0
	check "and come back, round $round" comes_back /tmp/page
done

exec 3<"$files/version"
check "the device is removed while a file is open" put 1 "/sys/bus/pci/devices/$device/remove"
refused "the file can't be read any more" cat <&3
exec 3<&-
refused "nothing is in debugfs" test -e "$files"
check "the device is found again" put 1 /sys/bus/pci/rescan
check "the driver has it again" holds alive Y
check "it computes" factorial 4 24
unload edu
refused "nothing is in debugfs" test -e "$files"

load edu address_bits=32
check "a second time it is as the first" factorial 3 6
rebind $drivers "$device" "$CYCLES" "$files/alive" "$files/version"
check "it is unbound" put "$device" $drivers/unbind
# C says EBUSY of a BAR that it had no memory to claim.
every-site --also 16 bind $drivers "$device"
check "it is bound after all that" put "$device" $drivers/bind
check "it computes" factorial 8 40320
unload edu
summary "factorials and DMA by interrupt, there and back; unbound, removed and killed while busy; calls good and bad"
