# SPDX-License-Identifier: GPL-2.0
# Makes null block devices in configfs, with good and bad attributes; writes to them and reads, from several
# jobs and through a file system; has sectors fail; and takes devices away while they are in use.
root=/sys/kernel/config/rnull

# holds ATTRIBUTE TEXT: whether TEXT is all that is in an attribute of the device.
holds() {
	[ "$(cat "$device/$1")" = "$2" ]
}

# says ATTRIBUTE ERROR VALUE: whether writing the value fails with this error.
says() {
	! dd if=/tmp/value of="$device/$1" bs=8192 2>/tmp/said && grep -qi "$2" /tmp/said
}

# wrong ATTRIBUTE VALUE…: that each is refused, and changes nothing.
wrong() {
	attribute=$1
	before=$(cat "$device/$1")
	shift
	for value in "$@"; do
		printf '%s\n' "$value" >/tmp/value
		check "$attribute can't be '$value'" says "$attribute" 'invalid argument'
	done
	check "$attribute is as it was" holds "$attribute" "$before"
}

# right ATTRIBUTE VALUE [SHOWN]: that it is taken, and shown.
right() {
	check "$1 can be $2" put "$2" "$device/$1"
	check "$1 is ${3-$2}" holds "$1" "${3-$2}"
}

# make NAME ATTRIBUTE=VALUE…: makes a device, without power.
make() {
	device=$root/$1
	node=/dev/$1
	shift
	check "$device is made" mkdir "$device"
	for pair in "$@"; do
		check "$pair" put "${pair#*=}" "$device/${pair%%=*}"
	done
}

# on: turns the device on.
on() {
	check "$device is turned on" put 1 "$device/power"
	check "$node is there" test -b "$node"
}

