// SPDX-License-Identifier: GPL-2.0

//! Reads patches as far as their file names and modes go, and writes them with other names. What is
//! in the hunks is git's business.

use crate::map::{check_name, BadName};

/// One file's part of a patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilePatch {
    /// The name before; none for a new file.
    pub(crate) old: Option<String>,
    /// The name after; none for a file that goes.
    pub(crate) new: Option<String>,
    /// Whether the old name stays, where the two differ.
    pub(crate) copy: bool,
    /// Neither text nor mode can be told from the patch.
    pub(crate) binary: bool,
    modes: [Option<String>; 2],
    similarity: Option<String>,
    index: Option<String>,
    pub(crate) hunks: Vec<u8>,
}

/// What is wrong with a patch, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// At this line, from 1.
    Line(usize, String),
    /// In a name.
    Name(String, BadName),
}

impl FilePatch {
    /// The name by which to call the file.
    pub(crate) fn path(&self) -> &str {
        let name = self.new.as_deref().or(self.old.as_deref());
        name.unwrap_or_default()
    }

    /// What the file is or becomes, if not a plain file.
    pub(crate) fn oddity(&self) -> Option<&'static str> {
        let index = self
            .index
            .as_deref()
            .and_then(|line| line.rsplit(' ').next());
        let modes = self.modes.iter().flatten().map(String::as_str).chain(index);
        for mode in modes {
            match mode {
                "120000" => return Some("a symbolic link"),
                "160000" => return Some("a submodule"),
                _ => {}
            }
        }
        self.binary.then_some("a binary patch")
    }

    /// The same patch for files of other names.
    pub(crate) fn write(&self, old: Option<&str>, new: Option<&str>, out: &mut Vec<u8>) {
        let mut line = |text: String| {
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
        };
        let either = old.or(new).unwrap_or_default();
        line(format!(
            "diff --git {} {}",
            quote("a/", old.unwrap_or(either)),
            quote("b/", new.unwrap_or(either))
        ));
        match (&self.modes, old, new) {
            ([_, mode], None, _) => {
                let mode = mode.as_deref().unwrap_or("100644");
                line(format!("new file mode {mode}"));
            }
            ([mode, _], _, None) => {
                let mode = mode.as_deref().unwrap_or("100644");
                line(format!("deleted file mode {mode}"));
            }
            ([Some(before), Some(after)], ..) => {
                line(format!("old mode {before}\nnew mode {after}"));
            }
            _ => {}
        }
        if let (Some(old), Some(new)) = (old, new) {
            if self.old != self.new {
                let verb = if self.copy { "copy" } else { "rename" };
                let similarity = self.similarity.as_deref();
                line(similarity.unwrap_or("similarity index 50%").to_owned());
                line(format!("{verb} from {}", quote("", old)));
                line(format!("{verb} to {}", quote("", new)));
            }
        }
        if let Some(index) = &self.index {
            line(index.clone());
        }
        if !self.hunks.is_empty() {
            let name = |side: &str, name: Option<&str>| match name {
                Some(name) => quote(side, name),
                None => "/dev/null".to_owned(),
            };
            line(format!("--- {}", name("a/", old)));
            line(format!("+++ {}", name("b/", new)));
            out.extend_from_slice(&self.hunks);
            if !out.ends_with(b"\n") {
                out.push(b'\n');
            }
        }
    }
}

/// A name as git's patches have it: in quotes where it would be misread otherwise.
fn quote(side: &str, name: &str) -> String {
    match name.contains(|c: char| c == '"' || c.is_whitespace()) {
        true => format!("\"{side}{}\"", name.replace('"', "\\\"")),
        false => format!("{side}{name}"),
    }
}

/// Reads all files' parts, and passes over what stands between them.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<FilePatch>, Problem> {
    let mut parser = Parser {
        lines: bytes.split_inclusive(|&byte| byte == b'\n').collect(),
        at: 0,
    };
    let mut files = Vec::new();
    while let Some(line) = parser.line() {
        if line.starts_with(b"diff --git ") {
            files.push(parser.git()?);
        } else if line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") {
            return Err(parser.problem("the patch of a merge"));
        } else if parser.is_plain() {
            files.push(parser.plain()?);
        } else {
            parser.at += 1;
        }
    }
    Ok(files)
}

/// Whether there is the beginning of a patch in it.
pub(crate) fn is_begin(line: &[u8]) -> bool {
    [&b"diff "[..], b"--- ", b"Index: "]
        .iter()
        .any(|head| line.starts_with(head))
}

