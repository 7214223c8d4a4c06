// SPDX-License-Identifier: GPL-2.0

//! Tests of attributes, which are called as C calls them.

#[crate::macros::kunit_tests(rust_configfs_attributes)]
mod cases {
    use super::super::*;

    #[test]
    fn attributes_are_in_order_and_end() -> Result {
        let root = Root::register(c"kunit_order", &Log::new()?)?;
        let expected = [
            c"text", c"empty", c"full", c"over", c"huge", c"fails", c"type", c"fresh",
        ];
        let attributes = attributes(group(&*root));
        assert_eq!(attributes.len(), expected.len());
        for (&attribute, expected) in attributes.iter().zip(expected) {
            assert_eq!(name(attribute), expected);
        }
        Ok(())
    }

    #[test]
    fn permissions_follow_from_operations() -> Result {
        let root = Root::register(c"kunit_modes", &Log::new()?)?;
        let group = group(&*root);
        for (name, mode) in [(c"text", 0o644), (c"empty", 0o444), (c"type", 0o200)] {
            let attribute = attribute(group, name);
            assert_eq!(attribute.ca_mode, mode);
            assert_eq!(attribute.show.is_some(), mode & 0o400 != 0);
            assert_eq!(attribute.store.is_some(), mode & 0o200 != 0);
            assert_eq!(attribute.ca_owner, THIS_MODULE.as_ptr());
        }
        Ok(())
    }

    #[test]
    fn what_is_stored_is_shown() -> Result {
        let root = Root::register(c"kunit_text", &Log::new()?)?;
        let group = group(&*root);
        let mut page = page()?;
        assert_eq!(show(group, c"text", &mut page), 0);
        assert_eq!(store(group, c"text", b"some text\n"), 10);
        assert_eq!(show(group, c"text", &mut page), 10);
        assert_eq!(&page[..11], b"some text\n\0");
        Ok(())
    }

    #[test]
    fn storing_nothing() -> Result {
        let root = Root::register(c"kunit_nothing", &Log::new()?)?;
        let group = group(&*root);
        let mut page = page()?;
        assert_eq!(store(group, c"text", b"x"), 1);
        assert_eq!(store(group, c"text", b""), 0);
        assert_eq!(show(group, c"text", &mut page), 0);
        Ok(())
    }

    #[test]
    fn storing_as_much_as_c_gives() -> Result {
        let root = Root::register(c"kunit_most", &Log::new()?)?;
        let group = group(&*root);
        let mut page = page()?;
        // Any byte may be in there.
        let bytes = KVec::from_elem(0xff, 4095, GFP_KERNEL)?;
        assert_eq!(store(group, c"text", &bytes), 4095);
        assert_eq!(show(group, c"text", &mut page), 4095);
        assert_eq!(page[..4095], bytes[..]);
        assert_eq!(page[4095], 0);
        Ok(())
    }

    #[test]
    fn showing_nothing() -> Result {
        let root = Root::register(c"kunit_empty", &Log::new()?)?;
        assert_eq!(show(group(&*root), c"empty", &mut *page()?), 0);
        Ok(())
    }

    #[test]
    fn showing_all_there_is_room_for() -> Result {
        let root = Root::register(c"kunit_full", &Log::new()?)?;
        let mut page = page()?;
        assert_eq!(show(group(&*root), c"full", &mut page), 4096);
        assert!(page.iter().all(|&byte| byte == b'x'));
        Ok(())
    }

    #[test]
    fn showing_more_than_there_is_room_for() -> Result {
        let root = Root::register(c"kunit_over", &Log::new()?)?;
        let group = group(&*root);
        let mut page = page()?;
        assert_eq!(show(group, c"over", &mut page), errno(EIO));
        assert_eq!(show(group, c"huge", &mut page), errno(EIO));
        Ok(())
    }

    #[test]
    fn errors_get_to_user_space() -> Result {
        let root = Root::register(c"kunit_fails", &Log::new()?)?;
        let group = group(&*root);
        assert_eq!(show(group, c"fails", &mut *page()?), errno(EACCES));
        assert_eq!(store(group, c"fails", b"1"), errno(EBUSY));
        Ok(())
    }

    /// A file that was written to before it is read has what was written in its page, and behind that
    /// memory as it was allocated.
    #[test]
    fn pages_are_cleared() -> Result {
        let root = Root::register(c"kunit_fresh", &Log::new()?)?;
        let mut page = page()?;
        page.fill(0xa5);
        assert_eq!(show(group(&*root), c"fresh", &mut page), 1);
        assert_eq!(page[0], 1);
        assert!(page[1..].iter().all(|&byte| byte == 0));
        Ok(())
    }

    #[repr(align(64))]
    struct Aligned(u8);

    struct Nothing;

    struct Byte(u8);

    #[vtable]
    impl AttributeOperations<0> for Aligned {
        type Data = Aligned;

        fn show(data: &Aligned, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
            assert!(ptr::from_ref(data).is_aligned());
            page[0] = data.0;
            Ok(1)
        }
    }

    #[vtable]
    impl AttributeOperations<0> for Nothing {
        type Data = Nothing;

        fn show(_: &Nothing, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
            Ok(2)
        }
    }

    #[vtable]
    impl AttributeOperations<0> for Byte {
        type Data = Byte;

        fn show(data: &Byte, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
            page[0] = data.0;
            Ok(1)
        }
    }

    /// Data that a container aligns more than it does C's structure, and data that there is not.
    #[test]
    fn data_of_all_alignments() -> Result {
        let mut page = page()?;
        macro_rules! check {
            ($data:ty, $value:expr, $length:literal) => {{
                let item_type = configfs_attrs! {
                    container: Subsystem<$data>,
                    data: $data,
                    attributes: [value: 0],
                };
                let root = KBox::pin_init(
                    Subsystem::new(c"kunit_aligned", item_type, Ok($value)),
                    GFP_KERNEL,
                )?;
                page.fill(0);
                assert_eq!(show(group(&*root), c"value", &mut page), $length);
                let in_subsystem = page[0];

                let item_type = configfs_attrs! {
                    container: Group<$data>,
                    data: $data,
                    attributes: [value: 0],
                };
                let name = CString::try_from(c"group")?;
                let dir = KBox::pin_init(Group::new(name, item_type, Ok($value)), GFP_KERNEL)?;
                page.fill(0);
                assert_eq!(show(group(&*dir), c"value", &mut page), $length);
                assert_eq!(page[0], in_subsystem);
                in_subsystem
            }};
        }
        assert_eq!(check!(Aligned, Aligned(7), 1), 7);
        assert_eq!(check!(Nothing, Nothing, 2), 0);
        assert_eq!(check!(Byte, Byte(9), 1), 9);
        Ok(())
    }
}
