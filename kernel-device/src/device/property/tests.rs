// SPDX-License-Identifier: GPL-2.0

//! Tests of what is read from properties, with software nodes that have any.

use super::{
    testing::{describe, Reference, SoftwareNode, Value},
    *,
};
use crate::device::testing::RootDevice;

mod nodes;

/// An error that has no constant.
fn error(number: u32) -> Error {
    Error::from_errno(-(number as c_int))
}

fn text(value: &dyn fmt::Display) -> Result<CString> {
    CString::try_from_fmt(fmt!("{value}"))
}

#[crate::macros::kunit_tests(rust_property_int)]
mod integer_tests {
    use super::*;

    #[test]
    fn numbers_of_each_width_are_read() -> Result {
        let node = SoftwareNode::new(&[
            (c"u8", Value::U8(&[0xff])),
            (c"u16", Value::U16(&[0x8000])),
            (c"u32", Value::U32(&[u32::MAX])),
            (c"u64", Value::U64(&[u64::MAX - 1])),
        ])?;
        assert_eq!(u8::read_from_fwnode_property(&node, c"u8"), Ok(0xff));
        assert_eq!(i8::read_from_fwnode_property(&node, c"u8"), Ok(-1));
        assert_eq!(u16::read_from_fwnode_property(&node, c"u16"), Ok(0x8000));
        assert_eq!(i16::read_from_fwnode_property(&node, c"u16"), Ok(i16::MIN));
        assert_eq!(u32::read_from_fwnode_property(&node, c"u32"), Ok(u32::MAX));
        assert_eq!(i32::read_from_fwnode_property(&node, c"u32"), Ok(-1));
        assert_eq!(
            u64::read_from_fwnode_property(&node, c"u64"),
            Ok(u64::MAX - 1)
        );
        assert_eq!(i64::read_from_fwnode_property(&node, c"u64"), Ok(-2));
        Ok(())
    }

