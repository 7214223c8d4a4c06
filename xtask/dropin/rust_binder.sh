# SPDX-License-Identifier: GPL-2.0
# Binder is part of the kernel, not a module of it.
new_log
mkdir -p /tmp/binder
if mount -t binder -o stats=global binder /tmp/binder; then
	echo "@loaded"
	check "the devices are there" test -c /tmp/binder/binder -a -c /tmp/binder/binder-control
	binder /tmp/binder/binder
	check "the state can be read" cat /tmp/binder/binder_logs/state
	check "the counts can be read" cat /tmp/binder/binder_logs/stats
	# What the processes had open goes in a work item.
	sleep 1
	check "no process is left" sh -c '! grep -q "^proc " /tmp/binder/binder_logs/state'
	check "the file system can be unmounted" umount /tmp/binder
	refused "the log has no warning" logged 'WARNING'
else
	echo "@check not the file system is there"
fi
summary "two processes call each other, and pass a descriptor; one exits with a call under way"
