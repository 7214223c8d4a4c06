// SPDX-License-Identifier: GPL-2.0

//! What Kbuild ran: the `.NAME.cmd` file that it leaves next to each thing it makes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A run of rustc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rustc {
    /// The variables that it was run with.
    pub(super) env: BTreeMap<String, String>,
    /// The crate's root, as it was named.
    pub(super) source: PathBuf,
    pub(super) name: String,
    pub(super) edition: String,
    pub(super) cfg: Vec<String>,
    /// Whether the configuration's cfgs come on top.
    pub(super) configured: bool,
    /// The crates that it may name.
    pub(super) externs: Vec<String>,
    /// What is taken for attributes of the crate.
    pub(super) attributes: Vec<String>,
    pub(super) is_proc_macro: bool,
    /// Whether it is compiled for the kernel, and not for the machine that builds it.
    pub(super) for_kernel: bool,
    /// Whether warnings are of no interest, because the code is someone else's.
    pub(super) third_party: bool,
    pub(super) target: Option<String>,
    /// What it links.
    pub(super) linked: Option<PathBuf>,
}

impl Rustc {
    /// Reads a `.cmd` file; none if it is about something other than rustc.
    pub(super) fn parse(file: &str) -> Option<Self> {
        let line = file.lines().next()?;
        let (name, line) = line.split_once(":=")?;
        if !name.starts_with("savedcmd_") {
            return None;
        }
        // Make's own signs are doubled or named there.
        let line = line.replace("$(pound)", "#").replace("$$", "$");
        let words = shlex::split(line.trim())?;
        let mut words = words.into_iter().peekable();

        let mut rustc = Self {
            edition: "2015".to_owned(),
            ..Self::default()
        };
        while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
            rustc.env.insert(name.to_owned(), value.to_owned());
            words.next();
        }
        let program = words.next()?;
        let program = Path::new(&program).file_name()?.to_string_lossy();
        if !(program.starts_with("rustc") || program == "clippy-driver") {
            return None;
        }
        while let Some(word) = words.next() {
            // Another command follows.
            if word.starts_with(';') || word == "&&" {
                break;
            }
            rustc.option(&word, &mut words);
            if word.ends_with(';') {
                break;
            }
        }
        if rustc.name.is_empty() {
            let stem = rustc.source.file_stem()?;
            rustc.name = stem.to_string_lossy().replace('-', "_");
        }
        (!rustc.source.as_os_str().is_empty()).then_some(rustc)
    }

    fn option(&mut self, word: &str, rest: &mut impl Iterator<Item = String>) {
        let mut value = |name: &str| -> Option<String> {
            let left = word.strip_prefix(name)?;
            match left.strip_prefix('=') {
                Some(value) => Some(value.to_owned()),
                None if left.is_empty() => rest.next(),
                // `-Zcrate-attr` is of another kind than `-Zcrate-attr-x`.
                None => None,
            }
        };
        if let Some(edition) = value("--edition") {
            self.edition = edition;
        } else if let Some(cfg) = value("--cfg") {
            self.cfg.push(cfg);
        } else if let Some(name) = value("--extern") {
            let name = name.split('=').next().unwrap_or_default();
            // `--extern priv:name`.
            let name = name.rsplit(':').next().unwrap_or_default();
            self.externs.push(name.to_owned());
        } else if let Some(name) = value("--crate-name") {
            self.name = name;
        } else if let Some(kind) = value("--crate-type") {
            self.is_proc_macro |= kind == "proc-macro";
        } else if let Some(attribute) = value("-Zcrate-attr") {
            self.attributes.push(attribute);
        } else if let Some(sysroot) = value("--sysroot") {
            self.for_kernel |= sysroot == "/dev/null";
        } else if let Some(target) = value("--target") {
            self.target = Some(target);
        } else if let Some(level) = value("--cap-lints") {
            self.third_party |= level == "allow";
        } else if let Some(kind) = value("--emit") {
            if let Some(file) = kind.strip_prefix("link=") {
                self.linked = Some(PathBuf::from(file));
            }
        } else if value("-L").is_some() || value("-C").is_some() || value("--out-dir").is_some() {
            // The value is not a word of its own.
        } else if let Some(file) = word.strip_prefix('@') {
            self.configured |= file.ends_with("include/generated/rustc_cfg");
        } else if word.ends_with(".rs") && !word.starts_with('-') {
            self.source = PathBuf::from(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_crate_of_the_kernel() {
        let rustc = Rustc::parse(
            "savedcmd_rust/kernel.o :=  OBJTREE=/out rustc --edition=2021 -Copt-level=s \
             --target=./scripts/target.json --remap-path-prefix=/src/= @./include/generated/rustc_cfg \
             --extern ffi --extern macros --emit=dep-info=rust/.kernel.o.d --emit=obj=rust/kernel.o \
             --crate-type rlib -L./rust --crate-name kernel /src/rust/kernel/lib.rs \
             --sysroot=/dev/null -Zunstable-options ;llvm-objcopy a=b.rs rust/kernel.o\n\n\
             source_rust/kernel.o := /src/rust/kernel/lib.rs\n",
        )
        .unwrap();
        assert_eq!(
            rustc,
            Rustc {
                env: BTreeMap::from([("OBJTREE".to_owned(), "/out".to_owned())]),
                source: PathBuf::from("/src/rust/kernel/lib.rs"),
                name: "kernel".to_owned(),
                edition: "2021".to_owned(),
                configured: true,
                externs: vec!["ffi".to_owned(), "macros".to_owned()],
                for_kernel: true,
                target: Some("./scripts/target.json".to_owned()),
                ..Rustc::default()
            }
        );
    }

    #[test]
    fn reads_a_procedural_macro_and_a_library_of_others() {
        let macros = Rustc::parse(
            "savedcmd_rust/libmacros.so :=  rustc --edition=2021 --extern proc_macro2 \
             -Clink-args=' ' --emit=link=rust/libmacros.so --extern proc_macro --crate-type \
             proc-macro -L./rust --crate-name macros /src/rust/macros/lib.rs",
        )
        .unwrap();
        assert!(macros.is_proc_macro && !macros.for_kernel && !macros.configured);
        assert_eq!(macros.linked, Some(PathBuf::from("rust/libmacros.so")));
        assert_eq!(macros.externs, ["proc_macro2", "proc_macro"]);

        let syn = Rustc::parse(
            "savedcmd_rust/libsyn.rlib :=  rustc --edition=2021 --cap-lints=allow \
             --cfg='feature=\"full\"' --cfg MODULE -Zcrate-attr=no_std \
             -Zcrate-attr='feature(a,b)' -O --out-dir ./rust /src/rust/syn/lib-x.rs",
        )
        .unwrap();
        assert!(syn.third_party);
        assert_eq!(syn.cfg, ["feature=\"full\"", "MODULE"]);
        assert_eq!(syn.attributes, ["no_std", "feature(a,b)"]);
        assert_eq!(syn.name, "lib_x");
    }

    #[test]
    fn leaves_other_commands_alone() {
        for text in [
            "",
            "savedcmd_a.o := clang -c a.c",
            "savedcmd_a.o := rustc --version",
            "savedcmd_a.o := rustc 'a.rs",
            "cmd_a.o := rustc a.rs",
        ] {
            assert_eq!(Rustc::parse(text), None, "{text}");
        }
    }
}
