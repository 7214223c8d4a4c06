// SPDX-License-Identifier: GPL-2.0

//! Sizes in bytes that are powers of two, by name.
//!
//! The constants of the module are `usize`; [`SizeConstants`] has the same ones for other types
//! (`u64::SZ_1M`).
//!
//! The C side is in [`include/linux/sizes.h`](srctree/include/linux/sizes.h).

macro_rules! define_sizes {
    ($($name:ident $bit:literal $text:literal,)*) => {
        $(
            #[doc = concat!($text, ", in bytes.")]
            pub const $name: usize = 1 << $bit;
        )*

        /// The sizes of this module, in the unsigned type at hand.
        ///
        /// Spares code about device addresses, which are `u64` or `u32` whatever the width of the
        /// processor, a conversion from `usize`.
        ///
        /// # Examples
        ///
        /// ```
        /// use kernel::sizes::{SizeConstants, SZ_2M};
        ///
        /// fn apertures(bytes: u64) -> u64 {
        ///     bytes.div_ceil(u64::SZ_2M)
        /// }
        ///
        /// assert_eq!(apertures(u64::SZ_8M + 1), 5);
        /// assert_eq!(u64::SZ_2M, SZ_2M as u64);
        /// ```
        pub trait SizeConstants {
            $(
                #[doc = concat!($text, ", in bytes.")]
                const $name: Self;
            )*
        }

        impl_sizes!(u32 { $($name $bit)* });
        impl_sizes!(u64 { $($name $bit)* });
        impl_sizes!(usize { $($name $bit)* });
    };
}

macro_rules! impl_sizes {
    ($int:ident { $($name:ident $bit:literal)* }) => {
        impl SizeConstants for $int {
            $(const $name: Self = 1 << $bit;)*
        }
    };
}

define_sizes! {
    SZ_1K 10 "1 KiB",
    SZ_2K 11 "2 KiB",
    SZ_4K 12 "4 KiB",
    SZ_8K 13 "8 KiB",
    SZ_16K 14 "16 KiB",
    SZ_32K 15 "32 KiB",
    SZ_64K 16 "64 KiB",
    SZ_128K 17 "128 KiB",
    SZ_256K 18 "256 KiB",
    SZ_512K 19 "512 KiB",
    SZ_1M 20 "1 MiB",
    SZ_2M 21 "2 MiB",
    SZ_4M 22 "4 MiB",
    SZ_8M 23 "8 MiB",
    SZ_16M 24 "16 MiB",
    SZ_32M 25 "32 MiB",
    SZ_64M 26 "64 MiB",
    SZ_128M 27 "128 MiB",
    SZ_256M 28 "256 MiB",
    SZ_512M 29 "512 MiB",
    SZ_1G 30 "1 GiB",
    SZ_2G 31 "2 GiB",
}

#[macros::kunit_tests(rust_sizes)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_ones_of_c() {
        assert_eq!(SZ_1K, bindings::SZ_1K as usize);
        assert_eq!(SZ_512K, bindings::SZ_512K as usize);
        assert_eq!(SZ_1M, bindings::SZ_1M as usize);
        assert_eq!(SZ_2G, bindings::SZ_2G as usize);
    }

    #[test]
    fn types_agree() {
        assert_eq!(u64::from(u32::SZ_2G), u64::SZ_2G);
        assert_eq!(u64::SZ_64K, usize::SZ_64K as u64);
        assert_eq!(usize::SZ_4K, SZ_4K);
        assert_eq!(SZ_1M / SZ_1K, 1024);
        assert_eq!(SZ_1G / SZ_512M, 2);
    }
}
