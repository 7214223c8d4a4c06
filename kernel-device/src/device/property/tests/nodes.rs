// SPDX-License-Identifier: GPL-2.0

//! Tests of nodes, of those they refer to, and of what a property's absence is.

use super::*;

#[crate::macros::kunit_tests(rust_property_guard)]
mod guard_tests {
    use super::*;

    #[test]
    fn flags_are_there_or_not() -> Result {
        let node = SoftwareNode::new(&[(c"flag", Value::Flag), (c"zero", Value::U8(&[0]))])?;
        for name in [c"flag", c"zero"] {
            assert!(node.property_present(name));
            assert!(node.property_read_bool(name));
        }
        for name in [c"none", c"", c"fla"] {
            assert!(!node.property_present(name));
            assert!(!node.property_read_bool(name));
        }
        Ok(())
    }

    #[test]
    fn a_value_is_used_whatever_the_default() -> Result {
        let root = RootDevice::new(c"rust_property_value")?;
        let node = SoftwareNode::new(&[(c"value", Value::U32(&[5]))])?;
        assert_eq!(node.property_read(c"value").or(7_u32), 5);
        assert_eq!(node.property_read::<u32>(c"value").or_default(), 5);
        assert_eq!(node.property_read::<u32>(c"value").optional(), Some(5));
        assert_eq!(
            node.property_read::<u32>(c"value").required_by(&root),
            Ok(5)
        );
        Ok(())
    }

    #[test]
    fn without_a_value_it_is_the_default() -> Result {
        let root = RootDevice::new(c"rust_property_default")?;
        let node = SoftwareNode::new(&[(c"text", Value::Strings(&[c"5"]))])?;
        for (name, expected) in [(c"none", EINVAL), (c"text", error(bindings::EPROTO))] {
            assert_eq!(node.property_read(name).or(7_u32), 7);
            assert_eq!(node.property_read::<u32>(name).or_default(), 0);
            assert_eq!(node.property_read::<u32>(name).optional(), None);
            assert_eq!(
                node.property_read::<u32>(name).required_by(&root),
                Err(expected)
            );
        }
        Ok(())
    }

    #[test]
    fn a_device_has_the_node_it_was_given() -> Result {
        let root = RootDevice::new(c"rust_property_device")?;
        assert!(root.fwnode().is_none());
        describe(&root, &[(c"value", Value::U16(&[3]))])?;
        let node = root.fwnode().ok_or(ENODEV)?;
        assert_eq!(node.property_read(c"value").or(0_u16), 3);
        assert!(!node.is_of_node());

        // In each state of the device it is the same.
        // SAFETY: Nothing here relies on a driver.
        let bound = unsafe { root.as_bound() };
        assert!(bound.fwnode().is_some_and(|bound| ptr::eq(bound, node)));
        Ok(())
    }

    /// A second node has what the first has not. It is reached through the first.
    #[test]
    fn a_second_node_is_read_after_the_first() -> Result {
        let first = SoftwareNode::new(&[(c"both", Value::U64(&[1])), (c"one", Value::U8(&[1]))])?;
        let second = SoftwareNode::new(&[
            (c"both", Value::Strings(&[c"text"])),
            (c"two", Value::Strings(&[c"text"])),
            (c"number", Value::U64(&[2])),
        ])?;
        // SAFETY: The nodes are this test's.
        unsafe { (*first.as_raw()).secondary = second.as_raw() };
        assert_eq!(first.property_read(c"both").or(0_u64), 1);
        assert_eq!(first.property_read(c"number").or(0_u64), 2);
        assert!(first.property_present(c"two"));
        assert_eq!(first.property_match_string(c"two", c"text"), Ok(0));
        let protocol = error(bindings::EPROTO);
        assert_eq!(first.property_match_string(c"both", c"text"), Err(protocol));
        assert_eq!(
            first.property_match_string(c"number", c"text"),
            Err(protocol)
        );
        assert_eq!(
            u64::read_from_fwnode_property(&first, c"two"),
            Err(protocol)
        );
        // SAFETY: As above.
        unsafe { (*first.as_raw()).secondary = ENODEV.to_ptr() };
        assert_eq!(
            u64::read_from_fwnode_property(&first, c"number"),
            Err(EINVAL)
        );
        assert!(CString::read_from_fwnode_property(&first, c"two").is_err());
        // SAFETY: As above.
        unsafe { (*first.as_raw()).secondary = ptr::null_mut() };
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_property_node)]
mod node_tests {
    use super::*;

