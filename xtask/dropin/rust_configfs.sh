# SPDX-License-Identifier: GPL-2.0
root=/sys/kernel/config/rust_configfs

# holds FILE TEXT: whether the file has just this text, but for newlines at the end.
holds() {
	[ "$(cat "$1")" = "$2" ]
}

# put FILE TEXT: writes the text.
put() {
	printf %s "$2" >"$1"
}

# put_bytes FILE COUNT: writes this many bytes in one go.
put_bytes() {
	head -c "$2" /dev/zero | tr '\0' x >/tmp/bytes
	dd if=/tmp/bytes of="$1" "bs=$2" count=1 2>/dev/null
}

# has_bytes FILE COUNT: whether the file has this many.
has_bytes() {
	[ "$(cat "$1" | wc -c)" -eq "$2" ]
}

load rust_configfs
check "the subsystem is there" test -d $root
check "its attributes are, too" test "$(ls $root | tr '\n' ' ')" = "bar message "
check "message is shown" holds $root/message "Hello World"
check "that was the module" logged 'rust_configfs: Show message'
refused "message can't be written" put $root/message "x"
check "message is read-only" test "$(stat -c %a $root/message)" = 444
check "bar can be read and written" test "$(stat -c %a $root/bar)" = 644
check "bar is empty at first" has_bytes $root/bar 0
check "bar takes a value" put $root/bar "some value"
check "bar has it" holds $root/bar "some value"
check "bar takes a shorter one" put $root/bar "x"
check "bar has just that" has_bytes $root/bar 1
check "bar takes an empty line" sh -c "echo >$root/bar"
check "bar has it" has_bytes $root/bar 1
check "bar takes as much as there is room for" put_bytes $root/bar 4095
check "bar has all of it" has_bytes $root/bar 4095
check "more comes in two parts" put_bytes $root/bar 5000
check "bar has the second" has_bytes $root/bar 905

refused "no file can be made" touch $root/file
refused "no attribute can be removed" rm $root/bar
refused "no attribute can be renamed" mv $root/bar $root/foo
refused "no link can be made" ln -s $root $root/link

long=$(head -c 255 /dev/zero | tr '\0' n)
check "a directory can be made" mkdir $root/one
refused "but not twice" mkdir $root/one
refused "nor with the name of an attribute" mkdir $root/bar
refused "nor in one that is not there" mkdir $root/none/one
refused "nor with a name that is too long" mkdir "$root/${long}n"
check "the longest name is taken" mkdir "$root/$long"
check "any other name is taken" mkdir "$root/a %s %n name"
check "directories have their attribute" holds $root/one/baz "Hello Baz"
check "with the longest name, too" holds "$root/$long/baz" "Hello Baz"
check "that was the module" logged 'rust_configfs: Show baz'
check "they go away" rmdir "$root/$long" "$root/a %s %n name"
check "a directory can be made in it" mkdir $root/one/two
check "it has its attribute" holds $root/one/two/gc "Hello GC"
refused "none can be made in that" mkdir $root/one/two/three
refused "what is not empty can't be removed" rmdir $root/one
refused "the subsystem can't be removed" rmdir $root
refused "a module with items left can't be removed" rmmod rust_configfs
check "it still works" holds $root/one/two/gc "Hello GC"

exec 3<$root/one/two/gc 4<$root/one/baz
check "a directory can be removed while its file is open" rmdir $root/one/two
refused "the file can't be read any more" cat <&3
check "nor can its parent's, which is removed then" rmdir $root/one
refused "either" cat <&4
refused "a module with open files can't be removed" rmmod rust_configfs
exec 3<&- 4<&-

check "many directories can be made" sh -c "for n in \$(seq 20); do mkdir $root/n\$n $root/n\$n/n; done"
check "they are there" test "$(ls $root | grep -c '^n')" -eq 20
check "they go away" sh -c "rmdir $root/n*/n $root/n*"
check "mkdir and rmdir race with each other" sh -c "
	for n in 1 2 3 4; do
		(for round in \$(seq 15); do mkdir $root/race; cat $root/race/baz; rmdir $root/race; done) &
	done >/dev/null 2>&1
	wait
	! test -e $root/race || rmdir $root/race"
unload rust_configfs
refused "the subsystem is gone" test -e $root
load rust_configfs
check "a second time it is as the first" holds $root/message "Hello World"
unload rust_configfs
summary "attributes up to 4095 bytes, directories three deep, removed while open; removal refused while in use"
