# SPDX-License-Identifier: GPL-2.0
root=/sys/kernel/config/rnull

# holds ATTRIBUTE TEXT: whether TEXT is all that is in an attribute of the device.
holds() {
	[ "$(cat "$device/$1")" = "$2" ]
}

# wrong ATTRIBUTE VALUE…: that each is refused, and changes nothing.
wrong() {
	attribute=$1
	before=$(cat "$device/$1")
	shift
	for value in "$@"; do
		refused "$attribute can't be '$value'" sh -c "echo '$value' >$device/$attribute"
	done
	check "$attribute is as it was" holds "$attribute" "$before"
}

# right ATTRIBUTE VALUE [SHOWN]: that it is taken, and shown.
right() {
	check "$1 can be $2" put "$2" "$device/$1"
	check "$1 is ${3:-$2}" holds "$1" "${3:-$2}"
}

# make NAME: makes a device, without power.
make() {
	device=$root/$1
	node=/dev/$1
	check "$device is made" mkdir "$device"
}

# on: turns the device on.
on() {
	check "$device is turned on" put 1 "$device/power"
	check "$node is there" test -b "$node"
}

load rnull_mod
check "that was the module" logged 'Rust null_blk loaded'
check "its directory is there" test -d $root
check "features says what there is" test "$(cat $root/features)" = blocksize,size,rotational,irqmode
refused "it is not loaded twice" insmod /modules/rnull_mod.ko

make nb0
for pair in blocksize=4096 rotational=0 size=4096 irqmode=0 power=0; do
	check "at first $pair" holds "${pair%=*}" "${pair#*=}"
done
right blocksize 512
right size 32
right irqmode 1
right rotational y 1
wrong blocksize '' x -1 0 256 513 3000 4294967808
wrong size '' x -1 99999999999999999999
wrong irqmode '' x -1 2 256
wrong rotational '' x 2
wrong power '' x 2
on
check "a second time nothing happens" put 1 "$device/power"
check "its size is right" test "$(cat /sys/block/nb0/size)" -eq $((32 * 2048))
check "its blocks are" test "$(cat /sys/block/nb0/queue/logical_block_size)" -eq 512
check "it turns" test "$(cat /sys/block/nb0/queue/rotational)" -eq 1
for attribute in blocksize size irqmode rotational; do
	refused "$attribute can't be changed now" sh -c "echo 1 >$device/$attribute"
done
check "it completes by softirq" disk fill $node 1 4
refused "the module is in use" rmmod rnull_mod
check "it is turned off" put 0 "$device/power"
refused "$node is gone" test -e $node
right irqmode 0
on
check "it completes at once" disk fill $node 1 4
check "it can be read" dd if=$node of=/dev/null bs=1M
make nb1
on
check "two are there at the same time" disk fill /dev/nb0 1 2
check "$device is removed while it is on" rmdir "$device"
refused "$node is gone" test -e $node
check "the other is removed" rmdir $root/nb0

disk cycles $root/nb2 /dev/nb2 "$((CYCLES / 2))" size=1
disk cycles $root/nb2 /dev/nb2 "$((CYCLES / 5))" size=1 irqmode=1
refused "nothing is left" sh -c "ls $root | grep nb"
unload rnull_mod
refused "its directory is gone" test -e $root
load rnull_mod
make nb3
on
check "a second time it is as the first" disk fill $node 1 2
check "$device is removed" rmdir "$device"
unload rnull_mod
summary "attributes good and bad; I/O at once and by softirq; devices taken away while they are busy"
