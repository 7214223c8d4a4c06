// SPDX-License-Identifier: GPL-2.0

use super::*;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn candidate(name: &str, manifest: &str, changed: bool, requires: &[&str]) -> Candidate {
    Candidate {
        name: name.to_owned(),
        released: Some(version("0.1.0")),
        manifest: version(manifest),
        changed,
        requires: requires.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn planned(candidates: &[Candidate]) -> Vec<String> {
    plan(candidates)
        .iter()
        .map(|planned| format!("{} {}: {}", planned.name, planned.to, planned.why))
        .collect()
}

#[test]
fn only_what_changed_gets_a_version() {
    let crates = [
        candidate("low", "0.1.0", true, &[]),
        candidate("high", "0.1.0", false, &["low"]),
        candidate("raised", "0.2.0", true, &["low"]),
    ];
    assert_eq!(
        planned(&crates),
        [
            "low 0.1.1: changed, the interface apart",
            "raised 0.2.0: its version was raised"
        ]
    );
}

#[test]
fn an_incompatible_version_takes_those_along_that_need_it() {
    let crates = [
        candidate("low", "0.2.0", true, &[]),
        candidate("middle", "0.1.0", false, &["low"]),
        // What `middle` gets is compatible with what this asks for.
        candidate("high", "0.1.0", false, &["middle"]),
    ];
    assert_eq!(
        planned(&crates),
        [
            "low 0.2.0: its version was raised",
            "middle 0.1.1: needs what is incompatible"
        ]
    );
    assert_eq!(plan(&crates)[1].needs, ["low 0.2.0"]);
}

#[test]
fn a_first_release_has_the_version_of_the_manifest() {
    let mut new = candidate("new", "0.1.0", true, &[]);
    new.released = None;
    assert_eq!(planned(&[new]), ["new 0.1.0: first release"]);
    assert_eq!(planned(&[candidate("old", "0.1.0", false, &[])]), [""; 0]);
}

#[test]
fn the_table_of_the_workspace_follows() {
    let mut manifest: DocumentMut = "[workspace.dependencies]\n\
         # The crates of this workspace.\n\
         low = { path = \"low\", version = \"0.1.0\", default-features = false }\n\
         high = { path = \"high\" }\n"
        .parse()
        .unwrap();
    set_requirement(&mut manifest, "low", &version("0.2.0"));
    set_requirement(&mut manifest, "high", &version("0.2.0"));
    set_requirement(&mut manifest, "none", &version("0.2.0"));
    assert_eq!(
        manifest.to_string(),
        "[workspace.dependencies]\n\
         # The crates of this workspace.\n\
         low = { path = \"low\", version = \"0.2.0\", default-features = false }\n\
         high = { path = \"high\" }\n"
    );
}

/// A workspace of two crates, of which `high` re-exports `low`, both released as 0.1.0.
struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fixture.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"low\", \"high\"]\n\n\
             [workspace.dependencies]\nlow = { path = \"low\", version = \"0.1.0\" }\n",
        );
        for (name, dependencies, source) in [
            ("low", "", "pub fn one() {}\npub fn two() {}\n"),
            ("high", "low.workspace = true\n", "pub use low::*;\n"),
        ] {
            fixture.write(
                &format!("{name}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
                     [dependencies]\n{dependencies}\n[package.metadata.mirror]\ndest = false\n"
                ),
            );
            fixture.write(&format!("{name}/src/lib.rs"), source);
            let log = "# Changelog\n\n## 0.1.0\n\n- First version.\n";
            fixture.write(&format!("{name}/CHANGELOG.md"), log);
        }
        fixture.write(".gitignore", "/target\n");
        api::check(&fixture.workspace(), &[], true).unwrap();
        for name in ["low", "high"] {
            let text = fixture.read(&format!("{name}/api/current.txt"));
            fixture.write(&format!("{name}/api/0.1.0.txt"), &text);
        }
        fixture.git(&["init", "--quiet"]);
        for (key, value) in [
            ("user.name", "A Tester"),
            ("user.email", "tester@example.invalid"),
            ("commit.gpgSign", "false"),
            ("tag.gpgSign", "false"),
        ] {
            fixture.git(&["config", key, value]);
        }
        fixture.commit();
        fixture
    }

    fn workspace(&self) -> Workspace {
        Workspace::at(self.dir.path(), self.dir.path().join("target/kernel")).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.path().join(path)).unwrap()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.dir.path(), arguments).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a change"]);
    }

    fn tell(&self, name: &str, change: &str) {
        let path = format!("{name}/CHANGELOG.md");
        let told = format!("# Changelog\n\n## Unreleased\n\n- {change}\n");
        self.write(&path, &self.read(&path).replacen("# Changelog\n", &told, 1));
    }

    /// The error of a release that must not succeed, and that must not have written anything.
    #[track_caller]
    fn refused(&self) -> String {
        let before = self.git(&["status", "--porcelain"]);
        let error = release(&self.workspace(), false).unwrap_err();
        assert_eq!(self.git(&["status", "--porcelain"]), before);
        format!("{error:#}")
    }
}

