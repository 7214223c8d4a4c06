// SPDX-License-Identifier: GPL-2.0

//! The C helpers: all are compiled as one file, and their names are one space.

use std::collections::BTreeMap;

use super::kconfig::Kconfig;
use super::{Crate, Findings};

const PREFIX: &str = "rust_helper_";

/// A function that a helper file defines.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    line: usize,
    is_static: bool,
    /// Whether it is marked as a helper, for those kernels that inline them.
    is_marked: bool,
}

/// Checks every crate's helpers, and the headers for what they ask the configuration.
pub(super) fn check(crates: &[Crate], kconfig: Option<&Kconfig>, findings: &mut Findings<'_>) {
    let mut defined: BTreeMap<String, String> = BTreeMap::new();
    for krate in crates {
        for (name, file) in &krate.image.files {
            if !name.ends_with(".c") && !name.ends_with(".h") {
                continue;
            }
            let text = without_comments(&String::from_utf8_lossy(&file.bytes));
            if let Some(kconfig) = kconfig {
                options(krate, name, &text, kconfig, findings);
            }
            if !name.starts_with("helpers/") {
                continue;
            }
            let own = format!("{}/{name}", krate.name());
            for function in functions(&text) {
                let Function {
                    name: function_name,
                    line,
                    ..
                } = &function;
                // One file may well define a function under each of several conditions.
                let first = defined
                    .entry(function_name.clone())
                    .or_insert_with(|| own.clone());
                if *first != own {
                    let what = format!("`{function_name}` is defined in {first} as well");
                    findings.add(
                        krate,
                        name,
                        *line,
                        what,
                        "rename one, or have the two crates share it",
                    );
                }
                if function.is_static {
                    continue;
                }
                if !function_name.starts_with(PREFIX) {
                    let what =
                        format!("`{function_name}` is none of the names that bindgen looks for");
                    let advice = format!("call it {PREFIX}{function_name}, or make it static");
                    findings.add(krate, name, *line, what, advice);
                } else if !function.is_marked {
                    let what = format!("`{function_name}` is not marked `__rust_helper`");
                    findings.add(
                        krate,
                        name,
                        *line,
                        what,
                        "without the mark it is never inlined",
                    );
                }
            }
        }
    }
}

/// Reports options that no Kconfig file defines.
fn options(krate: &Crate, name: &str, text: &str, kconfig: &Kconfig, findings: &mut Findings<'_>) {
    for (at, line) in text.lines().enumerate() {
        for word in line.split(|c: char| !is_word(c)) {
            let base = word.strip_suffix("_MODULE").unwrap_or(word);
            let known = [word, base].iter().any(|name| kconfig.get(name).is_some());
            if word.starts_with("CONFIG_") && !known {
                let what = format!("no Kconfig file of the tree defines `{word}`");
                let advice = "correct the name, or drop what asks for it";
                findings.add(krate, name, at + 1, what, advice);
            }
        }
    }
}

/// The functions in a text without comments. Names that a macro puts together keep their `##`.
fn functions(text: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    // The words of the declaration at hand, each with its line; those before a parenthesis.
    let mut words: Vec<&str> = Vec::new();
    let mut called: Vec<(&str, usize)> = Vec::new();
    let (mut braces, mut parentheses) = (0_usize, 0_usize);
    let mut line = 1;
    let mut rest = text;
    let mut in_directive = false;
    while let Some(first) = rest.chars().next() {
        let at_top = braces == 0 && parentheses == 0;
        let length = match first {
            '\\' if rest.starts_with("\\\n") => {
                line += 1;
                2
            }
            '\n' => {
                line += 1;
                if in_directive {
                    in_directive = false;
                    (braces, parentheses) = (0, 0);
                    words.clear();
                    called.clear();
                }
                1
            }
            '"' | '\'' => literal(rest, first),
            '#' if at_top && words.is_empty() => {
                in_directive = true;
                // The name and the parameters of a macro are not part of what it defines.
                directive(rest)
            }
            c if is_word(c) || c == '#' => {
                let end = rest.find(|c| !is_word(c) && c != '#').unwrap_or(rest.len());
                if at_top {
                    words.push(&rest[..end]);
                }
                end
            }
            '(' => {
                if let Some(last) = words.last().filter(|_| at_top) {
                    called.push((last, line));
                }
                parentheses += 1;
                1
            }
            ')' => {
                parentheses = parentheses.saturating_sub(1);
                1
            }
            '{' => {
                // Attributes have arguments, too.
                let name = called
                    .iter()
                    .rev()
                    .find(|(name, _)| !name.starts_with("__"));
                if let Some((name, line)) = name.filter(|_| at_top && !words.contains(&"=")) {
                    functions.push(Function {
                        name: (*name).to_owned(),
                        line: *line,
                        is_static: words.contains(&"static"),
                        is_marked: words.contains(&"__rust_helper"),
                    });
                }
                braces += 1;
                1
            }
            '}' | ';' => {
                braces = braces.saturating_sub(usize::from(first == '}'));
                if braces == 0 && parentheses == 0 {
                    words.clear();
                    called.clear();
                }
                1
            }
            '=' => {
                if at_top {
                    words.push("=");
                }
                1
            }
            c => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    functions
}

/// The length of what begins a directive: of `#define name(parameters)`, or of the whole line.
fn directive(text: &str) -> usize {
    let mut line = 0;
    loop {
        let end = text[line..].find('\n').map_or(text.len(), |at| line + at);
        if !text[..end].ends_with('\\') || end == text.len() {
            line = end;
            break;
        }
        line = end + 1;
    }
    let words = text[1..].trim_start();
    let Some(define) = words
        .strip_prefix("define")
        .filter(|rest| rest.starts_with([' ', '\t']))
    else {
        return line;
    };
    let name = define.trim_start();
    let body = name.trim_start_matches(is_word);
    let after = match body.strip_prefix('(') {
        Some(parameters) => parameters
            .find(')')
            .map_or(parameters, |at| &parameters[at + 1..]),
        None => body,
    };
    (text.len() - after.len()).min(line)
}

/// The length of the literal that `text` begins with.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The text with spaces in place of comments.
fn without_comments(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else {
            let length = match first {
                '"' | '\'' => literal(rest, first),
                first => first.len_utf8(),
            };
            bare.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        };
        let blank = |c| if c == '\n' { '\n' } else { ' ' };
        bare.extend(rest[..length].chars().map(blank));
        rest = &rest[length..];
    }
    bare
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions() {
        let text = "/* no(x) { */\n#include <linux/a.h>\n\n__rust_helper void *__must_check __size(2)\n\
                    rust_helper_a(void *p, int n)\n{\n\tif (f(n)) { g(\"{\"); }\n\treturn p; // }\n}\n\n\
                    static bool b(void) { return '{'; }\n\nstruct s {\n\tint (*f)(int);\n};\n\
                    int c(void) __acquires(x)\n{\n}\nint d(void);\nstatic const struct s e = {\n\t.f = g,\n};\n\
                    #define M(x) \\\n\t__rust_helper void rust_helper_##x(void) \\\n\t{ } \\\n\nM(y)\nM(z)\n\
                    __rust_helper void rust_helper_f(void)\n{\n}\n";
        let found = functions(&without_comments(text));
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.line, it.is_static, it.is_marked))
            .collect();
        assert_eq!(
            found,
            [
                ("rust_helper_a", 5, false, true),
                ("b", 11, true, false),
                ("c", 16, false, false),
                ("rust_helper_##x", 24, false, true),
                ("rust_helper_f", 29, false, true),
            ]
        );
    }
}
