# SPDX-License-Identifier: GPL-2.0
# The module writes to memory for DMA when it takes QEMU's pci-testdev, and checks it when it lets go.
drivers=/sys/bus/pci/drivers/rust_dma

# let_go: whether the module has said all that it says when it lets go of the device. A value that was
# not what was written would have ended it before that.
let_go() {
	logged 'Unload DMA test driver.' && logged 'Entry[0]: DMA address: 0x'
}

device=$(testdev)
check "the machine has a pci-testdev" test -n "$device"
load rust_dma
check "the driver has it" test -e "$drivers/$device"
check "that was the module" logged 'Probe DMA test driver.'
refused "it has not let go" logged 'Unload DMA test driver.'

for round in 1 2 3; do
	new_log
	check "it is unbound, round $round" put "$device" $drivers/unbind
	check "the memory was as it should be, round $round" let_go
	refused "it has no address of zero, round $round" logged 'DMA address: 0x0'
	check "it is bound, round $round" put "$device" $drivers/bind
	check "that was the module, round $round" logged 'Probe DMA test driver.'
done

new_log
check "the device is removed while bound" put 1 "/sys/bus/pci/devices/$device/remove"
check "the memory was as it should be" let_go
check "it is found again" put 1 /sys/bus/pci/rescan
check "the driver has it again" test -e "$drivers/$device"

new_log
unload rust_dma
check "the memory was as it should be" let_go
load rust_dma
check "a second time it is as the first" logged 'Probe DMA test driver.'
unload rust_dma
refused "the log has no warning" logged 'WARNING'
summary "coherent memory with values in it, and four pages mapped; five times let go, with the values checked"
