// SPDX-License-Identifier: GPL-2.0

//! Commits made in a real tree, brought into the workspace, exported from it again, and taken by
//! another tree: both trees are the same in the end, and so is what the commits say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use mirror::{Disk, ExportOptions, ImportOptions, Importer, Options, Tree, MAINTAINERS};

use crate::commands::with_hint;
use crate::round_trip::copy_parts;
use crate::run::output;
use crate::series::{apply, commit, copy_workspace, flatten, git, same, SCRIPTS};
use crate::workspace::Workspace;

/// What somebody did in a tree: who, when, what they say, and shell commands that do it there.
struct Work {
    author: &'static str,
    date: &'static str,
    message: &'static str,
    commands: &'static str,
}

const WORK: &[Work] = &[
    Work {
        author: "Ada Beispiel <ada@example.com>",
        date: "2026-03-01T10:00:00+01:00",
        message: "rust: sync: add a note to the mutex\n\n\
                  The note says nothing, and nobody reads it.\n\n\
                  Signed-off-by: Ada Beispiel <ada@example.com>",
        commands: "echo '// A note.' >> rust/kernel/sync/lock/mutex.rs",
    },
    Work {
        author: "Žofie Příkladová <zofie@example.org>",
        date: "2026-03-02T23:59:59-08:00",
        message: "rust: sync: add a module\n\n\
                  It is empty so far.\n\n\
                  Reviewed-by: Ada Beispiel <ada@example.com>\n\
                  Signed-off-by: Žofie Příkladová <zofie@example.org>",
        commands: "printf '// SPDX-License-Identifier: GPL-2.0\\n\\n//! Nothing yet.\\n' > rust/kernel/sync/empty.rs
                   echo 'mod empty;' >> rust/kernel/sync.rs",
    },
    Work {
        author: "Ada Beispiel <ada@example.com>",
        date: "2026-03-03T00:00:00+00:00",
        message: "rust: pid_namespace: move to a folder\n\n\
                  Signed-off-by: Ada Beispiel <ada@example.com>",
        commands: "mkdir rust/kernel/pid_namespace
                   git mv rust/kernel/pid_namespace.rs rust/kernel/pid_namespace/mod.rs",
    },
    Work {
        author: "Zoë Example <zoe@example.net>",
        date: "2026-03-04T12:00:00+05:30",
        message: "rust: mention helpers in two crates\n\n\
                  One is written in C, the other one in Rust.\n\n\
                  Signed-off-by: Zoë Example <zoe@example.net>",
        commands: "echo '/* A note. */' >> rust/helpers/mutex.c
                   echo '// A note.' >> rust/macros/vtable.rs",
    },
    Work {
        author: "Zoë Example <zoe@example.net>",
        date: "2026-03-05T12:00:00+05:30",
        message: "rust: sync: remove the empty module\n\n\
                  Fixes: 123456789012 (\"rust: sync: add a module\")\n\
                  Signed-off-by: Zoë Example <zoe@example.net>",
        commands: "git rm -q rust/kernel/sync/empty.rs
                   sed -i '/^mod empty;$/d' rust/kernel/sync.rs",
    },
];

