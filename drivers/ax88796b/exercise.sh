# SPDX-License-Identifier: GPL-2.0
# Has PHYs without hardware driven by this driver, and by C's, and compares each access to their registers and
# each result: on a bus whose PHYs are memory. Every access is made to fail, too, and the driver is taken from
# its PHY while phylib polls. See xtask/modules/mock_mdio.
mock=/sys/kernel/debug/mock_mdio
drivers=/sys/bus/mdio_bus/drivers
device=mock:01
control=0
status=1
partner=5
# What a PHY says of itself: 10 and 100 Mbit/s, half and full duplex, autonegotiation; then with a link, which
# is negotiated or not.
no_link=7809
link=782d
unfinished=780d

# act ACTION PHY…: has phylib do something. The result is in the trace, too.
act() {
	put "$*" $mock/do 2>/dev/null
}

# reg REGISTER VALUE: what the PHY has in a register.
reg() {
	put "1 $1 $2" $mock/set
}

# mark TEXT: a line in the trace.
mark() {
	put "$*" $mock/mark
}

# power_on READS: the registers as they are at first. A reset lasts for so many reads.
power_on() {
	reg $control 3100
	reg $status $no_link
	reg 4 01e1
	reg $partner 0000
	put "1 $control 8200 $1" $mock/selfclear
}

# id NAME: what the PHY has in its registers 2 and 3.
id() {
	case $1 in
	AX88772A) echo 003b1861 ;;
	AX88772C) echo 003b1881 ;;
	AX88796B) echo 003b1841 ;;
	esac
}

# sees TEXT: reads the status, which should be that.
sees() {
	mark "want $*"
	act status 1
}

# statuses NAME: the status at every speed and duplex, however they are found.
statuses() {
	for ours in 0000:10Mbps/Half 0100:10Mbps/Full 2000:100Mbps/Half 2100:100Mbps/Full; do
		for theirs in 0021:10Mbps/Half 0041:10Mbps/Full 0081:100Mbps/Half 0101:100Mbps/Full \
			01e1:100Mbps/Full 0000:; do
			reg $control ${ours%:*}
			reg $partner ${theirs%:*}
			reg $status $no_link
			act status 1
			reg $status $link
			# A partner without abilities: AX88772A then has what its control register says.
			case $1$theirs in
			AX88772A0000:) sees up ${ours#*:} ;;
			*0000:) sees up Unknown/Unknown ;;
			*) sees up ${theirs#*:} ;;
			esac
			# The second time phylib reads less.
			act status 1
		done
	done
	reg $status $no_link
	act status 1
	reg $status $unfinished
	act status 1
	reg $control 1200
	act status 1
	reg $status $link
	for speed in 10 100; do
		for duplex in half:Half full:Full; do
			act force 1 $speed ${duplex%:*}
			act aneg 1
			sees up ${speed}Mbps/${duplex#*:}
			act init 1
			sees up ${speed}Mbps/${duplex#*:}
		done
	done
	act auto 1
	act aneg 1
}

# whole_life NAME MODE: a PHY from its arrival to its end. In mode "poll" phylib polls by time, so that what
# happens is not the same each time once the state machine runs.
whole_life() {
	power_on 1
	put "1 $(id $1) $2" $mock/phys
	mark "arrival: 0"
	act connect 1
	act aneg 1
	statuses $1
	reg $control 3100
	act suspend 1
	act suspend 1
	act resume 1
	act resume 1
	act suspend 1
	act init 1
	act resume 1
	if [ -z "$2" ]; then
		reg $partner 01e1
		reg $status $no_link
		act start 1
		act poll 1
		reg $status $link
		act poll 1
		act poll 1
		reg $status $no_link
		act poll 1
		act suspend 1
		reg $status $link
		act poll 1
		act resume 1
		act poll 1
		act stop 1
		act start 1
		act suspend 1
		act stop 1
	fi
	for state in running nolink; do
		act notify 1 $state
	done
	act suspend 1
	act disconnect 1
	act connect 1
	act disconnect 1
	put $device "$drivers/Asix Electronics $1/unbind"
	mark "unbind: 0"
	put $device "$drivers/Asix Electronics $1/bind"
	mark "bind: 0"
	put -1 $mock/phys
}

# before ACTION: registers and state in which it does the most.
before() {
	power_on 0
	case $1 in
	suspend) act resume 1 ;;
	resume) reg $control 3900 ;;
	status)
		reg $partner 01e1
		act status 1
		reg $status $link
		;;
	notify)
		reg $partner 01e1
		reg $status $link
		;;
	bind) put $device "$drivers/Asix Electronics $2/unbind" 2>/dev/null ;;
	connect) act disconnect 1 ;;
	esac
}

