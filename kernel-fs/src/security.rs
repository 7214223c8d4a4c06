// SPDX-License-Identifier: GPL-2.0

//! What a security module says of files and credentials.
