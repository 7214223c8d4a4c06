# SPDX-License-Identifier: GPL-2.0
# Drives channels of the controller in `devices.dts`, whose registers are memory, and looks at those.
driver=/sys/bus/platform/drivers/pwm-th1520
device=70000000.pwm
registers=0x70000000

# is FILE VALUE: whether it has just that.
is() {
	[ "$(cat "$1")" = "$2" ]
}

# put VALUE FILE: writes it, at once.
put() {
	printf '%s' "$1" >"$2"
}

# register CHANNEL OFFSET VALUE: whether a register has that.
register() {
	[ $(($(devmem $((registers + $1 * 0x20 + $2)) 32))) = $(($3)) ]
}

# has CHANNEL CONTROL PERIOD FIRST: checks the channel's registers.
has() {
	check "channel $1: control is $2" register $1 0x0 $2
	check "channel $1: period is $3" register $1 0x8 $3
	check "channel $1: first part is $4" register $1 0xc $4
}

# again CHANNEL: gives a channel back and takes it again, so that what it says is from the hardware.
again() {
	put $1 $chip/unexport && put $1 $chip/export
}

load pwm_th1520
check "the driver is registered" test -d $driver
check "it has the device" test -e $driver/$device
check "it has switched the clock on" grep -Eq '^ *clock +[1-9]' /sys/kernel/debug/clk/clk_summary
check "its registers are claimed" grep -q '70000000' /proc/iomem
chip=$(ls -d $driver/$device/pwm/pwmchip*)
check "there are six channels" is $chip/npwm 6
refused "and not a seventh" put 6 $chip/export

for channel in 0 5; do
	pwm=$chip/pwm$channel
	check "channel $channel is there" put $channel $chip/export
	refused "channel $channel is not there twice" put $channel $chip/export
	# The clock has 125829120 Hz, and the driver rounds down.
	check "channel $channel: a millisecond" put 1000000 $pwm/period
	check "channel $channel: a quarter of it" put 250000 $pwm/duty_cycle
	check "channel $channel is on" put 1 $pwm/enable
	has $channel 0x121 125829 31457
	check "channel $channel is given back and taken" again $channel
	check "channel $channel: period of the hardware" is $pwm/period 1000000
	check "channel $channel: duty of the hardware" is $pwm/duty_cycle 249998
	check "channel $channel is on in hardware" is $pwm/enable 1
	check "channel $channel: all of it" put 1000000 $pwm/duty_cycle
	has $channel 0x124 125829 125829
	refused "channel $channel: more than all" put 1000001 $pwm/duty_cycle
	has $channel 0x124 125829 125829
	check "channel $channel: 292 years" put 9223372036854775807 $pwm/period
	has $channel 0x124 0xffffffff 125829
	check "channel $channel is off" put 0 $pwm/enable
	check "channel $channel: first part is nothing" register $channel 0xc 0
	check "channel $channel: a period again" put 1000000 $pwm/period
	check "channel $channel: a quarter again" put 250000 $pwm/duty_cycle
	check "channel $channel: the other polarity" put inversed $pwm/polarity
	check "channel $channel is on" put 1 $pwm/enable
	check "channel $channel: it has the other polarity" register $channel 0x0 0x21
	check "channel $channel is off" put 0 $pwm/enable
	check "channel $channel is given back" put $channel $chip/unexport
done

# The chip goes while a channel is in use and its file is open.
check "a channel is in use" put 2 $chip/export
check "its period is set" put 1000000 $chip/pwm2/period
check "its duty is set" put 500000 $chip/pwm2/duty_cycle
check "it is on" put 1 $chip/pwm2/enable
exec 3<$chip/pwm2/period
check "the device is unbound" put $device $driver/unbind
refused "its chip is gone" test -e $chip
refused "nothing is read from it" cat <&3
exec 3<&-
refused "its registers are not claimed" grep -q '70000000.*pwm' /proc/iomem
check "the clock is switched off" grep -Eq '^ *clock +0' /sys/kernel/debug/clk/clk_summary
check "the device is bound again" put $device $driver/bind
rebind $driver $device "$CYCLES" $chip/npwm
check "its chip is there" test -e $driver/$device/pwm
put $device $driver/unbind
# C says EINVAL of a device whose name it had no memory for.
every-site --also 22 bind $driver $device
check "the device is bound after all that" put $device $driver/bind
unload pwm_th1520
refused "the driver is gone" test -e $driver
summary "six channels over registers in memory: periods, duties and polarities there and back; a chip that goes while used"
