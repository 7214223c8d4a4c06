// SPDX-License-Identifier: GPL-2.0

//! `rust-project.json`: what it says, when it is written, and what is never overwritten.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use common::{write, Sandbox};
use mirror::ide::{Links, Project, State};
use mirror::{Disk, Error, Kind, Tree};
use serde_json::Value;

fn workspace(sandbox: &Sandbox) -> PathBuf {
    sandbox.root().join("workspace")
}

fn of_workspace(sandbox: &Sandbox) -> Project {
    Project::of_workspace(&workspace(sandbox)).unwrap()
}

fn json(project: &Project) -> Value {
    serde_json::from_str(project.text()).unwrap()
}

/// The crates by their names, and what each calls its dependencies.
fn graph(project: &Project) -> BTreeMap<String, Vec<String>> {
    let json = json(project);
    let crates = json["crates"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    crates
        .iter()
        .map(|one| {
            let deps = one["deps"].as_array().unwrap();
            for dep in deps {
                let at = usize::try_from(dep["crate"].as_u64().unwrap()).unwrap();
                assert_eq!(crates[at]["display_name"], dep["name"], "{one}");
            }
            let names = deps.iter().map(|dep| text(&dep["name"])).collect();
            (text(&one["root_module"]), names)
        })
        .collect()
}

fn named<'a>(json: &'a Value, name: &str) -> &'a Value {
    let crates = json["crates"].as_array().unwrap();
    let found = crates.iter().find(|one| one["display_name"] == name);
    found.unwrap_or_else(|| panic!("no crate {name}"))
}

#[test]
fn the_workspace_is_described_without_a_path_of_the_machine() {
    let sandbox = Sandbox::new();
    let project = of_workspace(&sandbox);
    assert_eq!(
        project.text(),
        of_workspace(&Sandbox::new()).text(),
        "the same in another place"
    );
    let root = sandbox.root().display().to_string();
    assert!(!project.text().contains(&root));

    let graph = graph(&project);
    assert_eq!(project.crates, graph.len());
    assert_eq!(
        graph["kernel-core/src/lib.rs"],
        ["ffi", "macros", "uapi"],
        "{graph:?}"
    );
    assert_eq!(graph["kernel-ffi/src/lib.rs"], Vec::<String>::new());
    // The second one is optional, and a feature that is on asks for it.
    assert_eq!(graph["kernel/src/lib.rs"], ["kernel_core", "kernel_sync"]);

    let json = json(&project);
    let macros = named(&json, "macros");
    assert_eq!(macros["is_proc_macro"], true);
    assert_eq!(
        macros["proc_macro_dylib_path"],
        "target/mirror-ide/macros/kernel-macros-0.1.0.so"
    );
    assert_eq!(macros["edition"], "2021");
    assert_eq!(macros["build"]["label"], "kernel-macros");
    assert_eq!(named(&json, "kernel_core")["is_workspace_member"], true);
}

#[test]
fn configured_crates_have_the_cfgs_of_the_snapshot() {
    let sandbox = Sandbox::new();
    let root = workspace(&sandbox);
    write(
        &root.join("kernel-ffi/snapshot/include/generated/rustc_cfg"),
        "--cfg=CONFIG_B=\"m\"\n--cfg=CONFIG_A\nnoise\n--cfg=CONFIG_BAD=1\n",
    );
    let manifest = |name: &str, more: &str| {
        let path = root.join(name).join("Cargo.toml");
        let text = fs::read_to_string(&path).unwrap();
        let build = "[build-dependencies]\nkernel-config = { path = \"../kernel-config\" }\n";
        let text = text.replacen("[package]\n", &format!("[package]\n{more}"), 1);
        fs::write(&path, format!("{text}\n{build}")).unwrap();
        fs::write(root.join(name).join("build.rs"), "fn main() {}\n").unwrap();
    };
    manifest("kernel-ffi", "links = \"kernel_ffi\"\n");
    manifest("kernel-core", "");

    let project = of_workspace(&sandbox);
    let json = json(&project);
    assert_eq!(
        json["cfg_groups"]["kernel"],
        serde_json::json!(["CONFIG_A", "CONFIG_B=\"m\""]),
        "rust-analyzer refuses a file for a value without quotes"
    );
    let ffi = named(&json, "ffi");
    assert_eq!(ffi["cfg_groups"], serde_json::json!(["kernel"]));
    assert_eq!(ffi["cfg"], serde_json::json!(["cargo"]));
    assert_eq!(ffi["env"]["OBJTREE"], "../snapshot");
    let core = named(&json, "kernel_core");
    assert_eq!(core["env"]["OBJTREE"], "../../kernel-ffi/snapshot");
    // Neither one that is not configured, nor a build script.
    assert!(named(&json, "macros")["cfg_groups"].is_null());
    let script = named(&json, "build_script_build");
    assert!(script["cfg_groups"].is_null() && script["env"]["OBJTREE"].is_null());
    assert_eq!(graph(&project)["kernel-core/build.rs"], ["kernel_config"]);
}