# queue FILE TEXT: whether TEXT is in a file of the device's queue in sysfs.
queue() {
	[ "$(cat "/sys/block/${node#/dev/}/queue/$1")" = "$2" ]
}

load rnull
check "its directory is there" test -d $root
refused "it is not loaded twice" insmod /modules/rnull.ko
refused "its directory can't be removed" rmdir $root
refused "a name that is too long for a device" mkdir $root/a-name-of-thirty-two-bytes-or-so-on
refused "a name that is not UTF-8" mkdir "$root/$(printf 'nb\377')"
refused "nothing is there" test -e $root/a-name-of-thirty-two-bytes-or-so-on

make nb0
check "features names its attributes" test "$(tr ',' ' ' <$root/features)" = "$(ls "$device" | tr '\n' ' ' | sed 's/ $//')"
for pair in blocksize=4096 rotational=0 size=4096 irqmode=0 power=0 memory_backed=0 discard=0 \
	submit_queues=1 hw_queue_depth=256 badblocks= blocking=0 no_sched=0; do
	check "at first $pair" holds "${pair%=*}" "${pair#*=}"
done
right blocksize 512
right blocksize 0x400 1024
right size 64
right irqmode 1
right submit_queues 2
right hw_queue_depth 32
for flag in rotational memory_backed discard blocking no_sched; do
	right $flag y 1
	right $flag off 0
	wrong $flag '' x 2
done
wrong blocksize '' x -1 0 256 513 3000 8192 4294967808 '512 512'
wrong size '' x -1 0 4294967296 99999999999999999999 1M
wrong irqmode '' x -1 2 3
wrong submit_queues '' x -1 0 65537 4294967296
wrong hw_queue_depth '' x -1 0 10241
wrong power '' x 2
wrong badblocks '' 1 1-2 +1 +-1 +2-1 +x-1 +1-x +1-2-3 +0-18446744073709551615 +0-18446744073709551616
head -c 5000 /dev/zero | tr '\0' 1 >/tmp/value
refused "a number of 5000 digits" sh -c "cat /tmp/value >$device/size"
check "size is as it was" holds size 64

right badblocks +10-19 '10 10'
right badblocks +30-30 '10 10
30 1'
right badblocks +20-29 '10 21'
right badblocks -15-16 '10 5
17 14'
right badblocks -0-1000 ''
check "as many bad blocks as there is room for" sh -c "for n in \$(seq 97); do echo +\${n}0-\${n}0 >$device/badblocks; done"
echo +5-5 >/tmp/value
check "one more is too many" says badblocks 'no space left'
check "they are all there" test "$(wc -l <"$device/badblocks")" -eq 97
right badblocks -0-1000 ''

put 1 "$device/rotational"
on
check "a second time nothing happens" put 1 "$device/power"
check "its size is right" test "$(cat /sys/block/nb0/size)" -eq $((64 * 2048))
check "its blocks are" queue logical_block_size 1024
check "the physical ones, too" queue physical_block_size 1024
check "it turns" queue rotational 1
check "it takes no discards" queue discard_max_bytes 0
check "its depth is right" test "$(cat /sys/block/nb0/queue/nr_requests)" -le 64
check "it has a queue for each processor, up to two" test "$(ls /sys/block/nb0/mq | wc -l)" -ge 1
echo 1 >/tmp/value
for attribute in blocksize size irqmode submit_queues hw_queue_depth rotational memory_backed discard blocking no_sched; do
	check "$attribute can't be changed now" says $attribute busy
done
check "what is written to it is taken" disk fill $node 1 2
refused "the module is in use" rmmod rnull
check "it is turned off" put 0 "$device/power"
check "a second time nothing happens" put 0 "$device/power"
refused "$node is gone" test -e $node
right rotational 0
on
check "$device is removed while it is on" rmdir "$device"
refused "$node is gone" test -e $node
refused "so is $device" test -e "$device"

# Memory, by several jobs; each mode completes in its own way.
for mode in 0 1; do
	make nb$mode size=4 blocksize=512 memory_backed=1 discard=1 irqmode=$mode submit_queues=2
	on
	disk zero $node 0 65536
	check "it takes discards" test "$(cat /sys/block/nb$mode/queue/discard_max_bytes)" -gt 0
	check "four jobs fill it" disk fill $node 7 4
	disk verify $node 7 3
	check "some is discarded" disk discard $node 512 1048064
	disk zero $node 512 1048064
	check "it is filled again" disk fill $node 8 1
	check "it is turned off" put 0 "$device/power"
	on
	# As with C's null_blk.
	disk verify $node 8 4
	disk race $node 4 250
	check "all is discarded" disk discard $node 0 4194304
	disk zero $node 0 4194304
	check "$device is removed" rmdir "$device"
done

# Sectors that fail, with memory and without; marked before the device is on, and when it is.
for memory in 0 1; do
	make nb2 size=1 blocksize=512 memory_backed=$memory badblocks=+100-109
	on
	disk bad $node 100 109
	right badblocks +300-300 '100 10
300 1'
	disk bad $node 300 300
	right badblocks -0-1000 ''
	check "all is well again" disk fill $node 1
	check "$device is removed" rmdir "$device"
done

# A file system.
make nb3 size=16 blocksize=512 memory_backed=1 discard=1
on
mkdir -p /tmp/mount
check "a file system is made" disk minix $node
check "it is mounted" mount -t minix $node /tmp/mount
head -c 1000000 /dev/urandom >/tmp/random
check "files are written" sh -c "for n in 1 2 3 4 5; do mkdir /tmp/mount/\$n && cp /tmp/random /tmp/mount/\$n/file || exit 1; done"
check "a program is, too" cp /bin/busybox /tmp/mount
check "some are removed" rm -r /tmp/mount/2 /tmp/mount/4
sums=$(cd /tmp/mount && find . -type f -exec md5sum {} + | sort)
refused "the module is in use" rmmod rnull
check "it is unmounted" umount /tmp/mount
sync
echo 3 >/proc/sys/vm/drop_caches
check "it is mounted again" mount -t minix $node /tmp/mount
check "the files are what they were" test "$(cd /tmp/mount && find . -type f -exec md5sum {} + | sort)" = "$sums"
check "the program runs from there" /tmp/mount/busybox true
check "the power goes while it is mounted" put 0 "$device/power"
check "it is unmounted" umount /tmp/mount
on
check "it is mounted after that" mount -t minix $node /tmp/mount
check "what was in memory is there" cmp /tmp/random /tmp/mount/1/file
check "it is unmounted" umount /tmp/mount
check "$device is removed" rmdir "$device"

# Away while it is open.
make nb4 size=4 memory_backed=1
on
exec 3<>$node
check "the power goes while it is open" put 0 "$device/power"
refused "nothing can be written any more" dd if=/dev/zero bs=4096 count=1 of=/proc/self/fd/3 conv=notrunc,fsync
refused "nor through who has it open" sh -c "dd if=/dev/zero bs=4096 count=1 conv=fsync >&3"
on
check "$device is removed" rmdir "$device"
refused "the module is there for who has it open" rmmod rnull
exec 3<&-
unload rnull

load rnull
disk cycles $root/nb5 /dev/nb5 "$CYCLES" size=1 memory_backed=1 blocksize=512
disk cycles $root/nb5 /dev/nb5 "$((CYCLES / 5))" size=1 irqmode=1 submit_queues=2
# To turn it on has hundreds of allocations, and takes half a second each time: all, if asked for that much.
disk sites "$((CYCLES < 1000 ? 6 : 1))" $root/nb6 /dev/nb6 size=1 memory_backed=1 discard=1 no_sched=1
refused "nothing is left" sh -c "ls $root | grep nb"
unload rnull
refused "its directory is gone" test -e $root
summary "attributes good and bad; data verified from several jobs and in a file system; bad blocks; devices taken away while open, mounted and busy"
