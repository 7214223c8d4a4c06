# SPDX-License-Identifier: GPL-2.0
# A null block device in C and one in Rust, set up alike, take turns. The Rust module is whichever of the
# two there is: both are set up by the same files.

# How a request of null_blk is handed over, ended and queued: what the Rust drivers do.
load null_blk queue_mode=2 irqmode=0 submit_queues=1 hw_queue_depth=256 bs=4096 gb=4
for module in /modules/rnull*.ko; do
	module=${module##*/}
	load "${module%.ko}"
done
rust=/sys/kernel/config/rnull/rnull0
mkdir $rust
echo 4096 >$rust/size
echo 4096 >$rust/blocksize
echo 0 >$rust/irqmode
echo 1 >$rust/power
for name in nullb0 rnull0; do
	queue=/sys/class/block/$name/queue
	echo none >$queue/scheduler
	check "$name has no scheduler" grep -qF '[none]' $queue/scheduler
	check "$name has blocks of 4 KiB" test "$(cat $queue/logical_block_size)" = 4096
	check "$name is 4 GiB large" test "$(cat /sys/class/block/$name/size)" = 8388608
done
check "both keep as many requests in flight" test \
	"$(cat /sys/class/block/nullb0/queue/nr_requests)" = "$(cat /sys/class/block/rnull0/queue/nr_requests)"
check "both split requests alike" test \
	"$(cat /sys/class/block/nullb0/queue/max_sectors_kb)" = "$(cat /sys/class/block/rnull0/queue/max_sectors_kb)"
check "both keep statistics alike" test \
	"$(cat /sys/class/block/nullb0/queue/iostats)" = "$(cat /sys/class/block/rnull0/queue/iostats)"
# What is printed through the check's file is what was measured.
if block-load 1024 5 /dev/nullb0 /dev/rnull0; then
	echo "@check ok every request ended well"
else
	echo "@check not every request ended well"
fi
echo 0 >$rust/power
rmdir $rust