#[test]
fn tests_and_programs_see_their_own_library() {
    let sandbox = Sandbox::new();
    let root = workspace(&sandbox);
    write(&root.join("tool/src/lib.rs"), "");
    write(&root.join("tool/src/main.rs"), "fn main() {}\n");
    write(&root.join("tool/tests/a.rs"), "");
    // What the library's tests use may itself use the library; the file knows no such circle.
    let path = root.join("tool/Cargo.toml");
    let text = fs::read_to_string(&path).unwrap();
    write(
        &path,
        &format!("{text}\n[dev-dependencies]\nkernel-core = {{ path = \"../kernel-core\" }}\n"),
    );
    let path = root.join("kernel-ffi/Cargo.toml");
    let text = fs::read_to_string(&path).unwrap();
    write(
        &path,
        &format!("{text}\n[dev-dependencies]\nkernel-core = {{ path = \"../kernel-core\" }}\n"),
    );

    let project = of_workspace(&sandbox);
    let graph = graph(&project);
    assert_eq!(graph["tool/src/lib.rs"], ["kernel_core"]);
    assert_eq!(graph["tool/src/main.rs"], ["kernel_core", "tool"]);
    assert_eq!(graph["tool/tests/a.rs"], ["kernel_core", "tool"]);
    assert_eq!(graph["kernel-ffi/src/lib.rs"], Vec::<String>::new());
    let test = json(&project);
    let test = named(&test, "a");
    assert_eq!(test["build"]["target_kind"], "test");
    assert_eq!(test["env"]["CARGO_BIN_EXE_tool"], "target/debug/tool");
}

#[test]
fn cfgs_for_others_come_from_the_manifest() {
    let sandbox = Sandbox::new();
    let path = workspace(&sandbox).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap();
    let with = |table: &str| {
        fs::write(
            &path,
            format!("{text}\n[workspace.metadata.mirror.ide]\n{table}\n"),
        )
        .unwrap();
        Project::of_workspace(&workspace(&sandbox))
    };
    let project = with("cfg.kernel-ffi = [\"a\"]").unwrap();
    assert_eq!(
        named(&json(&project), "ffi")["cfg"],
        serde_json::json!(["a"])
    );
    for wrong in ["cfg = 1", "cgf = {}", "cfg.a = \"b\""] {
        let error = with(wrong).unwrap_err();
        assert!(
            matches!(error, Error::WorkspaceTable { .. }),
            "{wrong}: {error}"
        );
        assert_eq!(error.kind(), Kind::Workspace);
    }
}

