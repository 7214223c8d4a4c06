# SPDX-License-Identifier: GPL-2.0
load primitives
check "the loops ran" logged '@bench'