struct Parser<'a> {
    lines: Vec<&'a [u8]>,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The present line, without its break.
    fn line(&self) -> Option<&'a [u8]> {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Option<&'a [u8]> {
        let line = self.lines.get(self.at + by)?;
        Some(line.strip_suffix(b"\n").unwrap_or(line))
    }

    fn problem(&self, reason: impl Into<String>) -> Problem {
        Problem::Line(self.at + 1, reason.into())
    }

    /// Whether a file's part without git's header begins here.
    fn is_plain(&self) -> bool {
        let begins = |by, head: &[u8]| self.ahead(by).is_some_and(|line| line.starts_with(head));
        begins(0, b"--- ") && begins(1, b"+++ ") && begins(2, b"@@ -")
    }

    fn git(&mut self) -> Result<FilePatch, Problem> {
        let mut file = FilePatch::default();
        let header = self.line().unwrap_or_default();
        let begin = self.at;
        let (mut old, mut new) = (None, None);
        let (mut is_new, mut is_gone) = (false, false);
        self.at += 1;
        while let Some(line) = self.line() {
            let value = |head: &[u8]| line.strip_prefix(head);
            let text = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned());
            if let Some(mode) = value(b"old mode ") {
                file.modes[0] = text(mode);
            } else if let Some(mode) = value(b"new mode ") {
                file.modes[1] = text(mode);
            } else if let Some(mode) = value(b"new file mode ") {
                (is_new, file.modes[1]) = (true, text(mode));
            } else if let Some(mode) = value(b"deleted file mode ") {
                (is_gone, file.modes[0]) = (true, text(mode));
            } else if let Some(name) = value(b"rename from ") {
                old = Some(unquote(name));
            } else if let Some(name) = value(b"rename to ") {
                new = Some(unquote(name));
            } else if let Some(name) = value(b"copy from ") {
                (file.copy, old) = (true, Some(unquote(name)));
            } else if let Some(name) = value(b"copy to ") {
                new = Some(unquote(name));
            } else if line.starts_with(b"index ") {
                file.index = text(line);
            } else if line.starts_with(b"similarity index ") {
                file.similarity = text(line);
            } else if line.starts_with(b"GIT binary patch") || line.starts_with(b"Binary files ") {
                file.binary = true;
            } else if line.starts_with(b"--- ") || line.starts_with(b"+++ ") {
                let bare = unquote(field(&line[4..]));
                let side = if line[0] == b'-' { &mut old } else { &mut new };
                if bare != b"/dev/null" && side.is_none() {
                    *side = Some(strip(&bare));
                }
            } else if line.starts_with(b"@@ ") {
                self.hunks(&mut file)?;
                break;
            } else if !line.starts_with(b"dissimilarity index ") {
                break;
            }
            self.at += 1;
        }
        if old.is_none() && new.is_none() {
            // Without hunks both names are the same.
            let names = same_names(&header[b"diff --git ".len()..]);
            let name = names.ok_or_else(|| {
                let text = String::from_utf8_lossy(header);
                Problem::Line(begin + 1, format!("no name can be told from `{text}`"))
            })?;
            (old, new) = (Some(name.clone()), Some(name));
        }
        let both = old.clone().or(new.clone());
        file.old = if is_new {
            None
        } else {
            name(old.or(both.clone()))?
        };
        file.new = if is_gone { None } else { name(new.or(both))? };
        Ok(file)
    }

    fn plain(&mut self) -> Result<FilePatch, Problem> {
        let side = |line: &[u8]| {
            let bare = unquote(field(&line[4..]));
            (bare != b"/dev/null").then(|| strip(&bare))
        };
        let mut file = FilePatch {
            old: name(side(self.line().unwrap_or_default()))?,
            new: name(side(self.ahead(1).unwrap_or_default()))?,
            ..FilePatch::default()
        };
        self.at += 2;
        let first = self.line().unwrap_or_default();
        if first.starts_with(b"@@ -0,0 ") {
            file.new = file.new.or(file.old.take());
            file.old = None;
        } else if first.windows(6).any(|part| part == b" +0,0 ") {
            file.old = file.old.or(file.new.take());
            file.new = None;
        } else {
            // `a.rs.orig` and `a.rs` are one file.
            let one = file.new.clone().or(file.old.clone());
            (file.old, file.new) = (one.clone(), one);
        }
        self.hunks(&mut file)?;
        Ok(file)
    }

    /// Takes hunks by their counts, so that nothing in them is mistaken for something else.
    fn hunks(&mut self, file: &mut FilePatch) -> Result<(), Problem> {
        let begin = self.at;
        while let Some(line) = self.line().filter(|line| line.starts_with(b"@@ ")) {
            let [mut old, mut new] =
                counts(line).ok_or_else(|| self.problem("not the head of a hunk"))?;
            self.at += 1;
            while old > 0 || new > 0 {
                let first = self.line().map(|line| line.first().copied());
                match first {
                    Some(Some(b' ') | None) if old > 0 && new > 0 => {
                        (old, new) = (old - 1, new - 1)
                    }
                    Some(Some(b'-')) if old > 0 => old -= 1,
                    Some(Some(b'+')) if new > 0 => new -= 1,
                    Some(Some(b'\\')) => {}
                    _ => return Err(self.problem("a hunk is shorter than its head says")),
                }
                self.at += 1;
            }
            if self.line().is_some_and(|line| line.starts_with(b"\\")) {
                self.at += 1;
            }
        }
        file.hunks = self.lines[begin..self.at].concat();
        Ok(())
    }
}

