// SPDX-License-Identifier: GPL-2.0

//! Bytes and values, on the host: every offset and length of a buffer.

extern crate kernel_core as kernel;

use kernel::transmute::{AsBytes, FromBytes};

#[repr(C, align(16))]
struct Buffer([u8; 40]);

fn buffer() -> Buffer {
    Buffer(core::array::from_fn(|i| i as u8 ^ 0x5a))
}

macro_rules! every_window {
    ($test:ident $type:ty) => {
        #[test]
        fn $test() {
            const SIZE: usize = size_of::<$type>();
            let mut buffer = buffer();
            for start in 0..=buffer.0.len() {
                for end in start..=buffer.0.len() {
                    let bytes = &buffer.0[start..end];
                    let aligned = start % align_of::<$type>() == 0;
                    let exact = bytes.len() == SIZE;
                    let enough = bytes.len() >= SIZE;

                    let value = <$type>::from_bytes_copy(bytes);
                    assert_eq!(value.is_some(), exact);
                    if let Some(value) = &value {
                        assert_eq!(AsBytes::as_bytes(value), bytes);
                    }
                    let borrowed = <$type>::from_bytes(bytes);
                    assert_eq!(borrowed.is_some(), exact && aligned);
                    if let Some(borrowed) = borrowed {
                        assert_eq!(Some(borrowed), value.as_ref());
                        assert!(core::ptr::eq(AsBytes::as_bytes(borrowed), bytes));
                    }

                    let prefix = <$type>::from_bytes_copy_prefix(bytes);
                    assert_eq!(prefix.is_some(), enough);
                    if let Some((value, rest)) = &prefix {
                        assert_eq!(AsBytes::as_bytes(value), &bytes[..SIZE]);
                        assert!(core::ptr::eq(*rest, &bytes[SIZE..]));
                    }
                    let borrowed = <$type>::from_bytes_prefix(bytes);
                    assert_eq!(borrowed.is_some(), enough && aligned);

                    let bytes = &mut buffer.0[start..end];
                    assert_eq!(<$type>::from_bytes_mut(bytes).is_some(), exact && aligned);
                    let prefix = <$type>::from_bytes_mut_prefix(bytes);
                    assert_eq!(prefix.is_some(), enough && aligned);
                    if let Some((value, rest)) = prefix {
                        value
                            .as_bytes_mut()
                            .iter_mut()
                            .for_each(|byte| *byte ^= 0xff);
                        rest.iter_mut().for_each(|byte| *byte ^= 0xff);
                        bytes.iter_mut().for_each(|byte| *byte ^= 0xff);
                    }
                    assert_eq!(buffer.0, self::buffer().0);
                }
            }
        }
    };
}

every_window!(windows_of_u8 u8);
every_window!(windows_of_i16 i16);
every_window!(windows_of_u32 u32);
every_window!(windows_of_usize usize);
every_window!(windows_of_bytes [u8; 5]);
every_window!(windows_of_words [u64; 3]);
every_window!(windows_of_nothing());
every_window!(windows_of_aligned_nothing [u32; 0]);

#[test]
fn slices_and_text() {
    let words = [0x0102_u16, 0x0304];
    assert_eq!(words[..1].as_bytes(), &0x0102_u16.to_ne_bytes());
    assert_eq!(AsBytes::as_bytes("é"), [0xc3, 0xa9]);
    assert_eq!(AsBytes::as_bytes(&'é'), 0xe9_u32.to_ne_bytes());
    assert_eq!(AsBytes::as_bytes(&[true, false]), [1, 0]);
    assert_eq!(AsBytes::as_bytes(&core::marker::PhantomData::<String>), []);
}
