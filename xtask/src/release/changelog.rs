// SPDX-License-Identifier: GPL-2.0

//! A crate's `CHANGELOG.md`: a section for each version, the newest first, and before them one for what
//! is not released yet.

use cargo_metadata::semver::Version;

const UNRELEASED: &str = "## Unreleased";

/// The newest version that has a section.
pub(super) fn released(text: &str) -> Option<Version> {
    text.lines()
        .find_map(|line| Version::parse(line.strip_prefix("## ")?.trim()).ok())
}

/// The text with the section of what is not released as that of `version`.
///
/// Where there is no such section, or nothing in it, there is one with the entry `automatic`. Without
/// that, there has to be something to tell: `None` if there is not. A crate that is released for the
/// first time may have the section of its version already.
pub(super) fn close(text: &str, version: &Version, automatic: Option<&str>) -> Option<String> {
    let heading = format!("## {version}");
    let entries = |heading: &str| {
        let mut lines = text.lines().skip_while(|line| line.trim_end() != heading);
        lines.next()?;
        let section = lines.take_while(|line| !line.starts_with("## "));
        Some(section.filter(|line| line.starts_with("- ")).count())
    };
    match entries(UNRELEASED) {
        Some(1..) => return Some(text.replacen(UNRELEASED, &heading, 1)),
        None if entries(&heading) > Some(0) => return Some(text.to_owned()),
        _ => {}
    }
    let section = format!("{heading}\n\n- {}\n", automatic?);
    if entries(UNRELEASED).is_some() {
        return Some(text.replacen(UNRELEASED, section.trim_end(), 1));
    }
    let at = text.find("## ").unwrap_or(text.len());
    Some(format!("{}{section}\n{}", &text[..at], &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Changelog\n\n## 0.1.0\n\n- First version.\n";

    fn closed(text: &str, automatic: Option<&str>) -> Option<String> {
        close(text, &Version::new(0, 2, 0), automatic)
    }

    #[test]
    fn what_is_unreleased_becomes_the_version() {
        let text = BEFORE.replace("## 0.1.0", "## Unreleased\n\n- New.\n\n## 0.1.0");
        assert_eq!(
            closed(&text, Some("Needs low 0.2.0.")).unwrap(),
            BEFORE.replace("## 0.1.0", "## 0.2.0\n\n- New.\n\n## 0.1.0")
        );
    }

    #[test]
    fn nothing_told_is_an_error_unless_there_is_nothing_to_tell() {
        let empty = BEFORE.replace("## 0.1.0", "## Unreleased\n\n## 0.1.0");
        for text in [BEFORE, &empty] {
            assert_eq!(closed(text, None), None);
            assert_eq!(
                closed(text, Some("Needs low 0.2.0.")).unwrap(),
                BEFORE.replace("## 0.1.0", "## 0.2.0\n\n- Needs low 0.2.0.\n\n## 0.1.0")
            );
        }
    }

    #[test]
    fn a_first_release_may_have_told_before() {
        let text = BEFORE.to_owned();
        assert_eq!(close(&text, &Version::new(0, 1, 0), None), Some(text));
    }

    #[test]
    fn the_newest_version_is_the_first() {
        assert_eq!(released(BEFORE), Some(Version::new(0, 1, 0)));
        let text = BEFORE.replace("## 0.1.0", "## Unreleased\n\n## 0.3.0\n\n## 0.1.0");
        assert_eq!(released(&text), Some(Version::new(0, 3, 0)));
        assert_eq!(released("# Changelog\n"), None);
    }
}
