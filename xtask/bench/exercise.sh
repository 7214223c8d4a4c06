# SPDX-License-Identifier: GPL-2.0
load bench
check "the loops ran" logged '@bench'
