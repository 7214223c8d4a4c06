// SPDX-License-Identifier: GPL-2.0

//! The places where a workspace names its crates, each with one more.
//!
//! Each of these functions leaves a text that names the crate already as it is.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

/// The manifest of a workspace, with `folder` among its members, and with a package in that folder in
/// its table of dependencies.
pub(super) fn workspace_manifest(
    text: &str,
    folder: &str,
    package: Option<&str>,
) -> Result<String, String> {
    let mut manifest = parse(text)?;
    let workspace = table(manifest.as_table_mut(), "workspace")?;
    let members = array(workspace, "members")?;
    if !members
        .iter()
        .filter_map(Value::as_str)
        .any(|member| covers(member, folder))
    {
        insert_sorted(members, folder);
    }
    if let Some(package) = package {
        let dependencies = table(workspace, "dependencies")?;
        let mut value = InlineTable::new();
        value.insert("path", folder.into());
        value.insert("version", "0.1.0".into());
        // The workspace's own crates come first, and keep to themselves.
        let is_own = |item: &Item| item.as_table_like().is_some_and(|t| t.contains_key("path"));
        add(dependencies, package, value.into(), |key, item| {
            is_own(item) && key < package
        });
    }
    Ok(manifest.to_string())
}

/// The facade's manifest, with an optional dependency on `package` and the feature `name` for it.
pub(super) fn facade_manifest(
    text: &str,
    package: &str,
    name: &str,
    implied: &[String],
) -> Result<String, String> {
    let mut manifest = parse(text)?;
    let features = table(manifest.as_table_mut(), "features")?;
    let all = array(features, "all")?;
    if !all.iter().any(|feature| feature.as_str() == Some(name)) {
        insert_sorted(all, name);
    }
    let dependency = format!("dep:{package}");
    let feature: Array = implied.iter().chain([&dependency]).collect();
    add(features, name, feature.into(), |key, _| {
        matches!(key, "default" | "all") || key < name
    });

    let dependencies = table(manifest.as_table_mut(), "dependencies")?;
    let mut value = InlineTable::new();
    value.insert("workspace", true.into());
    value.insert("optional", true.into());
    add(dependencies, package, value.into(), |key, _| key < package);
    Ok(manifest.to_string())
}

/// The facade's seam, with the re-exports of the library `lib` and of its prelude, under the feature
/// `name`. `is_below` tells which libraries come before it in the order of levels.
pub(super) fn facade_seam(
    text: &str,
    lib: &str,
    name: &str,
    is_below: impl Fn(&str) -> bool,
) -> Result<String, String> {
    let root = |line: &str| {
        let lib = line.strip_prefix("pub use ")?.strip_suffix("::*;")?;
        (!lib.contains(':')).then(|| lib.to_owned())
    };
    let prelude = |line: &str| {
        let line = line.trim_start().strip_prefix("pub use ")?;
        Some(line.strip_suffix("::prelude::*;")?.to_owned())
    };
    let feature = format!("#[cfg(feature = \"{name}\")]\n");
    let re_export = format!("\n{feature}#[doc(no_inline)]\npub use {lib}::*;\n");
    let text = after_last(text, root, lib, is_below, &re_export)
        .ok_or("a line `pub use kernel_core::*;`")?;
    let re_export = format!("    {feature}    #[doc(no_inline)]\n    pub use {lib}::prelude::*;\n");
    let text = after_last(&text, prelude, lib, |other| other < lib, &re_export)
        .ok_or("a line `pub use kernel_core::prelude::*;`")?;
    Ok(text)
}

/// Puts `addition` after the last line in which `read` finds a library that `is_before` the new one,
/// or, where there is none, above the first one with its attributes.
fn after_last(
    text: &str,
    read: impl Fn(&str) -> Option<String>,
    lib: &str,
    is_before: impl Fn(&str) -> bool,
    addition: &str,
) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let found: Vec<(usize, String)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, read(line.trim_end())?)))
        .collect();
    if found.iter().any(|(_, other)| other == lib) {
        return Some(text.to_owned());
    }
    let at = match found.iter().rev().find(|(_, other)| is_before(other)) {
        Some((at, _)) => at + 1,
        None => {
            let mut at = found.first()?.0;
            while at > 0 && lines[at - 1].trim_start().starts_with("#[") {
                at -= 1;
            }
            at
        }
    };
    Some(lines[..at].concat() + addition + &lines[at..].concat())
}

