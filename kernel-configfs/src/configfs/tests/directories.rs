// SPDX-License-Identifier: GPL-2.0

//! Tests of subsystems and of directories in them, which are made and removed as user space does.

#[crate::macros::kunit_tests(rust_configfs_directories)]
mod cases {
    use super::super::*;

    #[test]
    fn same_name_twice() -> Result {
        let log = Log::new()?;
        let first = Root::register(c"kunit_twice", &log)?;
        assert_eq!(Root::register(c"kunit_twice", &log).err(), Some(EEXIST));
        assert_eq!(log.alive(), 1);
        // The first is as it was.
        assert_eq!(store(group(&*first), c"text", b"x"), 1);
        make(group(&*first), c"still").and_then(|made| remove(group(&*first), made))?;
        drop(first);
        assert_eq!(log.alive(), 0);
        drop(Root::register(c"kunit_twice", &log)?);
        assert_eq!(log.made.load(Relaxed), log.dropped.load(Relaxed));
        Ok(())
    }

    #[test]
    fn names_that_no_directory_has() -> Result {
        let log = Log::new()?;
        for name in [c"", c".", c"..", c"/", c"a/b", c"a/"] {
            assert_eq!(Root::register(name, &log).err(), Some(EINVAL));
        }
        // The data had been made.
        assert_eq!(log.made.load(Relaxed), 6);
        assert_eq!(log.alive(), 0);
        // These are names like any other.
        for name in [c"...", c" ", c"\xff", c"kunit %s %n"] {
            let root = Root::register(name, &log)?;
            // SAFETY: The group is alive.
            let given = unsafe { (*item(group(&*root))).ci_name };
            // SAFETY: And so is its name.
            assert_eq!(unsafe { CStr::from_char_ptr(given) }, name);
        }
        Ok(())
    }

    /// What is wrong with a name of 256 bytes.
    fn too_long() -> Error {
        Error::from_errno(-(bindings::ENAMETOOLONG as c_int))
    }

