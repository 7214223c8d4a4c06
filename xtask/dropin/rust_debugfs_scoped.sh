# SPDX-License-Identifier: GPL-2.0
# Makes devices by writing to a file, uses theirs, and takes them away while they are open.
top=/sys/kernel/debug/rust_scoped_debugfs

# put TEXT FILE: writes TEXT to it, at once.
put() {
	printf '%s' "$1" >"$top/$2"
}

# holds FILE TEXT: whether TEXT is all that is in it.
holds() {
	[ "$(cat "$top/$1")" = "$2" ]
}

# mode FILE: its mode, in octal.
mode() {
	stat -c %a "$top/$1"
}

load rust_debugfs_scoped
check "there are two folders" test -d $top/control -a -d $top/dynamic
check "the commands can be written only" test "$(mode control/create) $(mode control/remove)" = "200 200"
check "there are no devices yet" test -z "$(ls $top/dynamic)"

check "a device is made" put 'disk 1 20 300' control/create
check "it has a file for each number, and one for the blob" \
	test "$(echo $(ls $top/dynamic/disk))" = "0 1 2 blob"
check "they can be read and written" test "$(mode dynamic/disk/0) $(mode dynamic/disk/blob)" = "600 600"
check "the first number is there" holds dynamic/disk/0 1
check "the last number is there" holds dynamic/disk/2 300
check "a number is changed" put 4000 dynamic/disk/1
check "it is what was written" holds dynamic/disk/1 4000
check "the newline of echo does not count" sh -c "echo 5 >$top/dynamic/disk/1"
check "it is what was echoed" holds dynamic/disk/1 5
check "the highest number is taken" put 18446744073709551615 dynamic/disk/1
for wrong in 18446744073709551616 -1 1.5 0x10 '1 2' one ''; do
	refused "'$wrong' is no number" dd if=/dev/stdin of=$top/dynamic/disk/1 bs=64 count=1 conv=notrunc <<-END
		$wrong
	END
done
refused "a number of a page is none" sh -c "head -c 4096 /dev/zero | tr '\0' 0 | dd of=$top/dynamic/disk/1 bs=4096 conv=notrunc"
refused "what is no UTF-8 is none" sh -c "printf '\377' >$top/dynamic/disk/1"
check "the number is as it was" holds dynamic/disk/1 18446744073709551615

blob=$top/dynamic/disk/blob
check "the blob has a page" test "$(wc -c <$blob)" = 4096
check "it is full of B" test -z "$(tr -d B <$blob)"
check "its start is written" sh -c "printf 'start' >$blob"
check "its end is written" sh -c "printf 'end' | dd of=$blob bs=1 seek=4093 conv=notrunc"
check "both are there" test "$(head -c 6 $blob) $(tail -c 4 $blob)" = "startB Bend"
# (Behind its end there is room for none: a write returns 0, and dd would try again for ever.)
check "it is read in small pieces" test "$(dd if=$blob bs=7 2>/dev/null | wc -c)" = 4096
check "it is read from the middle" test "$(dd if=$blob bs=1 skip=4094 2>/dev/null)" = nd

refused "a device without a name is none" put ' ' control/create
refused "a device with a number that is none" put 'tape 1 two' control/create
refused "a command that is too long" put "tape $(seq -s ' ' 1 60)" control/create
refused "a command that is no UTF-8" sh -c "printf 'tape \377' >$top/control/create"
refused "a command can't be read" cat $top/control/create
check "none of them left anything" test "$(ls $top/dynamic)" = disk
check "a device with a path for a name is made, without files" put '../up 1' control/create
check "and without a folder" test ! -e $top/up -a "$(ls $top/dynamic)" = disk
check "a device without numbers is made" put 'empty' control/create
check "it has a blob" test "$(ls $top/dynamic/empty)" = blob
check "a second one of this name is made, without files" put 'empty 7' control/create
check "the first one is as it was" test "$(ls $top/dynamic/empty)" = blob

# Removed while it is open, before, in the middle of, and after reading.
exec 3<$top/dynamic/disk/0 4<>$top/dynamic/disk/blob 5>$top/dynamic/disk/2
check "the open blob is read" test "$(dd bs=5 count=1 <&4 2>/dev/null)" = start
check "the device is removed while it is open" put 'disk' control/remove
check "its folder is gone" test ! -e $top/dynamic/disk
refused "the open number can't be read" cat <&3
check "that is an input/output error" grep -qi 'input/output error\|i/o error' /tmp/refused
refused "the open blob can't be read" cat <&4
refused "the open blob can't be written" sh -c 'printf x >&4'
refused "the open number can't be written" sh -c 'printf 1 >&5'
check "removing what is not there does nothing" put 'disk' control/remove
check "a device of the same name is made" put 'disk 8' control/create
check "it is a new one" holds dynamic/disk/0 8
refused "the file that was open is still the old one" cat <&3
exec 3<&- 4<&- 5>&-

# Devices come and go while others read.
(
	while [ ! -e /tmp/stop ]; do
		for file in $top/dynamic/race/*; do
			cat "$file" >/dev/null 2>&1
		done
	done
) &
reader=$!
rounds=0
while [ $rounds -lt 40 ]; do
	put 'race 1 2 3' control/create && put 'race' control/remove || break
	rounds=$((rounds + 1))
done
: >/tmp/stop
wait $reader
rm /tmp/stop
check "devices come and go while they are read" test $rounds = 40

# Whoever has a file open does not keep the module in, and closes it after that.
exec 3<$top/dynamic/disk/0 4<>$top/dynamic/disk/blob 5>$top/control/create
check "an open file is read" test "$(cat <&3)" = 8
unload rust_debugfs_scoped
check "everything is gone" test ! -e $top
refused "the open number can't be read" cat <&3
refused "the open blob can't be read" cat <&4
refused "the open command can't be written" sh -c 'printf x >&5'
exec 3<&- 4<&- 5>&-
load rust_debugfs_scoped
check "it can be loaded again" test -d $top/dynamic
unload rust_debugfs_scoped
summary "text and blobs read and written, bad input refused, $rounds devices removed while read, files open across rmmod"