# attempt NAME ACTION [ARGUMENT]: does it, and says whether that worked.
attempt() {
	if [ $2 = bind ]; then
		put $device "$drivers/Asix Electronics $1/bind" 2>/dev/null
		tried=$?
		mark "bind: $tried"
		return $tried
	fi
	act $2 1 $3
}

# faults NAME ERRNO ACTION [ARGUMENT]: each access in it fails once, the first, then the second; in the end none.
# ERRNO may be "short", for reads of ffff.
faults() {
	name=$1
	errno=$2
	shift 2
	hit=0
	failed=0
	while [ $hit -lt 200 ]; do
		before $1 $name
		put "$((hit + 1)) $errno" $mock/fail
		attempt $name "$@"
		result=$?
		read -r left <$mock/fail
		put 0 $mock/fail
		[ "$left" = 0 ] || break
		hit=$((hit + 1))
		[ $result = 0 ] || failed=$((failed + 1))
	done
	if [ $who = asix_phy ]; then
		echo "@faults $hit $failed $name: $*, errno $errno"
		check "$name: $* works after $hit accesses that failed with $errno" test $result = 0
		check "$name: $*: some failed" test $hit -gt 0
		# Others than these may ignore what fails: phylib does.
		case $errno$1 in
		short*) ;;
		*init | *status | *suspend | *resume)
			check "$name: $*: each said so" test $failed = $hit
			;;
		esac
	fi
}

# all_faults NAME: what can fail. What only phylib does is the same for all, and tried with one of them.
all_faults() {
	power_on 0
	put "1 $(id $1)" $mock/phys
	act connect 1
	faults $1 5 init
	faults $1 110 init
	if [ $1 != AX88796B ]; then
		faults $1 5 suspend
		faults $1 110 resume
		act resume 1
	fi
	if [ $1 = AX88772A ]; then
		faults $1 5 status
		faults $1 110 status
		faults $1 short status
		faults $1 5 aneg
		faults $1 5 notify nolink
		faults $1 5 connect
		act disconnect 1
		faults $1 5 bind
	fi
	put -1 $mock/phys
}

# record MODULE: drives each PHY by this driver, and keeps the traces.
record() {
	who=$1
	for name in AX88772A AX88772C AX88796B; do
		for mode in "" poll; do
			put clear $mock/trace
			whole_life $name $mode
			cat $mock/trace >/tmp/$who-$name-life$mode
		done
		put clear $mock/trace
		all_faults $name
		cat $mock/trace >/tmp/$who-$name-faults
	done
}

# as_wanted FILE: whether each status that was wanted was there.
as_wanted() {
	awk '
		/^# want / { want = substr($0, 8) }
		/^# is / && want != "" {
			looks++
			if (substr($0, 6) != want) {
				print "wanted " want ", found " substr($0, 6)
				bad = 1
			}
			want = ""
		}
		END { exit bad || looks < 32 }
	' "$1"
}

# in_order FILE LINE…: whether these lines follow each other in a trace.
in_order() {
	file=$1
	shift
	printf '%s\n' "$@" >/tmp/lines
	awk '
		NR == FNR { wanted[++count] = $0; next }
		$0 == wanted[at + 1] { if (++at == count) { found = 1; exit }; next }
		{ at = $0 == wanted[1] }
		END { exit !found }
	' /tmp/lines "$file"
}

# bound ID DRIVER: whether a PHY of that id has this driver; "-" is none.
bound() {
	power_on 0
	put "1 $1" $mock/phys || return 1
	grep -q " $2\$" $mock/phys
	found=$?
	put -1 $mock/phys
	return $found
}

# busy: keeps the state machine running, with a link that comes and goes, until it is killed.
busy() {
	while :; do
		act start 1
		reg $status $link
		act poll 1
		reg $status $no_link
		act poll 1
	done
}

check "there is a bus" insmod /modules/mock_mdio.ko
load asix_phy
for name in AX88772A AX88772C AX88796B; do
	check "there is a driver for $name" test -e "$drivers/Asix Electronics $name"
done
record asix_phy

for id in 003b1861 003b1881 003b1841 003b1840 003b184f; do
	case $id in
	003b1861) name=AX88772A ;;
	003b1881) name=AX88772C ;;
	*) name=AX88796B ;;
	esac
	check "$id is $name" bound $id "Asix Electronics $name"
