// SPDX-License-Identifier: GPL-2.0

//! Configuring and building a kernel from a mirrored tree, out of the tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{bail, Context, Result};
use clap::ValueEnum;

use crate::run::step;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// The kernels that we build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arch {
    /// User-mode Linux: a kernel that runs as a process.
    Um,
    /// x86-64, for QEMU, with lockdep, the sleep-in-atomic check, KASAN and kmemleak.
    #[value(name = "x86_64", alias = "qemu")]
    X86_64,
}

impl Arch {
    /// The name that Kbuild knows it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Um => "um",
            Self::X86_64 => "x86_64",
        }
    }

    /// The virtual machine it runs in.
    pub(crate) const fn machine(self) -> &'static str {
        match self {
            Self::Um => "User-mode Linux",
            Self::X86_64 => "QEMU",
        }
    }

    /// Flags that rustc needs for this architecture's module loader: that of User-mode Linux knows
    /// no relocations against a global offset table.
    fn rust_flags(self) -> &'static str {
        match self {
            Self::Um => "-Zplt=yes -Zdirect-access-external-data=yes",
            Self::X86_64 => "",
        }
    }

    /// Flags for C that Kbuild leaves out.
    fn c_flags(self) -> &'static str {
        match self {
            // Where there are no ports, their addresses are computed from null, in each file with
            // `asm/io.h`, fifty times.
            Self::Um => "-Wno-null-pointer-arithmetic",
            // To look for what the kernel's own C could be warned of takes time.
            Self::X86_64 => "-w",
        }
    }
}

/// A configured kernel and where it is built.
pub(crate) struct Kernel<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) tools: &'a Tools,
    /// The mirrored source tree.
    pub(crate) source: PathBuf,
    pub(crate) arch: Arch,
    /// What this build is called: its folder under `target/kernel`, and its logs.
    pub(crate) name: String,
}

impl<'a> Kernel<'a> {
    pub(crate) fn new(
        workspace: &'a Workspace,
        tools: &'a Tools,
        source: &Path,
        arch: Arch,
        variant: &str,
    ) -> Self {
        let own = source.starts_with(workspace.kernel_dir());
        let mut name = format!("{}{variant}", arch.name());
        if !own {
            // A tree of the user's has its own build folders.
            let label: String = source
                .to_string_lossy()
                .chars()
                .map(|c| if c.is_alphanumeric() { c } else { '-' })
                .collect();
            name += &label;
        }
        Self {
            workspace,
            tools,
            source: source.to_owned(),
            arch,
            name,
        }
    }

    /// Where everything that is built goes.
    pub(crate) fn out(&self) -> PathBuf {
        self.workspace.kernel_dir().join(&self.name)
    }

    /// A `make` for this kernel.
    pub(crate) fn make(&self) -> Command {
        let jobs = thread::available_parallelism().map_or(2, usize::from);
        let mut make = Command::new("make");
        make.arg("-C")
            .arg(&self.source)
            .arg(format!("O={}", self.out().display()))
            .arg(format!("ARCH={}", self.arch.name()))
            .arg("LLVM=1")
            .arg(format!("-j{jobs}"))
            .arg(format!(
                "RUST_LIB_SRC={}",
                self.tools.rust_lib_src.display()
            ))
            .arg(format!("KRUSTFLAGS={}", self.arch.rust_flags()))
            .arg(format!("KCFLAGS={}", self.arch.c_flags()))
            .env("PATH", self.tools.path())
            .env("LIBCLANG_PATH", self.tools.llvm.join("../lib"))
            .env("KBUILD_BUILD_TIMESTAMP", "1970-01-01")
            // What Cargo sets for its own children is not for Kbuild.
            .env_remove("RUSTC_BOOTSTRAP")
            .env_remove("RUSTFLAGS")
            .env_remove("MAKEFLAGS")
            .env_remove("CARGO_MAKEFLAGS");
        make
    }

