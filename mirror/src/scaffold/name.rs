// SPDX-License-Identifier: GPL-2.0

//! Names that will do for a Cargo package, a Rust module, a file and a kernel module at once.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The longest name of a kernel module: `MODULE_NAME_LEN` of a 64-bit kernel, without the final zero.
const LONGEST: usize = 55;

/// What code in any crate of the kernel means by these names, beside Rust's keywords.
const CRATES: &[&str] = &[
    "alloc",
    "bindings",
    "build_error",
    "compiler_builtins",
    "core",
    "ffi",
    "kernel",
    "macros",
    "pin_init",
    "pin_init_internal",
    "proc_macro",
    "proc_macro2",
    "quote",
    "std",
    "syn",
    "test",
    "uapi",
    "zerocopy",
    "zerocopy_derive",
];

/// What is something else in the folder or the features of the crate `kernel`.
const KERNEL: &[&str] = &["all", "default", "lib", "prelude"];

/// What Kbuild takes `NAME-y`, or the file `NAME`, to mean.
const KBUILD: &[&str] = &[
    "always",
    "asflags",
    "ccflags",
    "cppflags",
    "dtb",
    "extra",
    "generated",
    "generic",
    "hostprogs",
    "ldflags",
    "lib",
    "mandatory",
    "no",
    "obj",
    "rustflags",
    "subdir",
    "targets",
    "userprogs",
];

/// The name of a new subsystem or driver: words of small letters and digits, joined by dashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// As Cargo has it: `net-phy`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As Rust and the kernel have it: `net_phy`.
    pub fn module(&self) -> String {
        self.0.replace('-', "_")
    }

    /// Whether a subsystem may be called so.
    pub(super) fn check_subsystem(&self) -> Result<()> {
        self.not_in(KERNEL, "it means something else in the crate `kernel`")
    }

    /// Whether a driver may be called so.
    pub(super) fn check_driver(&self) -> Result<()> {
        self.not_in(KBUILD, "it means something else to Kbuild")
    }

    fn not_in(&self, names: &[&str], why: &str) -> Result<()> {
        match names.contains(&self.module().as_str()) {
            true => Err(unusable(&self.0, why)),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !text.split('-').all(word) || !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(unusable(
                text,
                "it takes words of small letters and digits, joined by single dashes, and a letter \
                 to begin with, such as `net-phy`",
            ));
        }
        if text.len() > LONGEST {
            return Err(unusable(
                text,
                &format!("the kernel takes names of up to {LONGEST} letters"),
            ));
        }
        let name = Self(text.to_owned());
        if syn::parse_str::<syn::Ident>(&name.module()).is_err() {
            return Err(unusable(text, "it is a keyword of Rust"));
        }
        name.not_in(CRATES, "a crate that kernel code names is called so")?;
        Ok(name)
    }
}

/// Takes `text` for someone who looks after a crate.
///
/// # Errors
///
/// [`Error::Unusable`] when it is not `Name <address>`, or will not do for every file that it goes
/// into.
pub fn maintainer(text: &str) -> Result<String> {
    let plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>');
    text.strip_suffix('>')
        .and_then(|text| text.split_once(" <"))
        .filter(|(name, address)| {
            let address_parts = address.split_once('@');
            !name.trim().is_empty()
                && name.chars().all(plain)
                && address.chars().all(|c| plain(c) && !c.is_whitespace())
                && address_parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        })
        .map(|_| text.to_owned())
        .ok_or_else(|| unusable(text, "it takes `A Name <address@example.com>`"))
}

fn unusable(text: &str, reason: &str) -> Error {
    Error::Unusable {
        text: text.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_for_everything_or_are_refused() {
        for text in ["a", "net-phy", "i2c", "x86", "time"] {
            let name: Name = text.parse().unwrap();
            name.check_subsystem().unwrap();
            name.check_driver().unwrap();
        }
        let longest = "a".repeat(LONGEST);
        assert!(longest.parse::<Name>().is_ok());
        for text in [
            "", "-", "-a", "a-", "a--b", "A", "2d", "net_phy", "a.b", "../a", "a/b", "ä", "a b",
            "a\n", "loop", "self", "async", "try", "core", "pin-init", "kernel",
        ] {
            let error = text.parse::<Name>().unwrap_err();
            assert!(matches!(error, Error::Unusable { .. }), "{text}: {error}");
        }
        assert!((longest + "a").parse::<Name>().is_err());
        let name = |text: &str| text.parse::<Name>().unwrap();
        assert!(name("prelude").check_subsystem().is_err());
        assert!(name("all").check_subsystem().is_err());
        assert!(name("obj").check_driver().is_err());
    }

    #[test]
    fn a_maintainer_has_a_name_and_an_address() {
        maintainer("A Person <a.person@example.com>").unwrap();
        for text in [
            "",
            "A Person",
            "<a@example.com>",
            " <a@example.com>",
            "A <a>",
            "A <@b>",
            "A <a@b",
            "A\n <a@b>",
            "\"A\" <a@b>",
            "A <a@b> <c@d>",
        ] {
            assert!(maintainer(text).is_err(), "{text}");
        }
    }
}