#[test]
fn a_file_is_written_kept_up_to_date_and_never_overwritten_unasked() {
    let sandbox = Sandbox::new();
    let disk = Disk::new();
    let project = of_workspace(&sandbox);
    let path = &project.path;
    assert_eq!(project.state().unwrap(), State::Missing);
    assert_eq!(project.write(&disk, false).unwrap(), State::Missing);
    assert_eq!(project.state().unwrap(), State::UpToDate);
    assert_eq!(project.write(&disk, false).unwrap(), State::UpToDate);

    // The workspace moves on.
    write(
        &workspace(&sandbox).join("tool/src/main.rs"),
        "fn main() {}\n",
    );
    write(&workspace(&sandbox).join("tool/tests/new.rs"), "");
    let project = of_workspace(&sandbox);
    assert_eq!(project.state().unwrap(), State::OutOfDate);
    assert_eq!(project.write(&disk, false).unwrap(), State::OutOfDate);
    assert_eq!(project.state().unwrap(), State::UpToDate);

    let kept = |name: &str| fs::read_to_string(path.with_file_name(name)).unwrap();
    let edited = project.text().replace("2021", "2024");
    let foreign = "{\"crates\": []}";
    for (content, state, name) in [
        (edited.as_str(), State::Edited, "rust-project.json.old"),
        (foreign, State::Foreign, "rust-project.json.old-2"),
        ("\u{0}", State::Foreign, "rust-project.json.old-3"),
    ] {
        fs::write(path, content).unwrap();
        assert_eq!(project.state().unwrap(), state);
        let error = project.write(&disk, false).unwrap_err();
        assert_eq!(error.kind(), Kind::Edits, "{error}");
        assert_eq!(fs::read_to_string(path).unwrap(), content);
        assert_eq!(project.write(&disk, true).unwrap(), state);
        assert_eq!(kept(name), content);
        assert_eq!(project.state().unwrap(), State::UpToDate);
    }
}

/// Stopped at any step, there is the old file or the new one, and what was edited is somewhere.
#[test]
fn a_run_that_is_stopped_leaves_a_whole_file() {
    for stop in 0.. {
        let sandbox = Sandbox::new();
        let project = of_workspace(&sandbox);
        let foreign = "{\"crates\": []}";
        fs::write(&project.path, foreign).unwrap();
        let steps = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&steps);
        let disk = Disk::observed(move |_| match counter.fetch_add(1, Ordering::Relaxed) {
            at if at == stop => Err(io::Error::other("stopped")),
            _ => Ok(()),
        });
        let result = project.write(&disk, true);
        let now = fs::read_to_string(&project.path).unwrap();
        assert!(
            now == foreign || now == project.text(),
            "step {stop}: {now}"
        );
        project.write(&Disk::new(), true).unwrap();
        assert_eq!(project.state().unwrap(), State::UpToDate);
        let folder = fs::read_dir(project.path.parent().unwrap()).unwrap();
        let kept = folder
            .flatten()
            .filter(|entry| fs::read_to_string(entry.path()).is_ok_and(|text| text == foreign));
        assert!(kept.count() >= 1, "step {stop}");
        if result.is_ok() {
            assert_eq!(stop, steps.load(Ordering::Relaxed));
            assert!(stop >= 3);
            break;
        }
    }
}

#[test]
fn links_lead_to_what_is_on_this_machine() {
    let sandbox = Sandbox::new();
    let root = workspace(&sandbox);
    let library = sandbox.root().join("library");
    let Err(error) = Links::find(&root, Some(&library)) else {
        panic!("there are no sources of the standard library");
    };
    assert!(matches!(error, Error::NoRustSource { .. }), "{error}");
    assert_eq!(error.kind(), Kind::Tool);
    assert!(error
        .hint()
        .unwrap()
        .contains("rustup component add rust-src"));

    write(&library.join("core/src/lib.rs"), "");
    let disk = Disk::new();
    let links = root.join("target/mirror-ide");
    // One that nothing needs, and one that leads elsewhere.
    fs::create_dir_all(links.join("crates")).unwrap();
    std::os::unix::fs::symlink("/nowhere", links.join("crates/gone-1.0.0")).unwrap();
    std::os::unix::fs::symlink("/nowhere", links.join("library")).unwrap();
    let made = Links::find(&root, Some(&library))
        .unwrap()
        .make(&disk)
        .unwrap();
    assert_eq!((made.links, made.changed), (3, 3));
    assert_eq!(made.missing, Vec::<String>::new());
    assert!(links.join("library/core/src/lib.rs").exists());
    assert!(links.join("sysroot/bin").exists());
    assert!(links.join("macros/kernel-macros-0.1.0.so").exists());
    assert!(!links.join("crates/gone-1.0.0").is_symlink());

    let made = Links::find(&root, Some(&library))
        .unwrap()
        .make(&disk)
        .unwrap();
    assert_eq!((made.links, made.changed), (3, 0));
}

