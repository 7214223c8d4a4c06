# SPDX-License-Identifier: GPL-2.0
# Drives the channels of a controller whose registers are memory, and reads those back: what the hardware
# has, by the driver, and by /dev/mem, what the registers have.
driver=/sys/bus/platform/drivers/th1520_pwm
device=70000000.pwm
registers=0x70000000

# is FILE VALUE: whether it has just that.
is() {
	[ "$(cat "$1")" = "$2" ]
}

# register CHANNEL OFFSET VALUE: whether a register has that.
register() {
	[ $(($(devmem $((registers + $1 * 0x20 + $2)) 32))) = $(($3)) ]
}

# registers CHANNEL CONTROL PERIOD FIRST: checks them.
registers() {
	check "channel $1: control" register $1 0x0 $2
	check "channel $1: period" register $1 0x8 $3
	check "channel $1: first part" register $1 0xc $4
	looks=$((looks + 1))
}

# again CHANNEL: gives a channel back and takes it again, so that what it says is from the hardware.
again() {
	echo $1 >$chip/unexport && echo $1 >$chip/export
}

# set CHANNEL PERIOD DUTY: sets a channel, period first.
set_channel() {
	echo 0 >$chip/pwm$1/duty_cycle && echo $2 >$chip/pwm$1/period && echo $3 >$chip/pwm$1/duty_cycle
}

# power_on: leaves the registers as they are when power comes.
power_on() {
	for at in $(seq 0 4 188); do
		devmem $((registers + at)) 32 0
	done
}

looks=0
power_on
load th1520_pwm
check "the driver is registered" test -d $driver
check "it has the device" test -e $driver/$device
chip=$(ls -d $driver/$device/pwm/pwmchip*)
check "there are six channels" is $chip/npwm 6
refused "and not a seventh" sh -c "echo 6 >$chip/export"

for channel in 0 5; do
	check "channel $channel is there" sh -c "echo $channel >$chip/export"
	pwm=$chip/pwm$channel
	# The clock has 125829120 Hz: a cycle is a little less than 8 ns.
	check "channel $channel: a millisecond, a quarter of it" set_channel $channel 1000000 250000
	check "channel $channel is on" sh -c "echo 1 >$pwm/enable"
	registers $channel 0x121 125829 31457
	check "channel $channel is given back and taken" again $channel
	check "channel $channel: period of the hardware" is $pwm/period 1000000
	check "channel $channel: duty of the hardware" is $pwm/duty_cycle 249998
	check "channel $channel is on in hardware" is $pwm/enable 1
	check "channel $channel: another duty" sh -c "echo 500000 >$pwm/duty_cycle"
	registers $channel 0x124 125829 62914
	check "channel $channel: all of it" sh -c "echo 1000000 >$pwm/duty_cycle"
	registers $channel 0x124 125829 125829
	refused "channel $channel: more than all" sh -c "echo 1000001 >$pwm/duty_cycle"
	check "channel $channel: none of it" sh -c "echo 0 >$pwm/duty_cycle"
	registers $channel 0x124 125829 0
	check "channel $channel: a quarter again" sh -c "echo 250000 >$pwm/duty_cycle"
	registers $channel 0x121 125829 31457
	check "channel $channel is off" sh -c "echo 0 >$pwm/enable"
	registers $channel 0x124 125829 0
	check "channel $channel is given back and taken" again $channel
	check "channel $channel is off in hardware" is $pwm/enable 0

	check "channel $channel: the other polarity" sh -c "echo inversed >$pwm/polarity"
	check "channel $channel: the same times" set_channel $channel 1000000 250000
	check "channel $channel is on" sh -c "echo 1 >$pwm/enable"
	registers $channel 0x21 125829 31458
	check "channel $channel is given back and taken" again $channel
	check "channel $channel: polarity of the hardware" is $pwm/polarity inversed
	check "channel $channel: duty of the hardware" is $pwm/duty_cycle 250006
	check "channel $channel is off" sh -c "echo 0 >$pwm/enable"

	# The shortest there is and the longest.
	check "channel $channel: the usual polarity" sh -c "echo normal >$pwm/polarity"
	check "channel $channel: a nanosecond" set_channel $channel 1 0
	refused "channel $channel: that is too short" sh -c "echo 1 >$pwm/enable"
	check "channel $channel: a cycle" set_channel $channel 8 0
	check "channel $channel is on" sh -c "echo 1 >$pwm/enable"
	registers $channel 0x124 1 0
	check "channel $channel: 292 years" sh -c "echo 9223372036854775807 >$pwm/period"
	check "channel $channel: all of them" sh -c "echo 9223372036854775807 >$pwm/duty_cycle"
	registers $channel 0x121 0xffffffff 0xffffffff
	check "channel $channel is off" sh -c "echo 0 >$pwm/enable"
	check "channel $channel is given back" sh -c "echo $channel >$chip/unexport"
done

# The chip goes while a channel is in use and its file is open.
check "a channel is in use" sh -c "echo 2 >$chip/export"
check "it is set" set_channel 2 1000000 250000
check "it is on" sh -c "echo 1 >$chip/pwm2/enable"
exec 3<$chip/pwm2/period
node=/dev/$(basename $chip)
check "the chip has a file" test -c $node
exec 4<>$node
refused "the file keeps the module" rmmod th1520_pwm
check "the device is unbound" sh -c "echo $device >$driver/unbind"
refused "its chip is gone" test -e $chip
refused "nothing is read from it" cat <&3
exec 3<&- 4<&-
check "the device is bound again" sh -c "echo $device >$driver/bind"
check "its chip is back" test -e $driver/$device/pwm
rebind $driver $device "$CYCLES" $driver/$device/pwm
check "the device is unbound once more" sh -c "echo $device >$driver/unbind"
# C says EINVAL of a device whose name it had no memory for.
every-site --also 22 bind $driver $device
check "after all failures it can be bound" sh -c "echo $device >$driver/bind"
unload th1520_pwm
refused "the driver is gone" test -e $driver
summary "six channels, as they are in hardware; shortest, longest and inverse pulses; a chip that goes while used; $looks looks at registers"