/// How many lines a hunk has before and after.
fn counts(head: &[u8]) -> Option<[usize; 2]> {
    let text = std::str::from_utf8(head.split(|&byte| byte == b'@').nth(2)?).ok()?;
    let mut ranges = text.split_whitespace();
    let mut count = |sign| {
        let range = ranges.next()?.strip_prefix(sign)?;
        let (_, count) = range.split_once(',').unwrap_or((range, "1"));
        count.parse().ok()
    };
    Some([count('-')?, count('+')?])
}

/// The name of a `---` or `+++` line, without the time that may stand behind it.
fn field(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == b'\t').next().unwrap_or(text)
}

/// The name without its first part, which is `a`, `b` or the name of a folder of kernel sources;
/// some diffs have none.
fn strip(name: &[u8]) -> Vec<u8> {
    let rest = name
        .iter()
        .position(|&byte| byte == b'/')
        .map(|at| &name[at + 1..]);
    match rest {
        Some(rest) if !name.starts_with(b"rust/") && !name.starts_with(b"/") => rest.to_vec(),
        // Absolute, or without a folder: to be refused, or no file of the crates.
        _ => name.to_vec(),
    }
}

/// The name in `a/name b/name`.
fn same_names(both: &[u8]) -> Option<Vec<u8>> {
    if both.starts_with(b"\"") {
        let end = both.windows(2).position(|part| part == b"\" ")?;
        return Some(strip(&unquote(&both[..=end])));
    }
    let middle = both.len() / 2;
    let (old, new) = (&both[..middle], both.get(middle + 1..)?);
    let (old, new) = (strip(old), strip(new));
    (both[middle] == b' ' && old == new).then_some(old)
}

fn name(bytes: Option<Vec<u8>>) -> Result<Option<String>, Problem> {
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    match check_name(&bytes) {
        Ok(name) => Ok(Some(name.to_owned())),
        Err(why) => {
            let shown = String::from_utf8_lossy(&bytes).escape_debug().to_string();
            Err(Problem::Name(shown, why))
        }
    }
}