/// What a build leaves of two crates, a procedural macro and a module.
fn build(sandbox: &Sandbox, objtree: &Path) {
    let tree = sandbox.tree_path().canonicalize().unwrap();
    let src = tree.display();
    let out = objtree.display();
    let library = sandbox.root().join("library");
    write(&library.join("core/src/lib.rs"), "");
    let library = library.display();
    let file = |name: &str, text: &str| write(&objtree.join(name), text);
    file("include/generated/rustc_cfg", "--cfg=CONFIG_A\n");
    file("rust/bindings/bindings_generated.rs", "");
    for (name, command) in [
        (
            "rust/.core.o.cmd",
            format!(
                "rustc --cfg=no_fp --edition=2024 --crate-name core \
                 {library}/core/src/lib.rs --sysroot=/dev/null"
            ),
        ),
        (
            "rust/.bindings.o.cmd",
            format!(
                "OBJTREE={out} rustc --edition=2021 @./include/generated/rustc_cfg --crate-name \
                 bindings {src}/rust/bindings/lib.rs --sysroot=/dev/null"
            ),
        ),
        (
            "rust/.kernel.o.cmd",
            format!(
                "OBJTREE={out} rustc --edition=2021 @./include/generated/rustc_cfg \
                 --target=aarch64-unknown-none --extern bindings --extern macros --crate-name \
                 kernel {src}/rust/kernel/lib.rs --sysroot=/dev/null ;objcopy x"
            ),
        ),
        (
            "rust/.libmacros.so.cmd",
            format!(
                "rustc --edition=2021 --extern syn --emit=link=rust/libmacros.so \
                 --crate-type proc-macro --crate-name macros {src}/rust/macros/lib.rs"
            ),
        ),
        (
            "rust/.libsyn.rlib.cmd",
            format!(
                "rustc --edition=2021 --cap-lints=allow --cfg='feature=\"full\"' \
                 --crate-name syn {src}/rust/syn/lib.rs"
            ),
        ),
        (
            "rust/.doctests_kernel_generated.o.cmd",
            "rustc doctests_kernel_generated.rs".to_owned(),
        ),
        (
            "samples/rust/.rust_a.o.cmd",
            format!(
                "RUST_MODFILE=x rustc --edition=2021 --cfg MODULE @./include/generated/rustc_cfg \
                 -Zcrate-attr=no_std --extern kernel {src}/samples/rust/rust_a.rs --sysroot=/dev/null"
            ),
        ),
        ("samples/.c.o.cmd", "clang -c c.c".to_owned()),
    ] {
        let object = name.replace("/.", "/").replace(".cmd", "");
        file(name, &format!("savedcmd_{object} := {command}\n\n"));
    }
}

#[test]
fn a_tree_is_described_as_it_was_built() {
    let sandbox = Sandbox::new();
    let objtree = sandbox.root().join("out");
    build(&sandbox, &objtree);
    let objtree = objtree.canonicalize().unwrap();
    let project = Project::of_tree(&sandbox.tree(), &objtree).unwrap();
    assert_eq!(project.path, objtree.join("rust-project.json"));
    let tree = sandbox.tree().root().to_owned();
    assert_eq!(project.link, Some(tree.join("rust-project.json")));
    let src = tree.display();

    let graph = graph(&project);
    let of = |path: &str| graph[&format!("{src}/{path}")].clone();
    assert_eq!(graph.len(), 5, "{graph:?}");
    assert_eq!(of("rust/kernel/lib.rs"), ["bindings", "macros"]);
    assert_eq!(of("rust/macros/lib.rs"), ["syn"]);
    assert_eq!(of("samples/rust/rust_a.rs"), ["kernel"]);

    let json = json(&project);
    assert_eq!(
        json["cfg_groups"]["config"],
        serde_json::json!(["CONFIG_A"])
    );
    let library = sandbox.root().join("library").canonicalize().unwrap();
    assert_eq!(json["sysroot_src"], library.display().to_string());
    let bindings = named(&json, "bindings");
    assert_eq!(bindings["env"]["OBJTREE"], objtree.display().to_string());
    assert_eq!(
        bindings["source"]["include_dirs"],
        serde_json::json!([
            format!("{src}/rust/bindings"),
            format!("{}/rust/bindings", objtree.display())
        ])
    );
    let macros = named(&json, "macros");
    assert_eq!(
        macros["proc_macro_dylib_path"],
        format!("{}/rust/libmacros.so", objtree.display())
    );
    assert_eq!(named(&json, "syn")["is_workspace_member"], false);
    assert_eq!(named(&json, "kernel")["target"], "aarch64-unknown-none");
    let module = named(&json, "rust_a");
    assert_eq!(module["crate_attrs"], serde_json::json!(["no_std"]));
    assert_eq!(module["cfg"], serde_json::json!(["MODULE"]));
    assert_eq!(module["cfg_groups"], serde_json::json!(["config"]));
}

