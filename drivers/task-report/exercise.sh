# SPDX-License-Identifier: GPL-2.0
# Loads the module from processes whose numbers are known: in the first PID namespace, and in another.

# reported TEXT: takes the number that follows TEXT in the module's lines.
reported() {
	dmesg | sed -n "s/.*task_report: .*$1\([0-9]\{1,\}\).*/\1/p"
}

# holds: checks that every relation was found to hold.
holds() {
	check "$1: every relation holds" sh -c \
		'dmesg | sed -n "s/.*verdict: \([0-9]*\) of \([0-9]*\) relations hold.*/\1 \2/p" |
			{ read -r hold all && [ "$hold" -gt 0 ] && [ "$hold" = "$all" ]; }'
}

load task_report
holds "a process"
check "it leads itself" logged 'loader: leads its process'
check "it belongs to root" logged 'loader: uid 0, euid 0'
check "it has an address space" logged 'loader: has an address space'
unload task_report

# A shell that becomes the loader knows the loader's number.
new_log
check "a shell becomes the loader" sh -c 'echo $$ >/tmp/pid; exec insmod /modules/task_report.ko'
pid=$(cat /tmp/pid)
check "its number is the shell's" logged "loader: process $pid, task $pid in the first namespace"
check "the thread sees it under that number" logged "thread: sees the loader as $pid"
thread=$(reported 'thread: task ')
check "it sees the thread under its number" logged "thread: task $thread in the first namespace, seen as $thread by the loader"
check "the thread lives in its namespace" logged "thread: lives in the loader's namespace"
unload task_report

# The first process of a namespace has the number 1 there, and another one here.
new_log
check "a shell in a namespace of its own becomes the loader" \
	unshare -p -f sh -c 'echo $$ >/tmp/pid; exec insmod /modules/task_report.ko'
holds "a process in a namespace"
check "it is process 1 there" test "$(cat /tmp/pid) $(reported 'loader: process ')" = "1 1"
outer=$(reported 'loader: process 1, task ')
check "it has another number in the first namespace" test "$outer" -gt 1
check "the thread sees it under that number" logged "thread: sees the loader as $outer"
check "it does not see the thread" logged 'seen as 0 by the loader'
check "the thread lives in another namespace" logged 'thread: lives in another namespace'
unload task_report

# The areas of this shell's program are those of insmod's, which is the same program.
areas=0
while read -r range mode offset device inode path; do
	[ "$path" = /bin/busybox ] || continue
	areas=$((areas + 1))
	start=${range%-*}
	new_log
	check "area $areas is looked up" insmod /modules/task_report.ko "address=0x$start"
	check "area $areas is as /proc has it" logged "loader: 0x$(echo "$start" | sed 's/^0*//') is in $range $mode"
	holds "area $areas"
	rmmod task_report
done </proc/self/maps
check "there were areas" test "$areas" -gt 1
load task_report address=1
check "an address in no area is in none" logged 'loader: 0x1 is in no area'
unload task_report
refused "an address that is no number is refused" insmod /modules/task_report.ko address=here
summary "loaded from a process, from a namespace where it was process 1 (and $outer outside), and for $areas areas of its program"
