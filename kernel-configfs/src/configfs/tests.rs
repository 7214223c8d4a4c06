// SPDX-License-Identifier: GPL-2.0

//! Tests of configfs: a subsystem, its directories, and ways to use them as C and user space do.

use crate::{
    bindings,
    configfs::{configfs_attrs, AttributeOperations, Group, GroupOperations, HasGroup, Subsystem},
    error::{from_err_ptr, to_result},
    new_mutex,
    page::PAGE_SIZE,
    prelude::*,
    str::CString,
    sync::{
        atomic::{Atomic, AtomicFlag, Relaxed},
        Arc, ArcBorrow, Mutex,
    },
};
use core::{ptr, slice};

mod attributes;
mod directories;

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(ptr::null_mut()) };

/// What happened to the directories of a test.
struct Log {
    /// How many values were made and dropped.
    made: Atomic<u32>,
    dropped: Atomic<u32>,
    /// How often `drop_item` was called.
    removed: Atomic<u32>,
    /// What `drop_item` keeps, if `keep`.
    keep: AtomicFlag,
    kept: Atomic<usize>,
}

impl Log {
    fn new() -> Result<Arc<Self>> {
        let log = Log {
            made: Atomic::new(0),
            dropped: Atomic::new(0),
            removed: Atomic::new(0),
            keep: AtomicFlag::new(false),
            kept: Atomic::new(0),
        };
        Ok(Arc::new(log, GFP_KERNEL)?)
    }

    /// How many values there are.
    fn alive(&self) -> u32 {
        self.made.load(Relaxed) - self.dropped.load(Relaxed)
    }
}

/// A part of the data that counts itself.
struct Counted(Arc<Log>);

impl Counted {
    fn new(log: &Arc<Log>) -> Self {
        log.made.add(1, Relaxed);
        Self(log.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dropped.add(1, Relaxed);
    }
}

/// The data of the subsystems here.
#[pin_data]
struct Root {
    counted: Counted,
    #[pin]
    text: Mutex<KVec<u8>>,
}

impl Root {
    fn new(log: &Arc<Log>) -> impl PinInit<Self, Error> {
        let log = log.clone();
        try_pin_init!(Self {
            counted: Counted::new(&log),
            text <- new_mutex!(KVec::new()),
        })
    }

    /// Registers a subsystem.
    fn register(name: &'static CStr, log: &Arc<Log>) -> Result<Pin<KBox<Subsystem<Root>>>> {
        let item_type = configfs_attrs! {
            container: Subsystem<Root>,
            data: Root,
            child: Dir,
            attributes: [
                text: 0,
                empty: 1,
                full: 2,
                over: 3,
                huge: 4,
                fails: 5,
                type: 6,
                fresh: 7,
            ],
        };
        KBox::pin_init(Subsystem::new(name, item_type, Root::new(log)), GFP_KERNEL)
    }
}

#[vtable]
impl AttributeOperations<0> for Root {
    type Data = Root;

    fn show(root: &Root, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        let text = root.text.lock();
        page[..text.len()].copy_from_slice(&text);
        Ok(text.len())
    }

    fn store(root: &Root, page: &[u8]) -> Result {
        let mut text = root.text.lock();
        text.clear();
        text.extend_from_slice(page, GFP_KERNEL)?;
        Ok(())
    }
}

#[vtable]
impl AttributeOperations<1> for Root {
    type Data = Root;

    fn show(_: &Root, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(0)
    }
}

#[vtable]
impl AttributeOperations<2> for Root {
    type Data = Root;

    fn show(_: &Root, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        page.fill(b'x');
        Ok(4096)
    }
}

#[vtable]
impl AttributeOperations<3> for Root {
    type Data = Root;

    fn show(_: &Root, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(4097)
    }
}

#[vtable]
impl AttributeOperations<4> for Root {
    type Data = Root;

    fn show(_: &Root, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(usize::MAX)
    }
}

#[vtable]
impl AttributeOperations<5> for Root {
    type Data = Root;