    #[test]
    fn children_come_in_order() -> Result {
        let node = SoftwareNode::new(&[])?;
        assert_eq!(node.children().count(), 0);
        let mut kept = KVec::new();
        for number in 0_u32..5 {
            kept.push(
                SoftwareNode::below(&node, &[(c"reg", Value::U32(&[number]))])?,
                GFP_KERNEL,
            )?;
        }
        let mut numbers = 0..5;
        for child in node.children() {
            assert_eq!(
                Some(child.property_read(c"reg").or(u32::MAX)),
                numbers.next()
            );
        }
        assert_eq!(numbers.next(), None);
        // A child's are its own.
        assert_eq!(kept[0].children().count(), 0);
        Ok(())
    }

    #[test]
    fn the_end_of_the_children_is_one() -> Result {
        let node = SoftwareNode::new(&[])?;
        let _child = SoftwareNode::below(&node, &[])?;
        let mut children = node.children();
        assert!(children.next().is_some());
        for _ in 0..3 {
            assert!(children.next().is_none());
        }
        Ok(())
    }

    #[test]
    fn children_may_be_left_before_the_end() -> Result {
        let node = SoftwareNode::new(&[])?;
        let one = SoftwareNode::below(&node, &[])?;
        let two = SoftwareNode::below(&node, &[])?;
        let first = node.children().next().ok_or(ENODEV)?;
        assert!(ptr::eq(&*first, &*one));
        let mut children = node.children();
        assert!(children.next().is_some_and(|child| ptr::eq(&*child, &*one)));
        assert!(children.next().is_some_and(|child| ptr::eq(&*child, &*two)));
        drop(children);
        drop((first, one, two));
        // Nobody has kept any of them.
        assert_eq!(node.children().count(), 0);
        Ok(())
    }

    #[test]
    fn a_child_is_kept_by_who_has_it() -> Result {
        let node = SoftwareNode::new(&[])?;
        let child = SoftwareNode::below(&node, &[(c"reg", Value::U32(&[6]))])?;
        let kept: ARef<FwNode> = (&*child).into();
        let again = node.get_child_by_name(c"node0").ok_or(ENODEV)?;
        drop(child);
        drop(kept);
        assert_eq!(again.property_read(c"reg").or(0_u32), 6);
        assert_eq!(node.children().count(), 1);
        drop(again);
        assert!(node.get_child_by_name(c"node0").is_none());
        Ok(())
    }

    #[test]
    fn a_child_outlives_what_it_is_below() -> Result {
        let node = SoftwareNode::new(&[])?;
        let child = SoftwareNode::below(&node, &[(c"reg", Value::U32(&[6]))])?;
        drop(node);
        assert_eq!(child.property_read(c"reg").or(0_u32), 6);
        assert!(text(&*child)?.to_bytes().ends_with(b"/node0"));
        Ok(())
    }

    #[test]
    fn children_have_the_names_of_c() -> Result {
        let node = SoftwareNode::new(&[])?;
        let _one = SoftwareNode::below(&node, &[])?;
        let two = SoftwareNode::below(&node, &[])?;
        let found = node.get_child_by_name(c"node1").ok_or(ENODEV)?;
        assert!(ptr::eq(&*found, &*two));
        for name in [c"node2", c"node", c"", c"node1 "] {
            assert!(node.get_child_by_name(name).is_none());
        }
        Ok(())
    }

    /// What C formats for the node.
    fn formatted(node: &FwNode, format: &CStr) -> Result<CString> {
        let mut buffer = [0_u8; 256];
        // SAFETY: The buffer is as long as is said, and the format takes a node.
        unsafe {
            bindings::scnprintf(
                buffer.as_mut_ptr(),
                buffer.len(),
                format.as_char_ptr(),
                node.as_raw(),
            )
        };
        let text = CStr::from_bytes_until_nul(&buffer).map_err(|_| EINVAL)?;
        Ok(CString::try_from(text)?)
    }

    #[test]
    fn names_and_paths_are_those_of_c() -> Result {
        let node = SoftwareNode::new(&[])?;
        let child = SoftwareNode::below(&node, &[])?;
        let grandchild = SoftwareNode::below(&child, &[])?;
        for node in [&node, &child, &grandchild] {
            assert!(*text(&**node)? == *formatted(node, c"%pfw")?);
            assert!(*text(&node.display_name())? == *formatted(node, c"%pfwP")?);
        }
        assert_eq!(&*text(&grandchild.display_name())?, c"node0");
        assert!(text(&*grandchild)?.to_bytes().ends_with(b"/node0/node0"));
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_property_reference)]
mod reference_tests {
    use super::*;

    fn error_of(node: &FwNode, name: &CStr, nargs: NArgs<'_>, index: u32) -> Option<Error> {
        node.property_get_reference_args(name, nargs, index).err()
    }