done
for id in 003b1860 003b1862 003b1880 003b1889 003b1851 003b1831 103b1861 00000001; do
	check "$id has no driver" bound $id -
done

power_on 1
check "a PHY arrives" put "1 003b1861" $mock/phys
check "it is bound" test -e "$drivers/Asix Electronics AX88772A/$device"
check "it is inside of its adapter" grep -qx internal /sys/bus/mdio_bus/devices/$device/phy_interface
check "it is connected" act connect 1
refused "its driver can't go meanwhile" rmmod asix_phy
put "1 $control 8200 1000000" $mock/selfclear
refused "a reset that does not end is an error" act init 1
check "it is for want of time" sh -c "tail -n 1 $mock/trace | grep -qx '# init 1: -110'"
power_on 1
check "a reset works after that" act init 1
check "it starts" act start 1
check "it goes while it runs" put -1 $mock/phys
refused "it is gone" test -e /sys/bus/mdio_bus/devices/$device

refused "where nothing answers there is no PHY" put "1 ffffffff" $mock/phys

power_on 0
check "a PHY arrives that is polled" put "1 003b1861 poll" $mock/phys
check "it is connected" act connect 1
busy &
job=$!
rebind "$drivers/Asix Electronics AX88772A" $device "$CYCLES" $mock/link
kill $job
wait $job
check "it still works" act init 1
check "it is disconnected" act disconnect 1
check "its driver is removed while it is bound" rmmod asix_phy
check "the PHY is still there, without a driver" grep -q '^1 003b1861 c22 down -$' $mock/phys
refused "nothing can be done with it" act init 1
check "the generic driver takes it" act connect 1
check "until it is disconnected" act disconnect 1
load asix_phy
check "a driver that comes later finds it" test -e "$drivers/Asix Electronics AX88772A/$device"
put $device "$drivers/Asix Electronics AX88772A/unbind"
every-site bind "$drivers/Asix Electronics AX88772A" $device
check "after all that it is bound" put $device "$drivers/Asix Electronics AX88772A/bind"
check "it works" act init 1
check "it goes" put -1 $mock/phys
unload asix_phy
refused "the drivers are gone" test -e "$drivers/Asix Electronics AX88772A"
# C says EINVAL, too, when a file in sysfs finds no memory.
every-site --also 22 load /modules/asix_phy.ko

check "C's driver is loaded" insmod /modules/ax88796b_c.ko
record ax88796b_c
check "C's driver is removed" rmmod ax88796b_c

lines=0
for name in AX88772A AX88772C AX88796B; do
	life=/tmp/asix_phy-$name-life
	for part in life lifepoll faults; do
		file=$name-$part
		check "$file: the accesses and results are those of C's driver" \
			diff /tmp/ax88796b_c-$file /tmp/asix_phy-$file
		refused "$file: nothing of the trace was lost" grep -q lost /tmp/asix_phy-$file
		lines=$((lines + $(grep -c '^[rw]' /tmp/asix_phy-$file)))
	done
	steps $name $life "C's" /tmp/ax88796b_c-$name-life
	check "$name: what it says of its link" as_wanted $life
	check "$name: the same if it is polled" as_wanted ${life}poll
	# Off, then on; with autonegotiation; until the bit is gone.
	check "$name: the reset bit changes" in_order $life \
		'w 1 00 0000' 'r 1 00 0000' 'w 1 00 8200' 'r 1 00 8200' 'r 1 00 0000'
	check "$name: the link has come" grep -qx '# link 1 up 100Mbps/Full' $life
	check "$name: the link has gone" grep -q '^# link 1 down' $life
done
for name in AX88772A AX88772C; do
	check "$name: it is switched off and on" in_order /tmp/asix_phy-$name-lifepoll 'r 1 00 3100' 'w 1 00 3900' \
		'# suspend 1: 0' '# suspend 1: 0' 'r 1 00 3900' 'w 1 00 3100' '# resume 1: 0'
done

# The bus goes with all that is on it.
load asix_phy
power_on 0
check "a PHY arrives" put "1 003b1881" $mock/phys
check "it is connected" act connect 1
check "it runs" act start 1
check "the bus goes" rmmod mock_mdio
unload asix_phy
summary "three PHYs, each from arrival to end, at every speed and duplex: $lines accesses as by C's driver; every access failed; unbound while polled"
