// SPDX-License-Identifier: GPL-2.0

//! The programs a kernel build needs: found, checked for their version, and installed where that
//! can be done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, ensure, Context, Result};

use crate::debian::{self, Apt};
use crate::run::{output, step};
use crate::workspace::Workspace;

/// The oldest LLVM that Linux 7.2 takes (`scripts/min-tool-version.sh`).
const LLVM_MIN: u32 = 17;

/// The LLVM that is installed where there is none.
const LLVM_WANTED: u32 = 19;

/// The oldest bindgen that Linux 7.2 takes.
const BINDGEN_MIN: [u32; 3] = [0, 71, 1];

/// The bindgen that is installed where there is none.
const BINDGEN_WANTED: &str = "0.72.1";

/// Programs of the kernel's build and of our initramfs, each with the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("make", "make"),
    ("gcc", "gcc"),
    ("flex", "flex"),
    ("bison", "bison"),
    ("bc", "bc"),
    ("xz", "xz-utils"),
    ("cpio", "cpio"),
    ("rsync", "rsync"),
];

/// Files that stand for a package without a program of its own.
const FILES: &[(&str, &str)] = &[
    ("/usr/include/libelf.h", "libelf-dev"),
    ("/usr/include/openssl/opensslv.h", "libssl-dev"),
    ("/bin/busybox", "busybox-static"),
];

/// What a kernel build is run with.
pub(crate) struct Tools {
    /// Folder of clang, ld.lld and the other LLVM programs, by their plain names.
    pub(crate) llvm: PathBuf,
    /// Folder of bindgen.
    pub(crate) bindgen: PathBuf,
    /// The `library` folder of the Rust sources of this very rustc.
    pub(crate) rust_lib_src: PathBuf,
    /// A statically linked busybox.
    pub(crate) busybox: PathBuf,
}

impl Tools {
    /// Finds everything, and installs what is missing.
    ///
    /// # Errors
    ///
    /// Names each thing that is missing or too old and the command that installs it.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let mut missing: Vec<String> = PROGRAMS
            .iter()
            .filter(|(program, _)| which(program).is_none())
            .map(|(_, package)| (*package).to_owned())
            .collect();
        missing.extend(
            FILES
                .iter()
                .filter(|(file, _)| !header_exists(file))
                .map(|(_, package)| (*package).to_owned()),
        );
        let llvm = llvm();
        if llvm.is_none() {
            for package in ["clang", "lld", "llvm"] {
                missing.push(format!("{package}-{LLVM_WANTED}"));
            }
            missing.push(format!("libclang-{LLVM_WANTED}-dev"));
        }
        if !missing.is_empty() {
            let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
            debian::install(workspace, &missing)?;
        }
        let Some(llvm) = llvm.or_else(self::llvm) else {
            bail!(
                "no clang of version {LLVM_MIN} or newer was found in PATH or /usr/lib/llvm-*\n\
                 hint: apt-get install clang-{LLVM_WANTED} lld-{LLVM_WANTED} llvm-{LLVM_WANTED}"
            );
        };
        Ok(Self {
            bindgen: bindgen(workspace, &llvm)?,
            rust_lib_src: rust_lib_src(workspace)?,
            busybox: PathBuf::from("/bin/busybox"),
            llvm,
        })
    }

    /// `PATH` with these tools first.
    pub(crate) fn path(&self) -> std::ffi::OsString {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let parts = [self.bindgen.clone(), self.llvm.clone()]
            .into_iter()
            .chain(std::env::split_paths(&old));
        std::env::join_paths(parts).unwrap_or(old)
    }
}

/// Finds QEMU for x86-64, and installs it where there is none.
pub(crate) fn qemu(workspace: &Workspace) -> Result<PathBuf> {
    const PROGRAM: &str = "qemu-system-x86_64";
    if which(PROGRAM).is_none() {
        debian::install(workspace, &["qemu-system-x86"])?;
    }
    which(PROGRAM).with_context(|| {
        format!("{PROGRAM} was not found in PATH\nhint: apt-get install qemu-system-x86")
    })
}

/// The first program of that name in `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
}

/// Whether a header exists, in its plain or its multiarch folder.
fn header_exists(file: &str) -> bool {
    let multiarch = file.replace("/usr/include/", "/usr/include/x86_64-linux-gnu/");
    Path::new(file).exists() || Path::new(&multiarch).exists()
}

/// The folder of an LLVM that is new enough and complete.
fn llvm() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = which("clang")
        .and_then(|clang| Some(clang.parent()?.to_owned()))
        .into_iter()
        .collect();
    let mut versioned: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix("llvm-")?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versioned.sort();
    folders.extend(versioned.into_iter().rev().map(|(_, folder)| folder));
    folders.into_iter().find(|folder| {
        let complete = ["clang", "ld.lld", "llvm-objcopy", "llvm-nm"]
            .iter()
            .all(|program| folder.join(program).exists());
        let version =
            output(Command::new(folder.join("clang")).arg("--version")).unwrap_or_default();
        complete && version_in(&version).is_some_and(|version| version[0] >= LLVM_MIN)
    })
}

/// The first `a.b.c` in a program's account of itself.
fn version_in(text: &str) -> Option<[u32; 3]> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find_map(|word| {
            let mut parts = word.split('.').map(str::parse);
            Some([
                parts.next()?.ok()?,
                parts.next()?.ok()?,
                parts.next()?.ok()?,
            ])
        })
}

