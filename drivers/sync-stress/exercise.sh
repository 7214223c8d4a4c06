# SPDX-License-Identifier: GPL-2.0
# Loads the module with few and many threads, with bad parameters, and with a count that is wrong.

parts="mutex spinlock locked_by condvar interrupt completion arc refcount atomic set_once revocable"

# holds THREADS ROUNDS: loads the module, and checks that each part has its line.
holds() {
	load sync_stress "threads=$1" "rounds=$2"
	for part in $parts; do
		check "$1 threads, $2 rounds: $part holds" logged "sync_stress: $part: "
	done
	check "$1 threads, $2 rounds: the verdict" logged 'sync_stress: verdict: all 11 parts hold'
	unload sync_stress
}

# out_of_range PARAMETER=VALUE LINE: checks that the module is not loaded, and says why.
out_of_range() {
	new_log
	refused "$1 is refused" insmod /modules/sync_stress.ko "$1"
	check "$1 is invalid" grep -qi 'invalid' /tmp/refused
	check "$1: the log says why" logged "sync_stress: $2"
}

holds 4 1000
holds 1 1
holds 2 10000
holds 16 500

out_of_range threads=0 'threads must be from 1 to 32, not 0'
out_of_range threads=33 'threads must be from 1 to 32, not 33'
out_of_range rounds=0 'rounds must be from 1 to 100000, not 0'
out_of_range rounds=100001 'rounds must be from 1 to 100000, not 100001'
out_of_range forget=1001 'forget must be from 0 to 1000, not 1001'

new_log
refused "a wrong count keeps the module from loading" insmod /modules/sync_stress.ko forget=1
check "the wrong count is named" logged 'sync_stress: mutex: the number of transfers: found 3999 where 4000 was due'
check "so is the part" logged 'sync_stress: verdict: mutex does not hold'
refused "a module that was refused is not loaded" test -e /sys/module/sync_stress
summary "11 parts, with 1 to 16 threads and up to 10000 rounds each; a wrong count is noticed"
