# SPDX-License-Identifier: GPL-2.0
# Has PHYs without hardware driven by upstream's driver, and by the one of this workspace, and compares all that
# they read and write.
mock=/sys/kernel/debug/mock_mdio
device=mock:01

# reg REGISTER VALUE: what the PHY has in a register.
reg() {
	put "1 $1 $2" $mock/set
}

# act ACTION PHY…: has phylib do something. The result is in the trace, too.
act() {
	put "$*" $mock/do 2>/dev/null
}

# whole_life ID NAME FILE: a PHY from its arrival to its end.
whole_life() {
	driver="/sys/bus/mdio_bus/drivers/Asix Electronics $2"
	put clear $mock/trace
	reg 0 3100
	reg 1 7809
	reg 4 01e1
	reg 5 0000
	put '1 0 8200 1' $mock/selfclear
	check "$2: a PHY arrives" put "1 $1" $mock/phys
	put 'arrival: 0' $mock/mark
	check "$2: it is bound" test -e "$driver/$device"
	check "$2: it is connected" act connect 1
	check "$2: autonegotiation starts" act aneg 1
	for control in 0000 0100 2000 2100; do
		for partner in 0021 0041 0081 0101 0000; do
			reg 0 $control
			reg 5 $partner
			reg 1 7809
			act status 1
			reg 1 782d
			act status 1
		done
	done
	act suspend 1
	act resume 1
	reg 1 7809
	reg 5 01e1
	check "$2: it starts" act start 1
	reg 1 782d
	check "$2: the link comes" act poll 1
	reg 1 7809
	check "$2: the link goes" act poll 1
	check "$2: it stops" act stop 1
	act notify 1 nolink
	check "$2: it is disconnected" act disconnect 1
	for nth in 1 2 3 4; do
		put "$nth 5" $mock/fail
		act init 1
		put 0 $mock/fail
	done
	check "$2: it is unbound" put $device "$driver/unbind"
	put 'unbind: 0' $mock/mark
	check "$2: it is bound again" put $device "$driver/bind"
	put 'bind: 0' $mock/mark
	cat $mock/trace >/tmp/$3
}

# all WHOSE: each PHY once.
all() {
	for phy in 003b1861:AX88772A 003b1881:AX88772C 003b1841:AX88796B; do
		whole_life ${phy%:*} ${phy#*:} $1-${phy#*:}
		check "${phy#*:}: it goes" put -1 $mock/phys
	done
}

check "there is a bus" insmod /modules/mock_mdio.ko
load ax88796b_rust
all upstream
check "a PHY arrives" put '1 003b1861' $mock/phys
driver='/sys/bus/mdio_bus/drivers/Asix Electronics AX88772A'
rebind "$driver" $device "$CYCLES" $mock/link
check "it is unbound" put $device "$driver/unbind"
every-site bind "$driver" $device
check "it is bound after all that" put $device "$driver/bind"
reg 0 3100
put '1 0 8200 1' $mock/selfclear
check "it works" act init 1
check "it goes" put -1 $mock/phys
unload ax88796b_rust
refused "the driver is gone" test -e "$driver"

check "the other driver is loaded" insmod /modules/asix_phy.ko
all ours
check "the other driver is removed" rmmod asix_phy
lines=0
for name in AX88772A AX88772C AX88796B; do
	steps $name /tmp/ours-$name "7.2's" /tmp/upstream-$name
	check "$name: all accesses are the same" diff /tmp/ours-$name /tmp/upstream-$name
	check "$name: the link came" grep -qx '# link 1 up 100Mbps/Full' /tmp/upstream-$name
	check "$name: the link went" grep -q '^# link 1 down' /tmp/upstream-$name
	lines=$((lines + $(grep -c '^[rw]' /tmp/upstream-$name)))
done
check "the bus goes" rmmod mock_mdio
summary "three PHYs: $lines accesses as by the driver of this workspace; bound and unbound; allocations that fail"