    fn show(_: &Root, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Err(EACCES)
    }

    fn store(_: &Root, _: &[u8]) -> Result {
        Err(EBUSY)
    }
}

#[vtable]
impl AttributeOperations<6> for Root {
    type Data = Root;

    fn store(_: &Root, _: &[u8]) -> Result {
        Ok(())
    }
}

/// Whether the page was all zeroes.
#[vtable]
impl AttributeOperations<7> for Root {
    type Data = Root;

    fn show(_: &Root, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        page[0] = u8::from(page.iter().all(|&byte| byte == 0));
        Ok(1)
    }
}

#[vtable]
impl GroupOperations for Root {
    type Child = Dir;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Dir>, Error>> {
        let item_type = configfs_attrs! {
            container: Group<Dir>,
            data: Dir,
            child: Leaf,
            attributes: [
                number: 3,
            ],
        };
        if name == c"refused" {
            return Err(EDOM);
        }
        let counted = Counted::new(&self.counted.0);
        let fails = name == c"half made";
        let dir = try_pin_init!(Dir {
            counted,
            number: if fails {
                Err(ERANGE)?
            } else {
                name.count_bytes() as u32
            },
        });
        Ok(Group::new(name.try_into()?, item_type, dir))
    }

    fn drop_item(&self, child: ArcBorrow<'_, Group<Dir>>) {
        let log = &self.counted.0;
        log.removed.add(1, Relaxed);
        if log.keep.load(Relaxed) {
            let kept = Arc::into_raw(Arc::from(child));
            log.kept.store(kept.expose_provenance(), Relaxed);
        }
    }
}

/// The data of the directories in those of the subsystems.
#[pin_data]
struct Dir {
    number: u32,
    counted: Counted,
}

#[vtable]
impl AttributeOperations<3> for Dir {
    type Data = Dir;

    fn show(dir: &Dir, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        page[0] = dir.number as u8;
        Ok(1)
    }
}

#[vtable]
impl GroupOperations for Dir {
    type Child = Leaf;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Leaf>, Error>> {
        let item_type = configfs_attrs! {
            container: Group<Leaf>,
            data: Leaf,
            attributes: [],
        };
        let counted = Counted::new(&self.counted.0);
        Ok(Group::new(
            name.try_into()?,
            item_type,
            try_pin_init!(Leaf { _counted: counted }),
        ))
    }
}

/// The data of directories in which there can be none.
#[pin_data]
struct Leaf {
    _counted: Counted,
}

/// Returns the C group of a container.
fn group<Data, T: HasGroup<Data>>(container: &T) -> *mut bindings::config_group {
    // SAFETY: It is an object.
    unsafe { T::group(container) }.cast_mut()
}

/// Returns the C item of a group that is alive.
fn item(group: *mut bindings::config_group) -> *mut bindings::config_item {
    // SAFETY: The group is alive.
    unsafe { &raw mut (*group).cg_item }
}

/// Returns the attributes of a group that is alive.
fn attributes(group: *mut bindings::config_group) -> &'static [*mut bindings::configfs_attribute] {
    // SAFETY: The group is alive.
    let item_type = unsafe { (*item(group)).ci_type };
    // SAFETY: Its type is a static.
    let list = unsafe { (*item_type).ct_attrs };
    let mut length = 0;
    // SAFETY: The list has at least one entry, and one after each that is not null.
    while !unsafe { *list.wrapping_add(length) }.is_null() {
        length += 1;
    }
    // SAFETY: As many entries have just been read.
    unsafe { slice::from_raw_parts(list, length) }
}

/// Returns the name of an attribute.
fn name(attribute: *mut bindings::configfs_attribute) -> &'static CStr {
    // SAFETY: Attributes are statics.
    let name = unsafe { (*attribute).ca_name };
    // SAFETY: So are their names.
    unsafe { CStr::from_char_ptr(name) }
}

