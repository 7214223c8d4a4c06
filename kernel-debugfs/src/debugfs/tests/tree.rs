// SPDX-License-Identifier: GPL-2.0

//! Folders, scopes, and what is where.

use super::process::Process;
use crate::{
    bindings,
    debugfs::{Dir, File, Scope},
    kvec,
    prelude::*,
    str::CString,
    sync::atomic::{Atomic, Relaxed},
};

struct Counters {
    one: Atomic<u32>,
    many: KVec<Atomic<u32>>,
}

impl Counters {
    fn new(many: usize) -> Result<Self> {
        let mut counters = KVec::with_capacity(many, GFP_KERNEL)?;
        for index in 0..many {
            counters.push(Atomic::new(index as u32), GFP_KERNEL)?;
        }
        Ok(Self {
            one: Atomic::new(1),
            many: counters,
        })
    }
}

static SHARED: Atomic<u32> = Atomic::new(77);

#[kunit_tests(rust_debugfs_tree)]
mod cases {
    use super::*;

    #[test]
    fn folders_go_with_their_last_owner() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_owner");
        assert!(process.exists(c"rust_owner"));
        let same = dir.clone();
        drop(dir);
        assert!(process.exists(c"rust_owner"));
        let sub = same.subdir(c"sub");
        drop(same);
        assert!(process.exists(c"rust_owner/sub"));
        drop(sub);
        assert!(!process.exists(c"rust_owner"));
        Ok(())
    }

    #[test]
    fn files_keep_their_folders() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_kept");
        let sub = dir.subdir(c"sub");
        let one = KBox::pin_init(sub.read_only_file(c"one", 1), GFP_KERNEL)?;
        let two = KBox::pin_init(dir.read_only_file(c"two", 2), GFP_KERNEL)?;
        drop((dir, sub));
        assert_eq!(&process.read(c"rust_kept/sub/one")?[..], b"1\n");
        drop(one);
        assert!(!process.exists(c"rust_kept/sub"));
        assert_eq!(&process.read(c"rust_kept/two")?[..], b"2\n");
        drop(two);
        assert!(!process.exists(c"rust_kept"));
        Ok(())
    }

    #[test]
    fn names_that_are_none() -> Result {
        let process = Process::new()?;
        let long = CString::try_from_fmt(fmt!("{:x>256}", ""))?;
        let dir = Dir::new(c"rust_names");
        for name in [c"", c".", c"..", c"a/b", c"/", c"../rust_up", &long] {
            let file = dir.read_write_file(name, Atomic::new(5u32));
            let file = KBox::pin_init(file, GFP_KERNEL)?;
            // The value is there all the same, and so is what is made in no folder.
            assert_eq!(file.load(Relaxed), 5);
            let sub = dir.subdir(name);
            let below = KBox::pin_init(sub.read_only_file(c"below", 6), GFP_KERNEL)?;
            assert_eq!(**below, 6);
            assert!(!process.exists(c"rust_names/below"));
            assert!(!process.exists(c"below"));
        }
        assert!(!process.exists(c"rust_names/a"));
        assert!(!process.exists(c"rust_up"));
        // In the root.
        drop(Dir::new(c""));
        drop(Dir::new(c"a/b"));
        assert!(process.exists(c"rust_names"));
        Ok(())
    }

    #[test]
    fn the_longest_name() -> Result {
        let process = Process::new()?;
        let name = CString::try_from_fmt(fmt!("{:y>255}", ""))?;
        let path = CString::try_from_fmt(fmt!("rust_longest/{:y>255}", ""))?;
        let dir = Dir::new(c"rust_longest");
        let _file = KBox::pin_init(dir.read_only_file(&name, 3), GFP_KERNEL)?;
        assert_eq!(&process.read(&path)?[..], b"3\n");
        Ok(())
    }

    #[test]
    fn names_may_have_any_other_bytes() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust bytes \xff%s\n");
        let _file = KBox::pin_init(dir.read_only_file(c"%pA \x01", 3), GFP_KERNEL)?;
        assert_eq!(&process.read(c"rust bytes \xff%s\n/%pA \x01")?[..], b"3\n");
        Ok(())
    }

    #[test]
    fn the_first_of_a_name_stays() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_twice");
        let first = KBox::pin_init(dir.read_only_file(c"file", 1), GFP_KERNEL)?;
        let second = KBox::pin_init(dir.read_only_file(c"file", 2), GFP_KERNEL)?;
        assert_eq!(&process.read(c"rust_twice/file")?[..], b"1\n");
        // Takes nothing with it that is not its own.
        drop(second);
        assert_eq!(&process.read(c"rust_twice/file")?[..], b"1\n");

        let same_name = Dir::new(c"rust_twice");
        let below = KBox::pin_init(same_name.read_only_file(c"below", 3), GFP_KERNEL)?;
        assert!(!process.exists(c"rust_twice/below"));
        drop((same_name, below));
        assert!(process.exists(c"rust_twice/file"));

        drop(first);
        let third = KBox::pin_init(dir.read_only_file(c"file", 3), GFP_KERNEL)?;
        assert_eq!(&process.read(c"rust_twice/file")?[..], b"3\n");
        drop(third);
        Ok(())
    }

    #[test]
    fn a_scope_has_files_to_its_parts() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_scope");
        let scope = KBox::pin_init(
            dir.scope(Counters::new(3)?, c"scope", |counters, dir| {
                dir.read_write_file(c"one", &counters.one);
                let many = dir.dir(c"many");
                for (index, counter) in counters.many.iter().enumerate() {
                    let Ok(name) = CString::try_from_fmt(fmt!("{index}")) else {
                        return;
                    };
                    many.read_only_file(&name, counter);
                }
            }),
            GFP_KERNEL,
        )?;
        // The scope keeps the folder that it is in.
        drop(dir);
        assert_eq!(process.write(c"rust_scope/scope/one", b"9"), Ok(1));
        assert_eq!(scope.one.load(Relaxed), 9);
        scope.many[2].store(8, Relaxed);
        assert_eq!(&process.read(c"rust_scope/scope/many/2")?[..], b"8\n");
        assert!(!process.exists(c"rust_scope/scope/many/3"));
        drop(scope);
        assert!(!process.exists(c"rust_scope"));
        Ok(())
    }

    #[test]
    fn a_scope_in_the_root() -> Result {
        let process = Process::new()?;
        let scope = KBox::pin_init(
            Scope::dir(Atomic::new(1u32), c"rust_root_scope", |value, dir| {
                dir.read_write_file(c"value", value);
                // Two files to one value, and one to something that lives for ever.
                dir.read_only_file(c"again", value);
                dir.write_only_file(c"shared", &SHARED);
            }),
            GFP_KERNEL,
        )?;
        assert_eq!(process.write(c"rust_root_scope/value", b"6"), Ok(1));
        assert_eq!(&process.read(c"rust_root_scope/again")?[..], b"6\n");
        assert_eq!(process.write(c"rust_root_scope/shared", b"78"), Ok(2));
        assert_eq!((scope.load(Relaxed), SHARED.load(Relaxed)), (6, 78));
        drop(scope);
        assert!(!process.exists(c"rust_root_scope"));
        Ok(())
    }

    #[test]
    fn every_kind_of_file_in_a_scope() -> Result {
        use crate::{new_mutex, sync::Mutex};

        type Blob = Pin<KBox<Mutex<[u8; 4]>>>;
        let process = Process::new()?;
        let dir = Dir::new(c"rust_kinds");
        let blob: Blob = KBox::pin_init(new_mutex!(*b"blob"), GFP_KERNEL)?;
        let scope = KBox::pin_init(
            dir.scope((Atomic::new(4u32), blob), c"all", |(number, blob), dir| {
                dir.read_only_file(c"r", number);
                dir.write_only_file(c"w", number);
                dir.read_write_file(c"rw", number);
                dir.read_binary_file(c"rb", blob);
                dir.write_binary_file(c"wb", blob);
                dir.read_write_binary_file(c"rwb", blob);
                dir.read_callback_file(c"rc", number, &|number, f| {
                    write!(f, "<{}>", number.load(Relaxed))
                });
                dir.write_only_callback_file(c"wc", number, &|number, reader| {
                    number.store(reader.len() as u32, Relaxed);
                    Ok(())
                });
                dir.read_write_callback_file(
                    c"rwc",
                    number,
                    &|number, f| write!(f, "[{}]", number.load(Relaxed)),
                    &|_, _| Err(EPERM),
                );
            }),
            GFP_KERNEL,
        )?;
        for (path, text) in [
            (c"rust_kinds/all/r", &b"4\n"[..]),
            (c"rust_kinds/all/rw", b"4\n"),
            (c"rust_kinds/all/rb", b"blob"),
            (c"rust_kinds/all/rwb", b"blob"),
            (c"rust_kinds/all/rc", b"<4>"),
            (c"rust_kinds/all/rwc", b"[4]"),
        ] {
            assert_eq!(&process.read(path)?[..], text);
        }
        assert_eq!(process.write(c"rust_kinds/all/w", b"5"), Ok(1));
        assert_eq!(process.write(c"rust_kinds/all/wb", b"B"), Ok(1));
        assert_eq!(process.write(c"rust_kinds/all/rwb", b"CD"), Ok(2));
        assert_eq!(process.write(c"rust_kinds/all/rwc", b"x"), Err(EPERM));
        assert_eq!(scope.0.load(Relaxed), 5);
        assert_eq!(*scope.1.lock(), *b"CDob");
        assert_eq!(process.write(c"rust_kinds/all/wc", b"four"), Ok(4));
        assert_eq!(scope.0.load(Relaxed), 4);
        for (path, mode) in [
            (c"rust_kinds/all/rc", 0o400),
            (c"rust_kinds/all/wc", 0o200),
            (c"rust_kinds/all/rwc", 0o600),
            (c"rust_kinds/all/wb", 0o200),
        ] {
            assert_eq!(process.open(path, bindings::O_RDONLY)?.mode(), mode);
        }
        Ok(())
    }

    #[test]
    fn a_scope_without_a_folder_is_its_value() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_no_scope");
        let mut called = false;
        let scope = dir.scope(Counters::new(1)?, c"a/b", |counters, dir| {
            called = true;
            dir.read_write_file(c"one", &counters.one);
            dir.dir(c"sub").read_only_file(c"one", &counters.one);
        });
        let scope = KBox::pin_init(scope, GFP_KERNEL)?;
        assert!(called);
        assert_eq!(scope.one.load(Relaxed), 1);
        assert!(!process.exists(c"rust_no_scope/one"));
        assert!(!process.exists(c"one"));
        assert!(!process.exists(c"sub"));
        Ok(())
    }

    #[test]
    fn what_is_not_initialised_has_no_files() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_failed");
        fn failed() -> impl PinInit<Atomic<u32>, Error> {
            Err(ENXIO)
        }
        let file = KBox::pin_init(dir.read_write_file(c"file", failed()), GFP_KERNEL);
        assert_eq!(file.err(), Some(ENXIO));
        let mut called = false;
        let scope = dir.scope(failed(), c"scope", |_, _| called = true);
        assert_eq!(KBox::pin_init(scope, GFP_KERNEL).err(), Some(ENXIO));
        assert!(!called);
        assert!(!process.exists(c"rust_failed/file"));
        assert!(!process.exists(c"rust_failed/scope"));
        Ok(())
    }

    #[test]
    fn many_files_go_in_any_order() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_many");
        let mut files: KVec<Pin<KBox<File<usize>>>> = KVec::new();
        for index in 0..100 {
            let name = CString::try_from_fmt(fmt!("{index}"))?;
            let file = KBox::pin_init(dir.read_only_file(&name, index), GFP_KERNEL)?;
            files.push(file, GFP_KERNEL)?;
        }
        drop(dir);
        files.retain(|file| ***file % 3 == 1);
        assert!(!process.exists(c"rust_many/0"));
        assert!(!process.exists(c"rust_many/98"));
        assert_eq!(&process.read(c"rust_many/97")?[..], b"97\n");
        files.clear();
        assert!(!process.exists(c"rust_many"));
        Ok(())
    }

    #[test]
    fn owners_can_be_moved() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_moved");
        let one = KBox::pin_init(dir.read_write_file(c"one", Atomic::new(1u32)), GFP_KERNEL)?;
        let two = KBox::pin_init(dir.read_write_file(c"two", Atomic::new(2u32)), GFP_KERNEL)?;
        let mut files = kvec![one, two]?;
        files.swap(0, 1);
        assert_eq!(process.write(c"rust_moved/one", b"11"), Ok(2));
        assert_eq!(files[1].load(Relaxed), 11);
        assert_eq!(files[0].load(Relaxed), 2);
        Ok(())
    }
}
