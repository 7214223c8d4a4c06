// SPDX-License-Identifier: GPL-2.0

//! The files that a new crate starts with: `templates/`, with `@placeholder@` for what differs.

/// A file: its path in the new crate's folder, and its content.
pub(super) type File = (String, String);

/// A template: the path of the file that it becomes, and its content; both have placeholders.
type Template = (&'static str, &'static str);

macro_rules! templates {
    ($kind:literal: $($path:literal = $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $kind, "/", $file)))),*]
    };
}

pub(super) const SUBSYSTEM: &[Template] = templates!("subsystem":
    "Cargo.toml" = "Cargo.toml.in",
    "README.md" = "README.md.in",
    "CHANGELOG.md" = "CHANGELOG.md.in",
    "bindings.h" = "bindings.h.in",
    "build.rs" = "build.rs.in",
    "src/lib.rs" = "lib.rs.in",
    "src/@module@.rs" = "module.rs.in",
    "api/current.txt" = "api.txt.in",
    "tests/clock.rs" = "clock.rs.in",
    "tests/compile_fail.rs" = "compile_fail.rs.in",
    "tests/ui/made_up.rs" = "made_up.rs.in",
    "tests/ui/made_up.stderr" = "made_up.stderr.in",
);

pub(super) const DRIVER: &[Template] = templates!("driver":
    "Cargo.toml" = "Cargo.toml.in",
    "Kbuild" = "Kbuild.in",
    "build.rs" = "build.rs.in",
    "exercise.sh" = "exercise.sh.in",
    "src/@module@.rs" = "module.rs.in",
);

/// Makes the files of `templates`, with these values for the placeholders.
pub(super) fn fill(templates: &[Template], values: &[(&str, &str)]) -> Vec<File> {
    let fill = |text| fill_text(text, values);
    templates
        .iter()
        .map(|(path, text)| (fill(path), fill(text)))
        .collect()
}

/// What is no placeholder stays as it is; values are not looked into.
fn fill_text(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let value = values.iter().find_map(|(name, value)| {
            let after = rest.strip_prefix(name)?.strip_prefix('@')?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => filled.push('@'),
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_placeholders_and_nothing_else() {
        let values = [("a", "@b@"), ("b", "B")];
        assert_eq!(
            fill_text("@a@ @b@@b@ @c@ a@b.c @", &values),
            "@b@ BB @c@ a@b.c @"
        );
    }
}