    #[test]
    fn a_number_is_the_first_of_several() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U32(&[7, 8, 9]))])?;
        assert_eq!(u32::read_from_fwnode_property(&node, c"list"), Ok(7));
        Ok(())
    }

    #[test]
    fn an_array_may_be_shorter_than_the_property() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U16(&[1, 0xfffe, 3]))])?;
        assert_eq!(
            <[i16; 3]>::read_from_fwnode_property(&node, c"list"),
            Ok([1, -2, 3])
        );
        assert_eq!(
            <[i16; 2]>::read_from_fwnode_property(&node, c"list"),
            Ok([1, -2])
        );
        assert_eq!(
            <[u16; 0]>::read_from_fwnode_property(&node, c"list"),
            Ok([])
        );
        Ok(())
    }

    #[test]
    fn an_array_must_not_be_longer() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U8(&[1; 20]))])?;
        assert_eq!(
            <[u8; 20]>::read_from_fwnode_property(&node, c"list"),
            Ok([1; 20])
        );
        assert_eq!(
            <[u8; 21]>::read_from_fwnode_property(&node, c"list"),
            Err(EOVERFLOW)
        );
        // It is a matter of bytes.
        assert_eq!(
            <[u32; 5]>::read_from_fwnode_property(&node, c"list"),
            Ok([0x0101_0101; 5])
        );
        assert_eq!(
            <[u32; 6]>::read_from_fwnode_property(&node, c"list"),
            Err(EOVERFLOW)
        );
        Ok(())
    }

    #[test]
    fn a_number_needs_all_of_its_bytes() -> Result {
        let node = SoftwareNode::new(&[(c"short", Value::U8(&[1, 2, 3]))])?;
        assert_eq!(
            u32::read_from_fwnode_property(&node, c"short"),
            Err(EOVERFLOW)
        );
        assert_eq!(
            u64::read_from_fwnode_property(&node, c"short"),
            Err(EOVERFLOW)
        );
        assert_eq!(u8::read_from_fwnode_property(&node, c"short"), Ok(1));
        Ok(())
    }

    #[test]
    fn what_is_missing_is_invalid() -> Result {
        let node = SoftwareNode::new(&[(c"here", Value::U8(&[1]))])?;
        for name in [c"there", c"", c"her", c"here "] {
            assert_eq!(u8::read_from_fwnode_property(&node, name), Err(EINVAL));
            assert_eq!(
                <[u64; 4]>::read_from_fwnode_property(&node, name),
                Err(EINVAL)
            );
            assert_eq!(
                <[u64; 0]>::read_from_fwnode_property(&node, name),
                Err(EINVAL)
            );
            assert_eq!(node.property_count_elem::<u8>(name), Err(EINVAL));
        }
        Ok(())
    }

    #[test]
    fn a_flag_has_no_data() -> Result {
        let node = SoftwareNode::new(&[(c"flag", Value::Flag)])?;
        let no_data = error(bindings::ENODATA);
        assert_eq!(u8::read_from_fwnode_property(&node, c"flag"), Err(no_data));
        assert_eq!(
            <[u8; 0]>::read_from_fwnode_property(&node, c"flag"),
            Err(no_data)
        );
        assert_eq!(node.property_count_elem::<u8>(c"flag"), Ok(0));
        Ok(())
    }

    #[test]
    fn a_string_is_no_number() -> Result {
        let node = SoftwareNode::new(&[(c"label", Value::Strings(&[c"a label", c"another"]))])?;
        let protocol = error(bindings::EPROTO);
        assert_eq!(
            u64::read_from_fwnode_property(&node, c"label"),
            Err(protocol)
        );
        assert_eq!(
            <[u8; 1]>::read_from_fwnode_property(&node, c"label"),
            Err(protocol)
        );
        assert_eq!(node.property_count_elem::<u64>(c"label"), Err(protocol));
        let list = node.property_read_array_vec::<u64>(c"label", 1)?;
        assert!(list.optional().is_none());
        Ok(())
    }

    #[test]
    fn a_reference_is_no_number() -> Result {
        let node = SoftwareNode::new(&[(c"ref", Value::References(&[Reference::dangling()]))])?;
        let protocol = error(bindings::EPROTO);
        assert_eq!(u64::read_from_fwnode_property(&node, c"ref"), Err(protocol));
        assert_eq!(node.property_count_elem::<u64>(c"ref"), Err(protocol));
        Ok(())
    }

    #[test]
    fn elements_are_counted_by_width() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U8(&[0; 13]))])?;
        assert_eq!(node.property_count_elem::<u8>(c"list"), Ok(13));
        assert_eq!(node.property_count_elem::<i16>(c"list"), Ok(6));
        assert_eq!(node.property_count_elem::<u32>(c"list"), Ok(3));
        assert_eq!(node.property_count_elem::<i64>(c"list"), Ok(1));
        Ok(())
    }

    #[test]
    fn a_vector_has_what_was_asked_for() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U64(&[1, 2, 3, 4, 5]))])?;
        for length in 0..=5 {
            let list: KVec<u64> = node
                .property_read_array_vec(c"list", length)?
                .optional()
                .ok_or(EIO)?;
            assert_eq!(list.len(), length);
            assert!(list
                .iter()
                .zip(1..)
                .all(|(value, expected)| *value == expected));
        }
        let more = node.property_read_array_vec::<u64>(c"list", 6)?;
        assert!(more.optional().is_none());
        Ok(())
    }

    /// More than there can be memory for.
    #[test]
    fn a_vector_may_be_too_long_for_memory() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U64(&[1]))])?;
        for length in [usize::MAX, usize::MAX / 8, isize::MAX as usize / 8 + 1] {
            let list = node.property_read_array_vec::<u64>(c"list", length);
            assert_eq!(list.err(), Some(ENOMEM));
        }
        Ok(())
    }

    #[test]
    fn all_of_a_vector_is_as_much_as_was_counted() -> Result {
        let node = SoftwareNode::new(&[(c"list", Value::U32(&[9; 300]))])?;
        let count = node.property_count_elem::<i32>(c"list")?;
        let list: KVec<i32> = node.property_read_array_vec(c"list", count)?.or_default();
        assert_eq!(list.len(), 300);
        assert!(list.iter().all(|&value| value == 9));
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_property_string)]
mod string_tests {
    use super::*;

    fn read(node: &FwNode, name: &CStr) -> Result<CString> {
        CString::read_from_fwnode_property(node, name)
    }