    #[test]
    fn arguments_are_as_many_as_is_said() -> Result {
        let target = SoftwareNode::new(&[(c"#cells", Value::U32(&[3]))])?;
        // SAFETY: `target` is dropped last, and nothing keeps `node`.
        let references = [unsafe { Reference::new(&target, &[1, u64::MAX, 3]) }];
        let node = SoftwareNode::new(&[(c"ref", Value::References(&references))])?;
        let arguments = [1, u64::MAX, 3];
        for count in 0..=3 {
            let args = node.property_get_reference_args(c"ref", NArgs::N(count), 0)?;
            assert_eq!(args.len(), count as usize);
            assert_eq!(args.is_empty(), count == 0);
            assert_eq!(*args.as_slice(), arguments[..count as usize]);
        }
        let args = node.property_get_reference_args(c"ref", NArgs::Prop(c"#cells"), 0)?;
        assert_eq!(*args.as_slice(), arguments);
        // What is not given is zero.
        let args = node.property_get_reference_args(c"ref", NArgs::N(16), 0)?;
        assert_eq!(args.len(), 16);
        assert_eq!(args.as_slice()[..3], arguments);
        assert!(args.as_slice()[3..].iter().all(|&argument| argument == 0));
        Ok(())
    }

    #[test]
    fn arguments_are_no_more_than_sixteen() -> Result {
        let target = SoftwareNode::new(&[
            (c"#many", Value::U32(&[17])),
            (c"#most", Value::U32(&[u32::MAX])),
        ])?;
        // SAFETY: `target` is dropped last, and nothing keeps `node`.
        let references = [unsafe { Reference::new(&target, &[1]) }];
        let node = SoftwareNode::new(&[(c"ref", Value::References(&references))])?;
        for nargs in [
            NArgs::N(17),
            NArgs::N(u32::MAX),
            NArgs::Prop(c"#many"),
            NArgs::Prop(c"#most"),
            NArgs::Prop(c"#none"),
        ] {
            assert_eq!(error_of(&node, c"ref", nargs, 0), Some(EINVAL));
        }
        Ok(())
    }

    #[test]
    fn references_are_found_by_their_place() -> Result {
        let one = SoftwareNode::new(&[])?;
        let two = SoftwareNode::new(&[])?;
        let references = [
            // SAFETY: `one` is dropped after `node`, which nothing keeps.
            unsafe { Reference::new(&one, &[1]) },
            // SAFETY: As above.
            unsafe { Reference::new(&two, &[2]) },
        ];
        let node = SoftwareNode::new(&[(c"ref", Value::References(&references))])?;
        for (index, expected) in [(0, 1), (1, 2)] {
            let args = node.property_get_reference_args(c"ref", NArgs::N(1), index)?;
            assert_eq!(*args.as_slice(), [expected]);
        }
        for index in [2, 3, i32::MAX as u32, u32::MAX] {
            assert_eq!(error_of(&node, c"ref", NArgs::N(1), index), Some(ENOENT));
        }
        Ok(())
    }

    #[test]
    fn what_is_no_reference_is_an_error() -> Result {
        let node = SoftwareNode::new(&[
            (c"number", Value::U64(&[1])),
            (c"text", Value::Strings(&[c"text"])),
            (c"flag", Value::Flag),
            (c"nowhere", Value::References(&[Reference::dangling()])),
        ])?;
        assert_eq!(error_of(&node, c"none", NArgs::N(0), 0), Some(ENOENT));
        for name in [c"number", c"text", c"flag", c"nowhere"] {
            assert_eq!(error_of(&node, name, NArgs::N(0), 0), Some(EINVAL));
        }
        Ok(())
    }

    #[test]
    fn a_reference_keeps_the_other_node() -> Result {
        let parent = SoftwareNode::new(&[])?;
        let target = SoftwareNode::below(&parent, &[])?;
        // SAFETY: `node` is dropped before `target`.
        let references = [unsafe { Reference::new(&target, &[5]) }];
        let node = SoftwareNode::new(&[(c"ref", Value::References(&references))])?;
        let args = node.property_get_reference_args(c"ref", NArgs::N(1), 0)?;
        drop(node);
        drop(target);
        assert_eq!(parent.children().count(), 1);
        assert_eq!(*args.as_slice(), [5]);
        drop(args);
        assert_eq!(parent.children().count(), 0);
        Ok(())
    }

    #[test]
    fn arguments_are_shown_as_a_list() -> Result {
        let target = SoftwareNode::new(&[])?;
        // SAFETY: `target` is dropped last, and nothing keeps `node`.
        let references = [unsafe { Reference::new(&target, &[16, 32]) }];
        let node = SoftwareNode::new(&[(c"ref", Value::References(&references))])?;
        let args = node.property_get_reference_args(c"ref", NArgs::N(2), 0)?;
        assert_eq!(&*CString::try_from_fmt(fmt!("{args:?}"))?, c"[16, 32]");
        let args = node.property_get_reference_args(c"ref", NArgs::N(0), 0)?;
        assert_eq!(&*CString::try_from_fmt(fmt!("{args:?}"))?, c"[]");
        Ok(())
    }
}
