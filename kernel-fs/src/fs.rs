// SPDX-License-Identifier: GPL-2.0

//! Files and the requests on them.
