# SPDX-License-Identifier: GPL-2.0
# The module measures, and then refuses to be loaded, so that it can be loaded again.
bits=327680

# iterations SEARCH WHICH: how many bits the search found, in the first or second bitmap.
iterations() {
	dmesg | sed -n "s/.*$1:  *[0-9][0-9]* ns,  *\([0-9][0-9]*\) iterations.*/\1/p" | sed -n "$2p"
}

# between LEAST VALUE MOST
between() {
	[ -n "$2" ] && [ "$1" -le "$2" ] && [ "$2" -le "$3" ]
}

for round in first second; do
	new_log
	refused "$round time: it ends with an error" insmod /modules/find_bit_benchmark_rust.ko
	check "$round time: the error is EINVAL" grep -qi 'invalid' /tmp/refused
	# It has run, or it could not say that.
	logged 'find_bit_benchmark_rust: Benchmark' && echo "@loaded"
	check "$round time: it says what it does" logged 'find_bit_benchmark_rust: Benchmark'
	check "$round time: a random bitmap" logged 'Start testing find_bit() Rust with random-filled bitmap'
	check "$round time: a sparse bitmap" logged 'Start testing find_bit() Rust with sparse bitmap'
	for bitmap in 1 2; do
		ones=$(iterations next_bit $bitmap)
		zeroes=$(iterations next_zero_bit $bitmap)
		check "$round time, bitmap $bitmap: each bit is found by one of the searches" \
			[ "$((ones + zeroes))" -eq $bits ]
	done
	# Half of the bits, and one of 500 or, where chance hits a bit twice, a few less.
	check "$round time: about half of the random bits are set" \
		between 162000 "$(iterations next_bit 1)" 166000
	check "$round time: the sparse bits are found" \
		between 600 "$(iterations next_bit 2)" 655
	refused "$round time: it is not loaded" test -e /sys/module/find_bit_benchmark_rust
done
summary "random and sparse bitmaps, twice; each of $bits bits is found by one of two searches"