/// Returns the attribute of a live group that has this name.
fn attribute(group: *mut bindings::config_group, wanted: &CStr) -> bindings::configfs_attribute {
    let found = attributes(group)
        .iter()
        .find(|&&attribute| name(attribute) == wanted);
    // SAFETY: Attributes are statics.
    unsafe { **found.unwrap() }
}

/// Reads an attribute of a live group into `page`, as C does.
fn show(group: *mut bindings::config_group, wanted: &CStr, page: &mut [u8; PAGE_SIZE]) -> isize {
    let show = attribute(group, wanted).show.unwrap();
    // SAFETY: The attribute is one of the group's, and the page is one.
    unsafe { show(item(group), page.as_mut_ptr()) }
}

/// Writes an attribute of a live group, as C does.
fn store(group: *mut bindings::config_group, wanted: &CStr, bytes: &[u8]) -> isize {
    let store = attribute(group, wanted).store.unwrap();
    // SAFETY: The attribute is one of the group's, and the bytes are there.
    unsafe { store(item(group), bytes.as_ptr(), bytes.len()) }
}

fn page() -> Result<KBox<[u8; PAGE_SIZE]>> {
    Ok(KBox::new([0; PAGE_SIZE], GFP_KERNEL)?)
}

/// Returns what C returns for an error.
fn errno(error: Error) -> isize {
    error.to_errno() as isize
}

/// Makes a directory in that of a live group, as `mkdir` does, and returns its group.
fn make(parent: *mut bindings::config_group, name: &CStr) -> Result<*mut bindings::config_group> {
    // SAFETY: The group is alive.
    let dir: *mut bindings::dentry = unsafe { (*item(parent)).ci_dentry };
    // SAFETY: It has a directory, since it is part of the tree.
    let child = unsafe { bindings::simple_start_creating(dir, name.as_char_ptr()) };
    let child = from_err_ptr(child)?;
    // SAFETY: As above.
    let inode = unsafe { (*dir).d_inode };
    let idmap = &raw mut bindings::nop_mnt_idmap;
    // SAFETY: The child is locked for this, and the inode is that of the directory.
    let made = unsafe { bindings::vfs_mkdir(idmap, inode, child, 0o755, ptr::null_mut()) };
    // SAFETY: This is what is to be unlocked, be it an error or not.
    unsafe { bindings::end_dirop(made) };
    from_err_ptr(made)?;
    find(parent, name).ok_or(ENOENT)
}

/// Returns the group of a directory in that of a live group.
fn find(parent: *mut bindings::config_group, name: &CStr) -> Option<*mut bindings::config_group> {
    // SAFETY: The group is alive, and nobody else makes directories in it.
    let found = unsafe { bindings::config_group_find_item(parent, name.as_char_ptr()) };
    if found.is_null() {
        return None;
    }
    // SAFETY: This is the reference that the search has taken. The directory has others.
    unsafe { bindings::config_item_put(found) };
    // SAFETY: All items here are parts of groups.
    Some(unsafe { crate::container_of!(found, bindings::config_group, cg_item) })
}

/// Removes the directory of a live group from that of its parent, as `rmdir` does.
fn remove(parent: *mut bindings::config_group, child: *mut bindings::config_group) -> Result {
    // SAFETY: The group is alive.
    let dir: *mut bindings::dentry = unsafe { (*item(parent)).ci_dentry };
    // SAFETY: The group is alive.
    let child = unsafe { (*item(child)).ci_dentry };
    // SAFETY: Both have directories, since they are parts of the tree.
    let child = from_err_ptr(unsafe { bindings::start_removing_dentry(dir, child) })?;
    // SAFETY: As above.
    let inode = unsafe { (*dir).d_inode };
    let idmap = &raw mut bindings::nop_mnt_idmap;
    // SAFETY: The child is locked for this, and the inode is that of the directory.
    let result = unsafe { bindings::vfs_rmdir(idmap, inode, child, ptr::null_mut()) };
    // SAFETY: It is what was locked.
    unsafe { bindings::end_dirop(child) };
    to_result(result)
}
