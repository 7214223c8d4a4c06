# SPDX-License-Identifier: GPL-2.0
# Loads the module, has a program use it well and badly, and removes it; and makes allocations fail.

load mailbox
check "the device is there" test -c /dev/mailbox
check "the limits are there" test -f /sys/kernel/config/mailbox/max_messages
check "the statistics are there" test -f /sys/kernel/debug/mailboxes/sent
refused "it is not loaded twice" insmod /modules/mailbox.ko
mailbox all
mailbox race
mailbox sites
unload mailbox
refused "the device is gone" test -e /dev/mailbox
refused "the limits are gone" test -e /sys/kernel/config/mailbox
refused "the statistics are gone" test -e /sys/kernel/debug/mailboxes

load mailbox
check "a second time nothing is left of the first" test "$(cat /sys/kernel/debug/mailboxes/sent)" = 0
mailbox race
unload mailbox
every-site load /modules/mailbox.ko
summary "messages between processes; ioctls, memory, limits, signals and ends, good and bad; totals that agree after races"