/// The facade's stored interface, with the feature `name` and the re-exports of `lib`.
pub(super) fn facade_interface(
    text: &str,
    lib: &str,
    name: &str,
    implied: &[String],
) -> Result<String, String> {
    let own = format!("feature {name}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.contains(&own) {
        return Ok(text.to_owned());
    }
    let all = lines.iter().position(|line| line == "feature all");
    let all = 1 + all.ok_or("a line `feature all`")?;
    let part = |name: &str| format!("    {name}");
    let in_all = lines[all..]
        .iter()
        .take_while(|line| line.starts_with(' ') && **line < part(name));
    let at = all + in_all.count();
    lines.insert(at, part(name));

    let others = |line: &String| match line.strip_prefix("feature ") {
        Some(other) => other < name,
        None => line.starts_with(' '),
    };
    let at = lines.iter().take_while(|line| others(line)).count();
    let block = std::iter::once(own).chain(implied.iter().map(|name| part(name)));
    lines.splice(at..at, block);

    for (start, end) in [("", ""), ("prelude::", "::prelude")] {
        let start = format!("pub use kernel::{start}<<");
        let line = format!("{start}{lib}{end}::*>>");
        let first = lines.iter().position(|line| line.starts_with(&start));
        let first = first.ok_or_else(|| format!("a line `{start}…`"))?;
        let before = lines[first..]
            .iter()
            .take_while(|other| other.starts_with(&start) && **other < line);
        let at = first + before.count();
        lines.insert(at, line);
    }
    Ok(lines.join("\n") + "\n")
}

/// The map, with a line for the abstraction crate `package`.
pub(super) fn map_of_crates(text: &str, package: &str, about: &str) -> Result<String, String> {
    let line = format!("- `{package}`: {about}.\n");
    if text.contains(&format!("\n- `{package}`")) {
        return Ok(text.to_owned());
    }
    let facade = format!("- `{}`:", crate::workspace::FACADE);
    let at = start_of_line(text, &facade).ok_or(format!("a line that begins with {facade}"))?;
    Ok(format!("{}{line}{}", &text[..at], &text[at..]))
}

/// The map, with a line for the driver `name`.
pub(super) fn map_of_drivers(text: &str, name: &str, about: &str) -> Result<String, String> {
    let line = format!("  - `{name}`: {about}.\n");
    if text.contains(&format!("\n  - `{name}`")) {
        return Ok(text.to_owned());
    }
    let list = "- `drivers/`";
    let mut at = start_of_line(text, list).ok_or(format!("a line that begins with {list}"))?;
    for (index, line) in text[at..].split_inclusive('\n').enumerate() {
        if index > 0 && !line.starts_with("  ") {
            break;
        }
        at += line.len();
    }
    Ok(format!("{}{line}{}", &text[..at], &text[at..]))
}

fn start_of_line(text: &str, start: &str) -> Option<usize> {
    match text.starts_with(start) {
        true => Some(0),
        false => text.find(&format!("\n{start}")).map(|at| at + 1),
    }
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse()
        .map_err(|error: toml_edit::TomlError| error.to_string().trim().to_owned())
}

fn table<'a>(parent: &'a mut Table, name: &str) -> Result<&'a mut Table, String> {
    parent
        .get_mut(name)
        .and_then(Item::as_table_mut)
        .ok_or_else(|| format!("a table `{name}`"))
}

fn array<'a>(parent: &'a mut Table, name: &str) -> Result<&'a mut Array, String> {
    parent
        .get_mut(name)
        .and_then(Item::as_array_mut)
        .ok_or_else(|| format!("a list `{name}`"))
}

