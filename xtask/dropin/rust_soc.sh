# SPDX-License-Identifier: GPL-2.0
# Says which chip this is, once for each device that the driver binds to.
driver=/sys/bus/platform/drivers/rust_soc
socs=/sys/bus/soc/devices

# count: how many chips there are.
count() {
	ls $socs 2>/dev/null | wc -l
}

# bound: how many devices the driver has.
bound() {
	ls -d $driver/rust-device* $driver/LNUXBEEF:* 2>/dev/null | wc -l
}

# says FILE TEXT: whether the newest chip's file has just this text.
says() {
	[ "$(cat "$socs/$soc/$1")" = "$2" ]
}

before=$(count)
load rust_soc
check "the driver is registered" test -d $driver
devices=$(bound)
check "it has a device at least" test "$devices" -ge 1
check "there is a chip for each" test "$(count)" = $((before + devices))

for soc in $(ls $socs); do
	check "$soc: the machine" says machine "My cool ACME15 dev board"
	check "$soc: the family" says family "ACME"
	check "$soc: the revision" says revision "1.2"
	check "$soc: the serial number" says serial_number "12345"
	check "$soc: the id" says soc_id "ACME15"
	check "$soc: it can't be written" test "$(stat -c %a $socs/$soc/soc_id)" = 444
done

device=$(basename "$(ls -d $driver/rust-device $driver/LNUXBEEF:* 2>/dev/null | head -n 1)")
exec 3<"$socs/$(ls $socs | tail -n 1)/soc_id"
check "one device is unbound" sh -c "echo $device >$driver/unbind"
check "one chip is gone" test "$(count)" = $((before + devices - 1))
check "it is bound again" sh -c "echo $device >$driver/bind"
check "the chip is back" test "$(count)" = $((before + devices))
exec 3<&-

# The files are read while chips come and go.
(
	while [ ! -e /tmp/stop ]; do
		for file in $socs/*/machine; do
			cat "$file" >/dev/null 2>&1
		done
	done
) &
reader=$!
rounds=0
while [ $rounds -lt 200 ]; do
	echo $device >$driver/unbind && echo $device >$driver/bind || break
	rounds=$((rounds + 1))
done
: >/tmp/stop
wait $reader
rm /tmp/stop
check "chips come and go while they are read" test $rounds = 200

unload rust_soc
check "all chips are gone" test "$(count)" = "$before"
load rust_soc
check "they are back" test "$(count)" = $((before + devices))
unload rust_soc
summary "$devices chips described, read while $rounds came and went"
