// SPDX-License-Identifier: GPL-2.0

//! What DRM's panic screen asks of Rust.
