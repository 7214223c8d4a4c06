// SPDX-License-Identifier: GPL-2.0

//! A disk that is really full, and one that is really read-only: small file systems in memory, in a
//! mount namespace of their own. Where the system does not permit that, `faults.rs` has to do.

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::Sandbox;

/// Runs a script with a small file system at `$M`, in which `$M/tree` is a kernel tree, and the
/// command as `mirror`.
fn in_namespace(script: &str, size: &str) -> Option<String> {
    let sandbox = Sandbox::with_maintainers();
    let setup = format!(
        "set -e; mount -t tmpfs -o size={size} none \"$M\"; cp -r \"$SOURCE\" \"$M/tree\"; \
         cp -r \"$M/tree\" \"$M/../before\"; set +e\n\
         mirror() {{ \"$MIRROR\" \"$@\"; echo \"status $?\"; }}\n{script}"
    );
    std::fs::create_dir(sandbox.root().join("disk")).unwrap();
    let permitted = Command::new("unshare").args(["-rm", "true"]).output();
    if !permitted.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no mount namespace to be had");
        return None;
    }
    let Output { stdout, stderr, .. } = Command::new("unshare")
        .args(["-rm", "sh", "-c", &setup])
        .current_dir(sandbox.root().join("workspace"))
        .env("M", sandbox.root().join("disk"))
        .env("SOURCE", sandbox.tree_path())
        .env("MIRROR", Path::new(env!("CARGO_BIN_EXE_mirror")))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned();
    Some(text + &String::from_utf8_lossy(&stderr))
}

#[test]
fn a_full_disk() {
    // From almost nothing to spare to almost enough.
    for left in [4, 16, 40, 80, 120] {
        let script = format!(
            "dd if=/dev/zero of=\"$M/ballast\" bs=1k 2>/dev/null; \
             truncate -s -{left}k \"$M/ballast\"\n\
             mirror apply \"$M/tree\"; rm \"$M/ballast\"\n\
             diff -r \"$M/tree\" \"$M/../before\" && echo as before\n\
             mirror apply \"$M/tree\"; mirror check \"$M/tree\"; mirror restore \"$M/tree\"\n\
             diff -r \"$M/tree\" \"$M/../before\" && echo restored\n"
        );
        let Some(text) = in_namespace(&script, "1m") else {
            return;
        };
        assert!(text.contains("status 5\nas before\n"), "{left}: {text}");
        assert!(text.contains("hint: free some space"), "{left}: {text}");
        assert_eq!(text.matches("status 0").count(), 3, "{left}: {text}");
        assert!(text.contains("restored\n"), "{left}: {text}");
    }
}

#[test]
fn a_read_only_disk() {
    let script = "mount -o remount,ro \"$M\"\n\
         mirror check \"$M/tree\"; mirror diff \"$M/tree\" >/dev/null\n\
         mirror apply \"$M/tree\"; mirror apply --dry-run \"$M/tree\"\n\
         mount -o remount,rw \"$M\"; mirror apply \"$M/tree\"; mount -o remount,ro \"$M\"\n\
         mirror check \"$M/tree\"; mirror restore \"$M/tree\"\n";
    let Some(text) = in_namespace(script, "1m") else {
        return;
    };
    let statuses: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("status "))
        .collect();
    // `diff` has its status in the file that its output goes to.
    assert_eq!(statuses, ["1", "5", "0", "0", "0", "5"], "{text}");
    assert_eq!(
        text.matches("hint: make the tree writable").count(),
        2,
        "{text}"
    );
}
