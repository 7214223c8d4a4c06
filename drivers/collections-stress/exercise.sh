# SPDX-License-Identifier: GPL-2.0
# Loads the module with few and many threads, with bad parameters, and with a count that is wrong.

parts="list rbtree xarray maple_tree id_pool bitmap hrtimer workqueue"

# holds THREADS ROUNDS: loads the module, and checks that each part has its line.
holds() {
	load collections_stress "threads=$1" "rounds=$2"
	for part in $parts; do
		check "$1 threads, $2 rounds: $part holds" logged "collections_stress: $part: "
	done
	check "$1 threads, $2 rounds: the verdict" logged 'collections_stress: verdict: all 8 parts hold'
	unload collections_stress
}

# out_of_range PARAMETER=VALUE LINE: checks that the module is not loaded, and says why.
out_of_range() {
	new_log
	refused "$1 is refused" insmod /modules/collections_stress.ko "$1"
	check "$1 is invalid" grep -qi 'invalid' /tmp/refused
	check "$1: the log says why" logged "collections_stress: $2"
}

holds 4 1000
holds 1 1
holds 2 5000
holds 16 500

out_of_range threads=0 'threads must be from 1 to 32, not 0'
out_of_range threads=33 'threads must be from 1 to 32, not 33'
out_of_range rounds=0 'rounds must be from 1 to 100000, not 0'
out_of_range rounds=100001 'rounds must be from 1 to 100000, not 100001'
out_of_range forget=1001 'forget must be from 0 to 1000, not 1001'

new_log
refused "a wrong count keeps the module from loading" insmod /modules/collections_stress.ko forget=1
check "the wrong count is named" logged 'collections_stress: list: the number of moves: found 3999 where 4000 was due'
check "so is the part" logged 'collections_stress: verdict: list does not hold'
refused "a module that was refused is not loaded" test -e /sys/module/collections_stress
summary "8 parts, with 1 to 16 threads and up to 5000 rounds each; a wrong count is noticed"
