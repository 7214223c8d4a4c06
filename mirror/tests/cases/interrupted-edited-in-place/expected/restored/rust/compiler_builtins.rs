// SPDX-License-Identifier: GPL-2.0
// The tree's own compiler_builtins.rs.