/// A name without git's quotes.
fn unquote(text: &[u8]) -> Vec<u8> {
    let Some(inner) = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
    else {
        return text.to_vec();
    };
    let mut name = Vec::new();
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            name.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'a') => name.push(7),
            Some(b'b') => name.push(8),
            Some(b't') => name.push(b'\t'),
            Some(b'n') => name.push(b'\n'),
            Some(b'v') => name.push(11),
            Some(b'f') => name.push(12),
            Some(b'r') => name.push(b'\r'),
            Some(digit @ b'0'..=b'3') => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                        value = (value << 3) | (digit - b'0');
                    }
                }
                name.push(value);
            }
            Some(other) => name.push(other),
            None => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(Option<String>, Option<String>)> {
        let files = parse(text.as_bytes()).unwrap();
        files.into_iter().map(|file| (file.old, file.new)).collect()
    }

    fn some(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    #[test]
    fn reads_every_kind_of_change() {
        let text = "\
Words before.\n---\n rust/a | 2 +-\n\n\
diff --git a/rust/a.rs b/rust/a.rs\nindex 1..2 100644\n--- a/rust/a.rs\n+++ b/rust/a.rs\n\
@@ -1,2 +1,2 @@ fn\n-diff --git a/x b/x\n+--- a/x\n ctx\n\
diff --git a/rust/n.rs b/rust/n.rs\nnew file mode 100755\nindex 0..1\n--- /dev/null\n\
+++ b/rust/n.rs\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n\
diff --git a/rust/d.rs b/rust/d.rs\ndeleted file mode 100644\nindex 1..0\n--- a/rust/d.rs\n\
+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
diff --git a/rust/o.rs b/rust/p.rs\nsimilarity index 100%\nrename from rust/o.rs\n\
rename to rust/p.rs\n\
diff --git a/rust/m.rs b/rust/m.rs\nold mode 100644\nnew mode 100755\n\
diff --git a/rust/e f.rs b/rust/e f.rs\nnew file mode 100644\nindex 0..e\n\
-- \n2.47\n";
        assert_eq!(
            names(text),
            [
                (some("rust/a.rs"), some("rust/a.rs")),
                (None, some("rust/n.rs")),
                (some("rust/d.rs"), None),
                (some("rust/o.rs"), some("rust/p.rs")),
                (some("rust/m.rs"), some("rust/m.rs")),
                (None, some("rust/e f.rs")),
            ]
        );
        let files = parse(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        for file in &files {
            file.write(file.old.as_deref(), file.new.as_deref(), &mut out);
        }
        assert_eq!(parse(&out).unwrap(), files);
        assert!(out.ends_with(
            b"diff --git \"a/rust/e f.rs\" \"b/rust/e f.rs\"\nnew file mode 100644\nindex 0..e\n"
        ));
    }

    #[test]
    fn reads_plain_diffs_and_odd_names() {
        assert_eq!(
            names("--- linux.orig/rust/a.rs\t2026-01-01\n+++ linux/rust/a.rs\t2026\n@@ -1 +1 @@\n-a\n+b\n"),
            [(some("rust/a.rs"), some("rust/a.rs"))]
        );
        assert_eq!(
            names("diff -ruN x/rust/a.rs y/rust/a.rs\n--- x/rust/a.rs\n+++ y/rust/a.rs\n@@ -0,0 +1 @@\n+b\n"),
            [(None, some("rust/a.rs"))]
        );
        assert_eq!(
            names("diff --git rust/a.rs rust/a.rs\n--- rust/a.rs\n+++ rust/a.rs\n@@ -1 +1 @@\n-a\n+b\n"),
            [(some("rust/a.rs"), some("rust/a.rs"))]
        );
        assert_eq!(
            names("diff --git \"a/rust/\\303\\274.rs\" \"b/rust/\\303\\274.rs\"\nold mode 1\nnew mode 2\n"),
            [(some("rust/ü.rs"), some("rust/ü.rs"))]
        );
    }

    #[test]
    fn refuses_what_it_cannot_trust() {
        let problem = |text: &str| parse(text.as_bytes()).unwrap_err();
        assert_eq!(
            problem("--- a/rust/../../x\n+++ b/rust/../../x\n@@ -1 +1 @@\n-a\n+b\n"),
            Problem::Name("rust/../../x".to_owned(), BadName::Dots)
        );
        assert_eq!(
            problem("diff --git a//etc/x b//etc/x\nnew file mode 100644\n"),
            Problem::Name("/etc/x".to_owned(), BadName::Absolute)
        );
        assert_eq!(
            problem("--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n"),
            Problem::Name("/etc/x".to_owned(), BadName::Absolute)
        );
        assert!(matches!(
            problem("--- a/rust/x\n+++ b/rust/x\n@@ -1,3 +1 @@\n-a\n+b\n"),
            Problem::Line(6, _)
        ));
        assert!(matches!(problem("diff --cc x\n"), Problem::Line(1, _)));
    }

    proptest::proptest! {
        /// Whatever comes in a mail, it is a patch or it is refused.
        #[test]
        fn takes_anything(parts in proptest::collection::vec((0usize..20, "[a-z/ \\\\\"\t\r0-9.]{0,6}"), 0..30)) {
            const LINES: [&str; 20] = [
                "diff --git a/", "diff --git \"a/", "--- a/", "+++ b/", "--- /dev/null", "@@ -1 +1 @@", "@@ -0,0 +",
                "@@ -1,2 +0,0 @@", "@@ -", "-", "+", " ", "\\", "new file mode ", "rename from ", "copy to ",
                "old mode 1", "index 1..2 1", "GIT binary patch", "",
            ];
            let text: String = parts.iter().map(|(at, rest)| format!("{}{rest}\n", LINES[*at])).collect();
            if let Ok(files) = parse(text.as_bytes()) {
                let mut out = Vec::new();
                for file in &files {
                    file.write(file.old.as_deref(), file.new.as_deref(), &mut out);
                    file.oddity();
                }
            }
        }
    }
}