    /// Writes the configuration that `fragments` ask for, unless it is the one in place. x86-64's is made
    /// lean: that of User-mode Linux is.
    ///
    /// # Errors
    ///
    /// When Kconfig does not take a line: the option is unknown, or what it depends on is off.
    pub(crate) fn configure(&self, fragments: &[&str]) -> Result<()> {
        let out = self.out();
        fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
        let configs = self.workspace.root.join("xtask/configs");
        let lean = (self.arch == Arch::X86_64).then_some("lean");
        let mut wanted = String::new();
        for fragment in fragments.iter().copied().chain(lean) {
            let path = configs.join(format!("{fragment}.config"));
            wanted += &fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        }
        let record = out.join(".wanted.config");
        if out.join(".config").exists()
            && fs::read_to_string(&record).is_ok_and(|old| old == wanted)
        {
            return Ok(());
        }
        let log = |step: &str| self.workspace.log(&format!("{}-{step}", self.name));
        let name = format!("configuring Linux for {}", self.name);
        step(&name, self.make().arg("tinyconfig"), &log("tinyconfig"))?;
        let fragment = out.join(".fragment.config");
        fs::write(&fragment, &wanted)?;
        step(
            "merging the configuration",
            Command::new(self.source.join("scripts/kconfig/merge_config.sh"))
                .current_dir(&out)
                .args(["-m", "-O", ".", ".config"])
                .arg(&fragment),
            &log("merge"),
        )?;
        step(
            "checking the configuration",
            self.make().arg("olddefconfig"),
            &log("olddefconfig"),
        )?;
        let config = fs::read_to_string(out.join(".config"))?;
        let refused = refused(&wanted, &config);
        if !refused.is_empty() {
            bail!(
                "Kconfig did not take: {}\n\
                 hint: what these options depend on is off, or the tools that CONFIG_RUST needs were not \
                 accepted; see {}",
                refused.join(", "),
                log("olddefconfig").display()
            );
        }
        fs::write(&record, &wanted)?;
        Ok(())
    }

    /// Builds `targets`, or everything.
    pub(crate) fn build(&self, what: &str, targets: &[&str]) -> Result<()> {
        self.require_rust()?;
        step(
            &format!("building {what} ({})", self.name),
            self.make().args(targets),
            &self.workspace.log(&format!("{}-build", self.name)),
        )?;
        Ok(())
    }

    /// That the configuration has Rust at all.
    fn require_rust(&self) -> Result<()> {
        let path = self.out().join(".config");
        if !has_rust(&fs::read_to_string(&path).unwrap_or_default()) {
            bail!(
                "{}: the configuration has no CONFIG_RUST\n\
                 hint: `make LLVM=1 rustavailable` in the tree says what is missing for it",
                path.display()
            );
        }
        Ok(())
    }

    /// The bootable image.
    pub(crate) fn image(&self) -> PathBuf {
        match self.arch {
            Arch::Um => self.out().join("linux"),
            Arch::X86_64 => self.out().join("arch/x86/boot/bzImage"),
        }
    }
}

/// Whether Rust is on.
fn has_rust(config: &str) -> bool {
    config.lines().any(|line| line == "CONFIG_RUST=y")
}

/// The lines of `wanted` that are not so in `config`.
fn refused(wanted: &str, config: &str) -> Vec<String> {
    wanted
        .lines()
        .filter(|line| line.starts_with("CONFIG_"))
        .filter(|line| match line.split_once('=') {
            Some((name, "n")) => config
                .lines()
                .any(|set| set.starts_with(&format!("{name}="))),
            _ => !config.lines().any(|set| set == *line),
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_without_rust_is_told() {
        assert!(has_rust("CONFIG_A=y\nCONFIG_RUST=y\n"));
        assert!(!has_rust(
            "# CONFIG_RUST is not set\nCONFIG_RUST_IS_AVAILABLE=y\n"
        ));
    }

    #[test]
    fn lines_that_kconfig_dropped_are_named() {
        let wanted = "# note\nCONFIG_A=y\nCONFIG_B=m\nCONFIG_C=n\nCONFIG_D=n\n";
        let config = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_D=y\n";
        assert_eq!(refused(wanted, config), ["CONFIG_B=m", "CONFIG_D=n"]);
    }
}