#[test]
fn whoever_opens_the_tree_finds_the_last_build() {
    let sandbox = Sandbox::new();
    let disk = Disk::new();
    let link = sandbox.tree_path().join("rust-project.json");
    let mut texts = Vec::new();
    for name in ["one", "two", "one"] {
        let objtree = sandbox.root().join(name);
        build(&sandbox, &objtree);
        let project = Project::of_tree(&sandbox.tree(), &objtree).unwrap();
        assert_ne!(project.state().unwrap(), State::UpToDate);
        project.write(&disk, false).unwrap();
        assert_eq!(project.state().unwrap(), State::UpToDate);
        assert_eq!(fs::read_to_string(&link).unwrap(), project.text());
        texts.push(project.text().to_owned());
    }
    assert_ne!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);

    // The kernel's own generator was there.
    let objtree = sandbox.root().join("one");
    for path in [&objtree.join("rust-project.json"), &link] {
        fs::remove_file(path).unwrap();
        fs::write(path, "{}").unwrap();
        let project = Project::of_tree(&sandbox.tree(), &objtree).unwrap();
        let error = project.write(&disk, false).unwrap_err();
        assert_eq!(error.kind(), Kind::Edits);
        assert_eq!(fs::read_to_string(path).unwrap(), "{}");
        project.write(&disk, true).unwrap();
        assert!(path.with_file_name("rust-project.json.old").exists());
    }

    // Built in place: no link.
    build(&sandbox, &sandbox.tree_path());
    let project = Project::of_tree(&sandbox.tree(), sandbox.tree().root()).unwrap();
    assert_eq!((project.link.clone(), &project.path), (None, &link));
    project.write(&disk, false).unwrap();
    assert!(!link.is_symlink());
}

#[test]
fn a_folder_without_a_build_of_the_tree_is_refused() {
    let sandbox = Sandbox::new();
    let refused = |tree: &Tree, objtree: &Path| {
        let error = Project::of_tree(tree, objtree).unwrap_err();
        assert_eq!(error.kind(), Kind::Tree, "{error}");
        assert!(matches!(error, Error::NotBuilt { .. }), "{error}");
        error.to_string()
    };
    let objtree = sandbox.root().join("out");
    refused(&sandbox.tree(), &objtree);
    write(&objtree.join("include/generated/rustc_cfg"), "");
    assert!(refused(&sandbox.tree(), &objtree).contains("rust/.kernel.o.cmd"));

    build(&sandbox, &objtree);
    let other = sandbox.again();
    assert!(refused(&other.tree(), &objtree).contains("rust/kernel/lib.rs"));
}

/// The workspace that this test is in has a file, too.
#[test]
fn the_committed_file_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    if !root.join("kernel-core/Cargo.toml").exists() {
        eprintln!("skipped: not in the workspace of the kernel crates");
        return;
    }
    let project = Project::of_workspace(root).unwrap();
    assert_eq!(
        project.state().unwrap(),
        State::UpToDate,
        "{}: run `cargo run -p mirror -- ide`",
        project.path.display()
    );
}
