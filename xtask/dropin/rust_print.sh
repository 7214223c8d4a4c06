# SPDX-License-Identifier: GPL-2.0
tracing=/sys/kernel/tracing
if [ -e $tracing/set_event ]; then
	# The module traces an event while it is loaded: that is to be on from the start.
	echo ':mod:rust_print' >$tracing/set_event
fi
load rust_print
for level in Emergency Alert Critical Error Warning Notice Info; do
	check "$level is printed" logged "rust_print: $level message (level"
done
check "a line is continued" logged 'rust_print: A line that is continued without args'
check "arguments are continued" logged 'rust_print: A line that is continued with args'
check "an Arc prints what it holds" logged 'rust_print: 1'
check "Debug goes through" logged 'rust_print: "hello, world"'
check "dbg! names its file" logged 'samples/rust/rust_print_main.rs:'
check "a dyn Display prints" logged 'rust_print: Arc<dyn Display> says 42'
if [ -e $tracing/set_event ]; then
	check "it is traced" grep -q 'rust_sample_loaded: magic=42' $tracing/trace
fi
unload rust_print
check "it says good-bye" logged 'rust_print: Rust printing macros sample (exit)'
summary "every level, continued lines, Arc<dyn Display>, dbg!"
