// SPDX-License-Identifier: GPL-2.0

//! What `mirror new` makes, and that being stopped while it does so does no harm.
//!
//! `cargo xtask scaffolds` builds and boots it.

mod common;

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use common::{assert_same, snapshot, write, Sandbox, Snapshot, Thing};
use mirror::{flatten, Disk, Kind, Made, Result, Scaffold, ScaffoldKind, Workspace};

fn subsystem(name: &str, depends: &[&str]) -> Scaffold {
    let depends = depends.iter().map(|name| (*name).to_owned()).collect();
    let kind = ScaffoldKind::Subsystem { depends };
    Scaffold::new(name.parse().unwrap(), kind)
}

fn driver(name: &str, subsystems: &[&str]) -> Scaffold {
    let subsystems = subsystems.iter().map(|name| (*name).to_owned()).collect();
    let kind = ScaffoldKind::Driver { subsystems };
    Scaffold::new(name.parse().unwrap(), kind)
}

struct Place(Sandbox);

impl Place {
    fn new() -> Self {
        Self(Sandbox::new())
    }

    fn root(&self) -> PathBuf {
        self.0.root().join("workspace")
    }

    fn make(&self, scaffold: &Scaffold) -> Result<Made> {
        scaffold.make(&self.root(), &Disk::new(), false)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    fn files(&self) -> Snapshot {
        snapshot(&self.root())
    }
}

#[test]
fn a_subsystem_is_a_part_of_the_workspace() {
    let place = Place::new();
    let dry = subsystem("net-phy", &["sync"])
        .make(&place.root(), &Disk::new(), true)
        .unwrap();
    assert_same(&place.files(), &Place::new().files(), "after a dry run");

    // What kernel-sync is built on is not named again.
    let made = place
        .make(&subsystem("net-phy", &["sync", "kernel-core"]))
        .unwrap();
    assert_eq!(made, dry);
    assert_eq!(
        made.edited,
        [
            "Cargo.toml",
            "kernel/Cargo.toml",
            "kernel/src/lib.rs",
            "ARCHITECTURE.md",
            "docs/crates.svg"
        ]
    );
    let manifest = place.read("kernel-net-phy/Cargo.toml");
    assert!(manifest.contains("level = 2\n"), "{manifest}");
    assert!(!manifest.contains("kernel-core"), "{manifest}");
    assert!(
        manifest.contains("[\"A Person <person@example.com>\"]"),
        "{manifest}"
    );
    assert!(place.read("docs/crates.svg").contains(">kernel-net-phy<"));

    // Its like on top of it.
    place.make(&subsystem("net", &["net-phy"])).unwrap();
    assert!(place
        .read("kernel/Cargo.toml")
        .contains("net = [\"net-phy\", \"dep:kernel-net\"]\n"));

    let workspace = Workspace::load(&place.root()).unwrap();
    let flat = flatten(&workspace).unwrap();
    let lib = String::from_utf8(flat.files["rust/kernel/lib.rs"].bytes().to_vec()).unwrap();
    assert!(
        lib.contains("pub mod net;\n") && lib.contains("pub mod net_phy;\n"),
        "{lib}"
    );
    assert!(flat.files.contains_key("rust/kernel/net_phy.rs"));
    let order: Vec<_> = flat
        .crates
        .iter()
        .map(|c| c.package.name.as_str())
        .collect();
    let at = |name: &str| order.iter().position(|other| *other == name).unwrap();
    assert!(at("kernel-sync") < at("kernel-net-phy"));
    assert!(at("kernel-net-phy") < at("kernel-net"));
}

#[test]
fn every_file_is_filled_in() {
    let place = Place::new();
    let mut scaffold = subsystem("net-phy", &[]);
    scaffold.maintainers = vec!["Another <b@example.com>".to_owned()];
    place.make(&scaffold).unwrap();
    place.make(&driver("small-one", &["net-phy"])).unwrap();
    for (path, thing) in place.files() {
        let Thing::File(text) = thing else { continue };
        if !path.starts_with("kernel-net-phy/") && !path.starts_with("drivers/") {
            continue;
        }
        for part in text.split('@').skip(1).step_by(2) {
            let is_placeholder = part.bytes().all(|b| b.is_ascii_lowercase()) && !part.is_empty();
            assert!(!is_placeholder, "{path}: @{part}@");
        }
        assert!(!path.contains('@'), "{path}");
        if path.ends_with(".rs") {
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        if path.ends_with(".toml") {
            toml::from_str::<toml::Value>(&text).unwrap();
        }
    }
    assert!(place
        .read("kernel-net-phy/Cargo.toml")
        .contains("Another <b@example.com>"));
    let manifest = place.read("drivers/small-one/Cargo.toml");
    assert!(manifest.contains("kernel = { workspace = true, features = [\"net-phy\"] }"));
    let map = place.read("ARCHITECTURE.md");
    assert!(map.ends_with("code:\n  - `small-one`: a sample driver: keeps some squares.\n"));
}

#[test]
fn what_is_there_stays() {
    let place = Place::new();
    let scaffold = subsystem("pwm", &[]);
    place.make(&scaffold).unwrap();
    let files = place.files();
    let again = place.make(&scaffold).unwrap();
    assert!(again.made.is_empty() && again.edited.is_empty());
    assert_same(&place.files(), &files, "the second time");

    write(&place.root().join("kernel-pwm/src/pwm.rs"), "// Mine.\n");
    let files = place.files();
    let error = place.make(&scaffold).unwrap_err();
    assert!(
        error.to_string().contains("kernel-pwm: is there already"),
        "{error}"
    );
    assert_eq!(error.kind(), Kind::Workspace);
    // An empty folder is not taken over either.
    fs::create_dir(place.root().join("drivers")).unwrap();
    fs::create_dir(place.root().join("drivers/zoo")).unwrap();
    assert!(place.make(&driver("zoo", &[])).is_err());
    assert_same(&place.files(), &files, "after refusals");

    let folder = File::open(place.root()).unwrap();
    folder.lock().unwrap();
    assert_eq!(place.make(&scaffold).unwrap_err().kind(), Kind::Busy);
}

#[test]
fn names_that_are_taken_are_refused() {
    let place = Place::new();
    write(
        &place.root().join("Cargo.lock"),
        "[[package]]\nname = \"libc\"\n",
    );
    let files = place.files();
    for (scaffold, why) in [
        (subsystem("sync", &[]), "kernel-sync: is there already"),
        (subsystem("error", &[]), "`error` is taken"),
        (subsystem("prelude", &[]), "will not do"),
        (
            subsystem("pwm", &["net"]),
            "the crates with a level are kernel-core, kernel-sync",
        ),
        (subsystem("pwm", &["kernel-ffi"]), "the crates with a level"),
        (driver("tool", &[]), "`tool` is taken"),
        (driver("libc", &[]), "Cargo.lock"),
        (driver("zoo", &["net"]), "features are all, default, sync"),
    ] {
        let error = place.make(&scaffold).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_same(&place.files(), &files, "after refusals");
}

#[test]
fn a_workspace_of_another_layout_is_left_alone() {
    for (path, text, lacks) in [
        (
            "ARCHITECTURE.md",
            "# Map\n",
            "a line that begins with - `kernel`:",
        ),
        (
            "kernel/src/lib.rs",
            "//! None.\n",
            "pub use kernel_core::*;",
        ),
    ] {
        let place = Place::new();
        write(&place.root().join(path), text);
        let files = place.files();
        let error = place.make(&subsystem("pwm", &[])).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
        assert!(error.to_string().contains(lacks), "{error}");
        assert_same(&place.files(), &files, path);
    }
    // Documents may be missing.
    let place = Place::new();
    fs::remove_file(place.root().join("ARCHITECTURE.md")).unwrap();
    fs::remove_dir_all(place.root().join("docs")).unwrap();
    assert_eq!(place.make(&subsystem("pwm", &[])).unwrap().edited.len(), 3);
}

#[test]
fn stopped_at_any_step_and_run_again_it_is_whole() {
    for scaffold in [subsystem("pwm", &["sync"]), driver("zoo", &["sync"])] {
        let place = Place::new();
        let before = place.files();
        place.make(&scaffold).unwrap();
        let wanted = place.files();
        let mut stopped = 0;
        for steps in 0.. {
            let place = Place::new();
            // From then on nothing works any more, as if the process were gone.
            let left = Rc::new(Cell::new(steps));
            let disk = Disk::observed(move |_| match left.get() {
                0 => Err(io::Error::other("stopped")),
                n => {
                    left.set(n - 1);
                    Ok(())
                }
            });
            if scaffold.make(&place.root(), &disk, false).is_ok() {
                assert_same(&place.files(), &wanted, "in the end");
                break;
            }
            stopped += 1;
            // What is in place by then is whole, and makes a workspace.
            Workspace::load(&place.root()).unwrap();
            for (path, thing) in place.files() {
                let known = [&before, &wanted].map(|files| files.get(&path) == Some(&thing));
                let ours = path.starts_with(".mirror-new/");
                assert!(ours || known.contains(&true), "{path} after {steps} steps");
            }
            place.make(&scaffold).unwrap();
            assert_same(
                &place.files(),
                &wanted,
                format!("stopped after {steps} steps"),
            );
        }
        assert!(stopped > 15, "{stopped}");
    }
}
