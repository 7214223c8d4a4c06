# SPDX-License-Identifier: GPL-2.0
# Takes the GPU in `devices.dts`, whose registers are memory, and has user space ask about it.
driver=/sys/bus/platform/drivers/tyr
device=70200000.gpu
cases=0

# try WORD…: runs the program, and counts its cases.
try() {
	drm "$@" | tee /tmp/drm.out
	cases=$((cases + $(grep -c '^@check ' /tmp/drm.out)))
	check "drm $* comes to its end" grep -q '^drm: .* cases hold' /tmp/drm.out
}

# nodes: how many the device has.
nodes() {
	ls "/sys/bus/platform/devices/$device/drm" 2>/dev/null | grep -c '^\(card\|renderD\)'
}

check "the machine has the device" test -e "/sys/bus/platform/devices/$device"
check "its registers are empty" drm registers off
load tyr
check "the driver is registered" test -d $driver
refused "it does not take what does not reset" test -e $driver/$device
check "the log says so" logged 'GPU reset failed.'
check "there are no nodes" test "$(nodes)" -eq 0
refused "nor by hand" put $device $driver/bind
refused "its registers are not claimed" grep -q '^ *70200000-.*gpu' /proc/iomem

check "its registers are those of a GPU" drm registers on
new_log
check "now it takes it" put $device $driver/bind
check "it has found out what it is" logged 'mali-g610 GPU_ID 0xa8670000'
check "it says so" logged 'Tyr initialized correctly.'
check "there are two nodes" test "$(nodes)" -eq 2
try tyr /modules/tyr.ko

rebind $driver $device "$CYCLES" "/sys/bus/platform/devices/$device/drm"
check "there are two nodes" test "$(nodes)" -eq 2
check "its registers are emptied" drm registers off
check "it lets go all the same" put $device $driver/unbind
check "there are no nodes" test "$(nodes)" -eq 0
refused "what does not reset is not taken again" put $device $driver/bind
check "its registers are those of a GPU" drm registers on
check "it takes it" put $device $driver/bind
unload tyr
refused "the driver is gone" test -e $driver
check "there are no nodes" test "$(nodes)" -eq 0
check "its registers are empty" drm registers off
summary "a GPU over registers in memory: refused, described, left with files open; $cases cases of a program"
