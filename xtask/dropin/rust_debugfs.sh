# SPDX-License-Identifier: GPL-2.0
# Uses the files of the one device that ACPI has for it.
driver=/sys/bus/platform/drivers/rust_debugfs
top=/sys/kernel/debug/sample_debugfs

# put TEXT FILE: writes TEXT to it, at once.
put() {
	printf '%s' "$1" >"$top/$2"
}

# holds FILE TEXT: whether TEXT is all that is in it.
holds() {
	[ "$(cat "$top/$1")" = "$2" ]
}

# bytes FILE: what is in it, in hexadecimal.
bytes() {
	od -An -v -t x1 "$top/$1" | tr -d ' \n'
}

load rust_debugfs
device=$(basename "$(ls -d $driver/LNUXBEEF:* 2>/dev/null | head -n 1)")
check "it is bound to a device of ACPI" test -n "$device"
check "its files are there" test "$(echo $(ls $top))" = "array_blob compatible counter pair vector_blob"

check "a property is shown" sh -c "grep -qF sample-debugfs $top/compatible"
check "it can't be written" test "$(stat -c %a $top/compatible)" = 400
check "the counter is what the probe left" holds counter 91
check "the pair is what the probe left" sh -c "tr -d ' \n' <$top/pair | grep -qF 'x:10,y:42'"
check "the counter is written" put 17 counter
check "it is what was written" holds counter 17
for wrong in -1 1.5 x '' 18446744073709551616; do
	refused "'$wrong' is no number" dd if=/dev/stdin of=$top/counter bs=64 count=1 conv=notrunc <<-END
		$wrong
	END
done
check "the counter is as it was" holds counter 17
check "the pair is written" put '7 8' pair
check "it is what was written" sh -c "tr -d ' \n' <$top/pair | grep -qF 'x:7,y:8'"
for wrong in 7 '7 8 9' '7 x' ''; do
	refused "'$wrong' is no pair" dd if=/dev/stdin of=$top/pair bs=64 count=1 conv=notrunc <<-END
		$wrong
	END
done
check "the pair is as it was" sh -c "tr -d ' \n' <$top/pair | grep -qF 'x:7,y:8'"

check "the array says blob" test "$(bytes array_blob)" = 626c6f62
check "its middle is written" sh -c "printf 'XY' | dd of=$top/array_blob bs=1 seek=1 conv=notrunc"
check "it is there" test "$(bytes array_blob)" = 62585962
check "the vector has a page" test "$(wc -c <$top/vector_blob)" = 4096
check "it is full of B" test -z "$(tr -d B <$top/vector_blob)"
check "its end is written" sh -c "printf 'end' | dd of=$top/vector_blob bs=1 seek=4093 conv=notrunc"
check "it is there" test "$(tail -c 4 $top/vector_blob)" = Bend

# Gone while a file is open, and new when bound again.
exec 3<$top/counter 4<>$top/array_blob
check "the device is unbound" sh -c "echo $device >$driver/unbind"
check "its files are gone" test ! -e $top
refused "the open file can't be read" cat <&3
refused "the open blob can't be written" sh -c 'printf x >&4'
exec 3<&- 4<&-
check "it is bound again" sh -c "echo $device >$driver/bind"
check "the counter is new" holds counter 91
check "the blob is new" test "$(bytes array_blob)" = 626c6f62

(
	while [ ! -e /tmp/stop ]; do
		cat $top/* >/dev/null 2>&1
	done
) &
reader=$!
rounds=0
while [ $rounds -lt 100 ]; do
	echo $device >$driver/unbind && echo $device >$driver/bind || break
	rounds=$((rounds + 1))
done
: >/tmp/stop
wait $reader
rm /tmp/stop
check "it is unbound and bound while its files are read" test $rounds = 100

exec 3<$top/pair
unload rust_debugfs
check "everything is gone" test ! -e $top
refused "the open file can't be read" cat <&3
exec 3<&-
summary "text and blobs read and written, bad input refused, $rounds times unbound and bound while read"