    fn is(node: &FwNode, name: &CStr, expected: &CStr) -> Result<bool> {
        Ok(*read(node, name)? == *expected)
    }

    #[test]
    fn strings_are_read() -> Result {
        let node = SoftwareNode::new(&[
            (c"one", Value::Strings(&[c"some text"])),
            (c"empty", Value::Strings(&[c""])),
            (c"two", Value::Strings(&[c"first", c"second"])),
        ])?;
        assert!(is(&node, c"one", c"some text")?);
        assert!(is(&node, c"empty", c"")?);
        assert!(is(&node, c"two", c"first")?);
        Ok(())
    }

    #[test]
    fn a_string_need_not_be_utf_8() -> Result {
        const BYTES: &CStr = c"\xff\xfe\x80 \xc3";
        let node = SoftwareNode::new(&[(c"bytes", Value::Strings(&[BYTES]))])?;
        assert!(is(&node, c"bytes", BYTES)?);
        assert!(read(&node, c"bytes")?.to_str().is_err());
        assert_eq!(node.property_match_string(c"bytes", BYTES), Ok(0));
        // And neither need the name.
        let node = SoftwareNode::new(&[(BYTES, Value::Strings(&[c"text"]))])?;
        assert!(is(&node, BYTES, c"text")?);
        assert_eq!(read(&node, c"\xff").err(), Some(EINVAL));
        Ok(())
    }

    #[test]
    fn a_string_may_be_long() -> Result {
        let mut long = KVec::new();
        long.resize(5000, b'x', GFP_KERNEL)?;
        let long = text(&crate::str::BStr::from_bytes(&long))?;
        let node = SoftwareNode::new(&[(c"long", Value::Strings(&[&long]))])?;
        assert!(is(&node, c"long", &long)?);
        Ok(())
    }

    #[test]
    fn what_is_missing_is_invalid() -> Result {
        let node = SoftwareNode::new(&[])?;
        assert_eq!(read(&node, c"none").err(), Some(EINVAL));
        assert_eq!(node.property_match_string(c"none", c""), Err(EINVAL));
        Ok(())
    }

    #[test]
    fn a_property_without_a_value_has_no_data() -> Result {
        let node = SoftwareNode::new(&[(c"flag", Value::Flag), (c"list", Value::Strings(&[]))])?;
        let no_data = error(bindings::ENODATA);
        for name in [c"flag", c"list"] {
            assert_eq!(read(&node, name).err(), Some(no_data));
            assert_eq!(node.property_match_string(name, c""), Err(no_data));
        }
        Ok(())
    }

    /// C would take the number for the address of a string.
    #[test]
    fn a_number_is_no_string() -> Result {
        let node = SoftwareNode::new(&[
            (c"byte", Value::U8(&[1])),
            (c"number", Value::U64(&[0x10])),
            (c"list", Value::U32(&[1, 2, 3, 4, 5])),
            (c"ref", Value::References(&[Reference::dangling()])),
        ])?;
        let protocol = error(bindings::EPROTO);
        for name in [c"byte", c"number", c"list", c"ref"] {
            assert_eq!(read(&node, name).err(), Some(protocol));
            assert_eq!(node.property_match_string(name, c"text"), Err(protocol));
        }
        Ok(())
    }

    #[test]
    fn a_list_is_searched_for_the_whole_string() -> Result {
        let node = SoftwareNode::new(&[(c"names", Value::Strings(&[c"tx", c"rx", c"", c"rx"]))])?;
        let no_data = error(bindings::ENODATA);
        assert_eq!(node.property_match_string(c"names", c"tx"), Ok(0));
        assert_eq!(node.property_match_string(c"names", c"rx"), Ok(1));
        assert_eq!(node.property_match_string(c"names", c""), Ok(2));
        for name in [c"r", c"rx ", c"RX", c"txrx"] {
            assert_eq!(node.property_match_string(c"names", name), Err(no_data));
        }
        Ok(())
    }

    #[test]
    fn a_string_outlives_its_node() -> Result {
        let node = SoftwareNode::new(&[(c"label", Value::Strings(&[c"kept"]))])?;
        let label = read(&node, c"label")?;
        drop(node);
        assert_eq!(&*label, c"kept");
        Ok(())
    }
}
