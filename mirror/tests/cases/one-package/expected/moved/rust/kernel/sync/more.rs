//! More.
