# SPDX-License-Identifier: GPL-2.0
load hardware
check "every loop ran to its end" logged 'bench: complete'
unload hardware