/// Whether the entry `member` of a workspace's list of members stands for `folder`.
fn covers(member: &str, folder: &str) -> bool {
    match member.strip_suffix('*') {
        Some(start) => folder
            .strip_prefix(start)
            .is_some_and(|rest| !rest.contains('/')),
        None => member == folder,
    }
}

/// Inserts `text` into an ordered list, laid out as its neighbours are.
fn insert_sorted(array: &mut Array, text: &str) {
    let at = array
        .iter()
        .position(|value| value.as_str().is_some_and(|other| other > text))
        .unwrap_or(array.len());
    let first = array.get(0).and_then(|value| value.decor().prefix());
    let indent = first.and_then(|prefix| prefix.as_str()).map(str::to_owned);
    match indent.filter(|prefix| prefix.contains('\n')) {
        Some(indent) => {
            let mut value = Value::from(text);
            value.decor_mut().set_prefix(indent);
            array.insert_formatted(at, value);
        }
        None => {
            array.insert(at, text);
            array.fmt();
        }
    }
}

/// Adds an entry to a table, after the last one that `is_before` it.
fn add(table: &mut Table, key: &str, value: Value, is_before: impl Fn(&str, &Item) -> bool) {
    if table.contains_key(key) {
        return;
    }
    let entries: Vec<(&str, &Item)> = table.iter().collect();
    let after = entries
        .iter()
        .rposition(|(key, item)| is_before(key, item))
        .map_or(0, |at| at + 1);
    let behind: Vec<String> = entries[after..]
        .iter()
        .map(|(key, _)| (*key).to_owned())
        .collect();
    // Entries can only be added at the end: those that belong behind it are taken out and put back.
    let behind: Vec<_> = behind
        .iter()
        .filter_map(|key| table.remove_entry(key))
        .collect();
    table.insert(key, Item::Value(value));
    for (key, item) in behind {
        table.insert_formatted(&key, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = "\
[workspace]
# All.
members = [
    \"drivers/*\",
    \"kernel\",
    \"xtask\", # last
]

[workspace.dependencies]
kernel-core = { path = \"kernel-core\", version = \"0.1.0\" }
# A comment.
kernel-sync = { path = \"kernel-sync\", version = \"0.1.0\" }

anyhow = \"1\" # Errors.
syn = { version = \"2\" }
";

    #[test]
    fn a_manifest_keeps_its_order_and_its_comments() {
        let once = workspace_manifest(WORKSPACE, "kernel-pwm", Some("kernel-pwm")).unwrap();
        let wanted = WORKSPACE
            .replace("    \"xtask\"", "    \"kernel-pwm\",\n    \"xtask\"")
            .replace(
                "# A comment.\n",
                "kernel-pwm = { path = \"kernel-pwm\", version = \"0.1.0\" }\n# A comment.\n",
            );
        assert_eq!(once, wanted);
        let twice = workspace_manifest(&once, "kernel-pwm", Some("kernel-pwm")).unwrap();
        assert_eq!(twice, wanted);

        let last = workspace_manifest(WORKSPACE, "drivers/zoo", None).unwrap();
        assert_eq!(last, WORKSPACE);
        let last = workspace_manifest(WORKSPACE, "kernel-zoo", Some("kernel-zoo")).unwrap();
        assert!(
            last.contains("kernel-zoo = { path = \"kernel-zoo\", version = \"0.1.0\" }\n\nanyhow")
        );
    }

    #[test]
    fn a_manifest_without_a_place_says_what_it_lacks() {
        let error = workspace_manifest("[package]\n", "a", None).unwrap_err();
        assert_eq!(error, "a table `workspace`");
        let error = workspace_manifest("[workspace\n", "a", None).unwrap_err();
        assert!(error.contains("TOML parse error"), "{error}");
    }

    #[test]
    fn the_facade_gets_a_feature() {
        let text = "\
[features]
default = [\"all\"]
all = [\"mm\", \"sync\"]
mm = [\"sync\", \"dep:kernel-mm\"]
sync = [\"dep:kernel-sync\"]

[dependencies]
kernel-core.workspace = true
kernel-sync = { workspace = true, optional = true }
kernel-zoo.workspace = true # Animals.
";
        let wanted = "\
[features]
default = [\"all\"]
all = [\"mm\", \"net-phy\", \"sync\"]
mm = [\"sync\", \"dep:kernel-mm\"]
net-phy = [\"mm\", \"dep:kernel-net-phy\"]
sync = [\"dep:kernel-sync\"]

[dependencies]
kernel-core.workspace = true
kernel-net-phy = { workspace = true, optional = true }
kernel-sync = { workspace = true, optional = true }
kernel-zoo.workspace = true # Animals.
";
        let add = |text| facade_manifest(text, "kernel-net-phy", "net-phy", &["mm".to_owned()]);
        assert_eq!(add(text).unwrap(), wanted);
        assert_eq!(add(wanted).unwrap(), wanted);
    }

    #[test]
    fn the_facade_re_exports_in_its_orders() {
        let text = "\
#[doc(no_inline)]
pub use kernel_core::*;

#[cfg(feature = \"sync\")]
#[doc(no_inline)]
pub use kernel_sync::*;

pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = \"sync\")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
}
";
        let wanted = "\
#[doc(no_inline)]
pub use kernel_core::*;

#[cfg(feature = \"sync\")]
#[doc(no_inline)]
pub use kernel_sync::*;

#[cfg(feature = \"block\")]
#[doc(no_inline)]
pub use kernel_block::*;

pub mod prelude {
    #[cfg(feature = \"block\")]
    #[doc(no_inline)]
    pub use kernel_block::prelude::*;
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = \"sync\")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
}
";
        let add = |text| facade_seam(text, "kernel_block", "block", |_| true);
        assert_eq!(add(text).unwrap(), wanted);
        assert_eq!(add(wanted).unwrap(), wanted);
        assert!(add("pub mod prelude {}\n").is_err());
    }

    #[test]
    fn the_stored_interface_gets_a_feature() {
        let text = "\
feature all
    mm
    sync
feature default
    all
feature mm
    sync
feature sync
pub mod kernel
pub use kernel::<<kernel_core::*>>
pub use kernel::<<kernel_sync::*>>
pub mod kernel::prelude
pub use kernel::prelude::<<kernel_core::prelude::*>>
";
        let wanted = text
            .replace("    mm\n    sync\n", "    mm\n    pwm\n    sync\n")
            .replace("feature sync\n", "feature pwm\n    mm\nfeature sync\n")
            .replace(
                "pub use kernel::<<kernel_sync",
                "pub use kernel::<<kernel_pwm::*>>\npub use kernel::<<kernel_sync",
            )
            + "pub use kernel::prelude::<<kernel_pwm::prelude::*>>\n";
        let add = |text: &str| facade_interface(text, "kernel_pwm", "pwm", &["mm".to_owned()]);
        assert_eq!(add(text).unwrap(), wanted);
        assert_eq!(add(&wanted).unwrap(), wanted);
        assert!(add("pub mod kernel\n").is_err());
    }

    #[test]
    fn the_map_gets_a_line() {
        let text = "# Map\n\n- `kernel-core`: a.\n- `kernel`: b.\n- `drivers/`, all:\n  - `one`: c\n    and d.\n\nEnd.\n";
        let map = map_of_crates(text, "kernel-pwm", "waves").unwrap();
        let map = map_of_drivers(&map, "two", "e").unwrap();
        assert_eq!(
            map,
            "# Map\n\n- `kernel-core`: a.\n- `kernel-pwm`: waves.\n- `kernel`: b.\n- `drivers/`, all:\n  - `one`: c\n    and d.\n  - `two`: e.\n\nEnd.\n"
        );
        assert_eq!(map_of_crates(&map, "kernel-pwm", "x").unwrap(), map);
        assert_eq!(map_of_drivers(&map, "two", "x").unwrap(), map);
        assert!(map_of_crates("", "kernel-pwm", "x").is_err());
    }
}
