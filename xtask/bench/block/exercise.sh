# SPDX-License-Identifier: GPL-2.0
# Measures C's null_blk, and the Rust driver that is there, set up alike.

# setting DIR ATTRIBUTE=VALUE…: makes a device, and turns it on.
setting() {
	folder=$1
	shift
	check "$folder is made" mkdir "$folder"
	for pair in "$@" power=1; do
		check "$folder: $pair" put "${pair#*=}" "$folder/${pair%%=*}"
	done
}

load null_blk nr_devices=0 poll_queues=0 queue_mode=2
setting /sys/kernel/config/nullb/in_c size=4096 blocksize=4096 irqmode=0 submit_queues=1 hw_queue_depth=256
# The tree's own has one queue of this depth.
if [ -e /modules/rnull.ko ]; then
	load rnull
	setting /sys/kernel/config/rnull/in_rust size=4096 blocksize=4096 irqmode=0 submit_queues=1 hw_queue_depth=256
else
	load rnull_mod
	setting /sys/kernel/config/rnull/in_rust size=4096 blocksize=4096 irqmode=0
fi
for disk in in_c in_rust; do
	if [ -e /sys/block/$disk/queue/scheduler ]; then
		check "$disk has no scheduler" put none /sys/block/$disk/queue/scheduler
	fi
done
for name in logical_block_size max_sectors_kb max_segments nr_requests rotational write_cache iostats nomerges scheduler; do
	if [ -e "/sys/block/in_c/queue/$name" ]; then
		check "both have the same $name" cmp "/sys/block/in_c/queue/$name" "/sys/block/in_rust/queue/$name"
	fi
done
disk bench /dev/in_c /dev/in_rust "${ROUNDS:-5}" "${SCALE:-1}"
check "the devices go" rmdir /sys/kernel/config/nullb/in_c /sys/kernel/config/rnull/in_rust
