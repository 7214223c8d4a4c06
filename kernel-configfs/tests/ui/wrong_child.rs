// SPDX-License-Identifier: GPL-2.0

//! What can be made in a directory is what its operations make.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{configfs_attrs, Group, GroupOperations, ItemType, Subsystem},
    prelude::*,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

struct Child;

struct Parent;

#[vtable]
impl GroupOperations for Parent {
    type Child = Child;

    fn make_group(&self, _: &CStr) -> Result<impl PinInit<Group<Child>, Error>> {
        let item_type = configfs_attrs! {
            container: Group<Child>,
            data: Child,
            attributes: [],
        };
        Ok(Group::new(c"child".try_into()?, item_type, Ok(Child)))
    }
}

fn other_child() -> &'static ItemType<Subsystem<Parent>, Parent> {
    configfs_attrs! {
        container: Subsystem<Parent>,
        data: Parent,
        child: Parent,
        attributes: [],
    }
}

fn no_operations() -> &'static ItemType<Subsystem<Child>, Child> {
    configfs_attrs! {
        container: Subsystem<Child>,
        data: Child,
        child: Child,
        attributes: [],
    }
}

fn main() {}