#[test]
fn a_breaking_change_is_released_with_those_who_show_it() {
    let fixture = Fixture::new();
    assert_eq!(
        release(&fixture.workspace(), false).unwrap(),
        "nothing changed since the last releases"
    );

    fixture.write("low/src/lib.rs", "pub fn one() {}\n");
    let error = fixture.refused();
    assert!(error.contains("uncommitted changes"), "{error}");
    fixture.commit();
    let error = fixture.refused();
    assert!(error.contains("- pub fn low::two()"), "{error}");
    api::check(&fixture.workspace(), &[], true).unwrap();
    fixture.commit();
    let error = fixture.refused();
    assert!(error.contains("need low 0.2.0, high 0.2.0"), "{error}");
    semver::fix(&fixture.workspace()).unwrap();
    fixture.commit();
    let error = fixture.refused();
    assert!(error.contains("low/CHANGELOG.md"), "{error}");
    assert!(!error.contains("high/CHANGELOG.md"), "{error}");
    fixture.tell("low", "`two` is gone.");
    fixture.commit();

    release(&fixture.workspace(), true).unwrap();
    assert_eq!(fixture.git(&["tag"]), "");
    release(&fixture.workspace(), false).unwrap();
    assert_eq!(fixture.git(&["tag"]), "high@0.2.0\nlow@0.2.0");
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    assert_eq!(
        fixture.git(&["log", "-1", "--format=%s"]),
        "release: low 0.2.0, high 0.2.0"
    );
    assert_eq!(
        fixture.read("low/CHANGELOG.md"),
        "# Changelog\n\n## 0.2.0\n\n- `two` is gone.\n\n## 0.1.0\n\n- First version.\n"
    );
    assert!(fixture
        .read("high/CHANGELOG.md")
        .contains("## 0.2.0\n\n- Needs low 0.2.0.\n"));
    assert!(fixture.read("Cargo.toml").contains("version = \"0.2.0\""));
    let stored = fixture.git(&["ls-files", "low/api"]);
    assert_eq!(stored, "low/api/0.2.0.txt\nlow/api/current.txt");
    assert_eq!(
        release(&fixture.workspace(), false).unwrap(),
        "nothing changed since the last releases"
    );
}

#[test]
fn a_change_within_is_a_patch_of_that_crate_alone() {
    let fixture = Fixture::new();
    fixture.write(
        "low/src/lib.rs",
        "pub fn one() {}\npub fn two() { one() }\n",
    );
    fixture.tell("low", "`two` does something.");
    fixture.write("high/tests/all.rs", "#[test]\nfn all() {}\n");
    fixture.commit();
    release(&fixture.workspace(), false).unwrap();
    assert_eq!(fixture.git(&["tag"]), "low@0.1.1");
    assert!(fixture
        .read("low/Cargo.toml")
        .contains("version = \"0.1.1\""));
    assert!(fixture
        .read("high/Cargo.toml")
        .contains("version = \"0.1.0\""));
}
