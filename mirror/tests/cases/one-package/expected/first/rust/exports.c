// SPDX-License-Identifier: GPL-2.0
// The tree's own exports.c.