    /// Returns a name of `length` bytes that stays.
    fn long_name(length: usize) -> &'static CStr {
        static BYTES: [u8; 257] = {
            let mut bytes = [b'n'; 257];
            bytes[256] = 0;
            bytes
        };
        CStr::from_bytes_with_nul(&BYTES[256 - length..]).unwrap()
    }

    /// Names are kept in the item up to a length, and elsewhere above it.
    #[test]
    fn names_of_all_lengths() -> Result {
        let log = Log::new()?;
        for length in [1, 18, 19, 20, 21, 254, 255] {
            let root = Root::register(long_name(length), &log)?;
            let name = long_name(length);
            let made = make(group(&*root), name)?;
            let mut page = page()?;
            assert_eq!(show(made, c"number", &mut page), 1);
            assert_eq!(usize::from(page[0]), length);
            remove(group(&*root), made)?;
        }
        assert_eq!(Root::register(long_name(256), &log).err(), Some(too_long()));
        assert_eq!(log.alive(), 0);
        Ok(())
    }

    #[test]
    fn groups_that_never_get_to_c() -> Result {
        let item_type = configfs_attrs! {
            container: Group<Arc<Log>>,
            data: Arc<Log>,
            attributes: [],
        };
        let log = Log::new()?;
        let group = |name: &CStr| -> Result<Arc<Group<Arc<Log>>>> {
            let name = CString::try_from(name)?;
            Arc::pin_init(Group::new(name, item_type, Ok(log.clone())), GFP_KERNEL)
        };
        for length in [1, 19, 20, 255] {
            drop(group(long_name(length))?);
        }
        for name in [c"", c".", c"..", c"a/b"] {
            assert_eq!(group(name).err(), Some(EINVAL));
        }
        assert_eq!(group(long_name(256)).err(), Some(too_long()));
        // All others are gone.
        assert!(Arc::into_unique_or_drop(log.clone()).is_none());
        assert!(Arc::into_unique_or_drop(log).is_some());
        Ok(())
    }

    #[test]
    fn data_that_fails_to_initialise() -> Result {
        let item_type = configfs_attrs! {
            container: Subsystem<u32>,
            data: u32,
            attributes: [],
        };
        let register = |data: Result<u32>| {
            KBox::pin_init(Subsystem::new(c"kunit_data", item_type, data), GFP_KERNEL)
        };
        assert_eq!(register(Err(EDOM)).err(), Some(EDOM));
        // The name was not taken.
        assert!(register(Ok(1)).is_ok());
        Ok(())
    }

    #[test]
    fn making_and_removing() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_making", &log)?;
        assert_eq!(log.alive(), 1);
        let made = make(group(&*root), c"one")?;
        assert_eq!(log.alive(), 2);
        assert_eq!(find(group(&*root), c"one"), Some(made));
        remove(group(&*root), made)?;
        assert_eq!(log.alive(), 1);
        assert_eq!(log.removed.load(Relaxed), 1);
        assert_eq!(find(group(&*root), c"one"), None);
        drop(root);
        assert_eq!(log.alive(), 0);
        Ok(())
    }

    #[test]
    fn making_one_twice() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_made_twice", &log)?;
        let made = make(group(&*root), c"one")?;
        assert_eq!(make(group(&*root), c"one").err(), Some(EEXIST));
        assert_eq!(make(group(&*root), c"text").err(), Some(EEXIST));
        assert_eq!(log.alive(), 2);
        remove(group(&*root), made)
    }

    #[test]
    fn making_many() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_many", &log)?;
        let group = group(&*root);
        for length in 1..=40 {
            make(group, long_name(length))?;
        }
        assert_eq!(log.alive(), 41);
        for length in (1..=40).rev() {
            remove(group, find(group, long_name(length)).ok_or(ENOENT)?)?;
        }
        assert_eq!(log.alive(), 1);
        assert_eq!(log.removed.load(Relaxed), 40);
        Ok(())
    }

    #[test]
    fn directories_in_directories() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_nested", &log)?;
        let root_group = group(&*root);
        let dir = make(root_group, c"dir")?;
        let leaf = make(dir, c"leaf")?;
        assert_eq!(log.alive(), 3);
        // A leaf has no operations for this.
        assert_eq!(make(leaf, c"more").err(), Some(EPERM));
        // One after the other, from the inside.
        let not_empty = Error::from_errno(-(bindings::ENOTEMPTY as c_int));
        assert_eq!(remove(root_group, dir).err(), Some(not_empty));
        remove(dir, leaf)?;
        assert_eq!(log.alive(), 2);
        remove(root_group, dir)?;
        assert_eq!(log.alive(), 1);
        Ok(())
    }

    #[test]
    fn refusing_to_make_one() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_refusing", &log)?;
        assert_eq!(make(group(&*root), c"refused").err(), Some(EDOM));
        // Its data was half made.
        assert_eq!(make(group(&*root), c"half made").err(), Some(ERANGE));
        assert_eq!(log.alive(), 1);
        assert_eq!(log.removed.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn each_directory_has_its_data() -> Result {
        let root = Root::register(c"kunit_data_of", &Log::new()?)?;
        let root_group = group(&*root);
        let (a, b) = (make(root_group, c"a")?, make(root_group, c"bb")?);
        let mut page = page()?;
        assert_eq!(show(a, c"number", &mut page), 1);
        assert_eq!(page[0], 1);
        assert_eq!(show(b, c"number", &mut page), 1);
        assert_eq!(page[0], 2);
        remove(root_group, a)?;
        remove(root_group, b)
    }

    /// C has references of its own; the data goes with the last of them.
    #[test]
    fn data_lives_until_the_last_reference() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_reference", &log)?;
        let made = make(group(&*root), c"one")?;
        // SAFETY: The item is alive.
        unsafe { bindings::config_item_get(item(made)) };
        remove(group(&*root), made)?;
        assert_eq!(log.alive(), 2);
        let mut page = page()?;
        assert_eq!(show(made, c"number", &mut page), 1);
        // SAFETY: This is the reference from above.
        unsafe { bindings::config_item_put(item(made)) };
        assert_eq!(log.alive(), 1);
        Ok(())
    }

    /// Rust can have an owner, too, which it gets from `drop_item`.
    #[test]
    fn data_lives_until_the_last_owner() -> Result {
        let log = Log::new()?;
        log.keep.store(true, Relaxed);
        let root = Root::register(c"kunit_owner", &log)?;
        let made = make(group(&*root), long_name(30))?;
        remove(group(&*root), made)?;
        drop(root);
        assert_eq!(log.alive(), 1);
        let kept = ptr::with_exposed_provenance::<Group<Dir>>(log.kept.load(Relaxed));
        // SAFETY: `drop_item` has got it from `into_raw`.
        drop(unsafe { Arc::from_raw(kept) });
        assert_eq!(log.alive(), 0);
        Ok(())
    }

    #[test]
    fn types_name_their_module_and_operations() -> Result {
        let root = Root::register(c"kunit_type", &Log::new()?)?;
        let root_group = group(&*root);
        let dir = make(root_group, c"dir")?;
        let leaf = make(dir, c"leaf")?;
        for (group, drop_item, release) in [(root_group, true, false), (dir, false, true)] {
            // SAFETY: The groups are alive.
            let item_type = unsafe { (*item(group)).ci_type };
            // SAFETY: Types are statics.
            let item_type = unsafe { *item_type };
            assert_eq!(item_type.ct_owner, THIS_MODULE.as_ptr());
            // SAFETY: As above.
            let children = unsafe { *item_type.ct_group_ops };
            assert!(children.make_group.is_some() && children.make_item.is_none());
            assert_eq!(children.drop_item.is_some(), drop_item);
            // SAFETY: As above.
            let own = unsafe { *item_type.ct_item_ops };
            assert_eq!(own.release.is_some(), release);
        }
        // SAFETY: The group is alive.
        let item_type = unsafe { (*item(leaf)).ci_type };
        // SAFETY: Types are statics.
        assert!(unsafe { (*item_type).ct_group_ops }.is_null());
        assert!(attributes(leaf).is_empty());
        remove(dir, leaf)?;
        remove(root_group, dir)
    }

    /// What the thread below works with.
    struct Remover {
        root: *mut bindings::config_group,
        dir: *mut bindings::config_group,
        /// Whether a directory could be made while the subsystem went away, and then whether the one
        /// that was there is removed.
        refused: AtomicFlag,
        done: AtomicFlag,
    }

    /// A thread that removes the last directory of a subsystem that is being dropped.
    ///
    /// # Safety
    ///
    /// `data` must come from `Arc::<Remover>::into_raw`, and its groups be alive until `done`.
    unsafe extern "C" fn remove_later(data: *mut c_void) -> c_int {
        // SAFETY: The caller says so.
        let remover = unsafe { Arc::<Remover>::from_raw(data.cast()) };
        // SAFETY: Threads may sleep. This is longer than it takes to begin with dropping.
        unsafe { bindings::msleep(200) };
        let refused = make(remover.root, c"late").err() == Some(ENOENT);
        remover.refused.store(refused, Relaxed);
        remover.done.store(true, Relaxed);
        match remove(remover.root, remover.dir) {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    #[test]
    fn dropping_waits_for_the_last_directory() -> Result {
        let log = Log::new()?;
        let root = Root::register(c"kunit_waits", &log)?;
        let dir = make(group(&*root), c"dir")?;
        let remover = Arc::new(
            Remover {
                root: group(&*root),
                dir,
                refused: AtomicFlag::new(false),
                done: AtomicFlag::new(false),
            },
            GFP_KERNEL,
        )?;
        let name = c"kunit_remover".as_char_ptr();
        let data = Arc::into_raw(remover.clone()).cast_mut().cast();
        // SAFETY: The function gets what it wants: an `Arc`, and groups that stay until the thread
        // has removed the one, as dropping the other waits for that.
        let thread =
            unsafe { bindings::kthread_create_on_node(Some(remove_later), data, -1, name) };
        let thread = from_err_ptr(thread)?;
        // SAFETY: It has not been started yet, and so is still there.
        unsafe { bindings::wake_up_process(thread) };
        drop(root);
        assert!(remover.done.load(Relaxed));
        assert!(remover.refused.load(Relaxed));
        assert_eq!(log.alive(), 0);
        Ok(())
    }
}