/// Goes there and back on copies, and tells what was seen.
pub(crate) fn check(workspace: &Workspace, source: &Path) -> Result<String> {
    let folder = workspace.kernel_dir().join("there-and-back");
    let _ = fs::remove_dir_all(&folder);
    let crates = folder.join("workspace");
    copy_workspace(&workspace.root, &crates)?;
    git(&crates, &["init", "--quiet"])?;
    for (key, value) in [
        ("user.name", "A Maintainer"),
        ("user.email", "maintainer@example.com"),
    ] {
        git(&crates, &["config", key, value])?;
    }
    commit(&crates, "all there is")?;
    let first = mirrored(source, &crates, &folder.join("first"))?;
    let second = mirrored(source, &crates, &folder.join("second"))?;

    for work in WORK {
        work.carry_out(&first)?;
    }
    let range = format!("HEAD~{}..HEAD", WORK.len());
    let opened = Tree::open(&first).map_err(with_hint)?;
    let loaded = mirror::Workspace::load(&crates).map_err(with_hint)?;
    Importer::new(&loaded, ImportOptions::default())
        .commits(&opened, &range)
        .map_err(with_hint)
        .context("import")?;

    let opened = Tree::open(&second).map_err(with_hint)?;
    let options = ExportOptions::since(format!("HEAD~{}", WORK.len()));
    let series = mirror::export(&crates, Some(&opened), &options).map_err(with_hint)?;
    let errors = series.complaints.iter().flatten().filter(|c| c.is_error);
    let errors: Vec<_> = errors.map(|c| format!("{}: {}", c.mail, c.text)).collect();
    ensure!(errors.is_empty(), "checkpatch: {}", errors.join("; "));
    let mails = folder.join("mails");
    series.write(&Disk::new(), &mails).map_err(with_hint)?;
    for mail in &series.mails[1..] {
        let mail = mails.join(&mail.name);
        git(&second, &["am", "--quiet", &mail.to_string_lossy()])?;
    }

    let said = |at: &Path| {
        git(
            at,
            &["log", "--reverse", "--format=%an <%ae> %aI%n%B", &range],
        )
    };
    let told = said(&first)?;
    ensure!(
        told == said(&crates)?,
        "the commits read otherwise in the workspace"
    );
    ensure!(
        told == said(&second)?,
        "the commits read otherwise in the second tree"
    );
    // Who did the work left the crates' sections of MAINTAINERS to mirror; the exported patches have them.
    let written = in_step(&crates, &first)?;
    ensure!(
        written == [MAINTAINERS],
        "after the import, apply still wrote {written:?} to the first tree"
    );
    let written = in_step(&crates, &second)?;
    ensure!(
        written.is_empty(),
        "after git am, apply still wrote {written:?} to the second tree"
    );
    let flat = flatten(&crates)?;
    let digest = same(&flat, &first).context("the first tree")?;
    ensure!(
        digest == same(&flat, &second).context("the second tree")?,
        "the trees differ"
    );
    let files = |at: &Path| git(at, &["ls-files", "--stage", "rust", MAINTAINERS]);
    git(&first, &["add", "--all", "rust", MAINTAINERS])?;
    git(&second, &["add", "--all", "rust", MAINTAINERS])?;
    ensure!(
        files(&first)? == files(&second)?,
        "other files of the trees differ"
    );
    fs::remove_dir_all(&folder)?;
    Ok(format!(
        "{} commits made in a tree, imported, exported, taken by `git am` in another: authors, dates and \
         messages as they were, 0 errors by checkpatch, both trees of digest {}",
        WORK.len(),
        &digest[..16]
    ))
}

impl Work {
    fn carry_out(&self, tree: &Path) -> Result<()> {
        output(
            Command::new("sh")
                .args(["-e", "-c", self.commands])
                .current_dir(tree),
        )?;
        git(tree, &["add", "--all", "rust"])?;
        git(
            tree,
            &[
                "commit",
                "--quiet",
                "--author",
                self.author,
                "--date",
                self.date,
                "--message",
                self.message,
            ],
        )
        .map(drop)
    }
}

/// Applies the workspace, and says what that wrote besides the lock.
fn in_step(crates: &Path, tree: &Path) -> Result<Vec<String>> {
    let tree = Tree::open(tree).map_err(with_hint)?;
    let changes = mirror::apply(&flatten(crates)?, &tree, Options::default()).map_err(with_hint)?;
    let kept = changes.kept.into_keys().collect();
    Ok([changes.written, changes.removed, kept].concat())
}

/// A copy of the tree's parts with the crates in it, and all of that committed.
fn mirrored(source: &Path, crates: &Path, tree: &Path) -> Result<PathBuf> {
    copy_parts(source, tree)?;
    for part in SCRIPTS.iter().filter(|part| source.join(part).exists()) {
        let part = source.join(part);
        output(Command::new("cp").arg("-a").arg(part).arg(tree))?;
    }
    apply(crates, tree)?;
    git(tree, &["init", "--quiet"])?;
    // The backup is not for version control, and the lock is.
    fs::write(tree.join(".git/info/exclude"), "rust/kernel/.mirror/\n")?;
    git(tree, &["add", "rust", MAINTAINERS])?;
    git(tree, &["commit", "--quiet", "-m", "Linux, with the crates"])?;
    Ok(tree.to_owned())
}