/// The folder of a bindgen that is new enough.
fn bindgen(workspace: &Workspace, llvm: &Path) -> Result<PathBuf> {
    let root = workspace.kernel_dir().join("tools/bindgen");
    let new_enough = |path: &Path| {
        output(Command::new(path).arg("--version"))
            .ok()
            .and_then(|text| version_in(&text))
            .is_some_and(|version| version >= BINDGEN_MIN)
    };
    for path in [Some(root.join("bin/bindgen")), which("bindgen")]
        .into_iter()
        .flatten()
    {
        if new_enough(&path) {
            return Ok(path.parent().unwrap_or(Path::new("/")).to_owned());
        }
    }
    let mut command = Command::new("cargo");
    command
        .args([
            "install",
            "bindgen-cli",
            "--locked",
            "--version",
            BINDGEN_WANTED,
        ])
        .arg("--root")
        .arg(&root)
        .env("LIBCLANG_PATH", llvm.join("../lib"))
        .env_remove("RUSTC_BOOTSTRAP");
    step(
        &format!("installing bindgen {BINDGEN_WANTED}"),
        &mut command,
        &workspace.log("install-bindgen"),
    )
    .with_context(|| {
        let wanted = BINDGEN_MIN.map(|n| n.to_string()).join(".");
        format!(
            "no bindgen of version {wanted} or newer was found\n\
             hint: cargo install bindgen-cli --locked --version {BINDGEN_WANTED}"
        )
    })?;
    Ok(root.join("bin"))
}

/// A program that cargo installs from its package.
pub(crate) struct CargoTool {
    /// The package, and the program in it.
    pub(crate) name: &'static str,
    /// The oldest version that will do.
    pub(crate) min: [u32; 3],
    /// The version that is installed where there is none.
    pub(crate) wanted: &'static str,
}

impl CargoTool {
    /// Finds the program, and installs it where there is none.
    pub(crate) fn find(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self { name, min, wanted } = self;
        let root = workspace.kernel_dir().join("tools").join(name);
        let new_enough = |path: &Path| {
            // `cargo NAME` is how cargo calls it, and some insist on the word.
            let word = name.trim_start_matches("cargo-");
            [vec!["--version"], vec![word, "--version"]]
                .iter()
                .filter_map(|arguments| output(Command::new(path).args(arguments)).ok())
                .find_map(|text| version_in(&text))
                .is_some_and(|version| version >= *min)
        };
        let installed = root.join("bin").join(name);
        for path in [Some(installed.clone()), which(name)].into_iter().flatten() {
            if path.is_file() && new_enough(&path) {
                return Ok(path);
            }
        }
        // Unoptimised, for these run for a second and would take minutes to optimise.
        step(
            &format!("installing {name} {wanted}"),
            Command::new("cargo")
                .args(["install", name, "--locked", "--version", wanted])
                .args(["--debug", "--config", "profile.dev.debug=0", "--root"])
                .arg(&root)
                .env_remove("RUSTC_BOOTSTRAP"),
            &workspace.log(&format!("install-{name}")),
        )
        .with_context(|| {
            format!("no {name} that is new enough was found\nhint: cargo install {name} --locked")
        })?;
        Ok(installed)
    }
}

/// The sources of `core`, of the same version as rustc: Kbuild compiles them.
fn rust_lib_src(workspace: &Workspace) -> Result<PathBuf> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let in_sysroot = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    let version = output(Command::new("rustc").arg("--version"))?;
    let version = version
        .split_whitespace()
        .nth(1)
        .context("rustc tells no version")?
        .to_owned();
    let tools = workspace.kernel_dir().join("tools");
    let unpacked = tools.join(format!("rust-src-{version}"));

    for library in [in_sysroot.clone(), unpacked.join("library")] {
        if library.join("core/src/lib.rs").is_file() {
            return Ok(library);
        }
    }
    let rustup = step(
        "adding rust-src",
        Command::new("timeout").args(["120", "rustup", "component", "add", "rust-src"]),
        &workspace.log("rustup-rust-src"),
    );
    if rustup.is_ok() && in_sysroot.join("core/src/lib.rs").is_file() {
        return Ok(in_sysroot);
    }
    let advice = format!(
        "the sources of rustc {version} are missing: the kernel's build compiles `core` from them\n\
         hint: rustup component add rust-src"
    );
    let apt = Apt::new(workspace).with_context(|| advice.clone())?;
    let package = apt
        .version("rust-src", &format!("{version}+"))?
        .with_context(|| advice.clone())?;
    let staging = tools.join("rust-src-staging");
    let _ = fs::remove_dir_all(&staging);
    apt.unpack(workspace, "rust-src", &package, &staging)?;
    let source = staging.join(format!("usr/src/rustc-{version}"));
    ensure!(source.join("library/core/src/lib.rs").is_file(), advice);
    fs::rename(&source, &unpacked).with_context(|| unpacked.display().to_string())?;
    fs::remove_dir_all(&staging)?;
    Ok(unpacked.join("library"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_versions_in_what_programs_print() {
        assert_eq!(version_in("bindgen 0.72.1"), Some([0, 72, 1]));
        assert_eq!(
            version_in("Debian clang version 19.1.7 (3~deb12u1)"),
            Some([19, 1, 7])
        );
        assert_eq!(version_in("no version"), None);
        assert!([0, 71, 0] < BINDGEN_MIN && [0, 72, 0] >= BINDGEN_MIN);
    }
}
