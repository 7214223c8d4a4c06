// SPDX-License-Identifier: GPL-2.0

//! Which arguments a format string names, and what for.
//!
//! The grammar is the one in the documentation of `std::fmt`.

use std::ops::Range;

/// What an argument is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// It is formatted.
    Value,
    /// It is a width or a precision.
    Count,
}

/// How a format string refers to an argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reference {
    Index(usize),
    Name(String),
}

/// A place in a format string that refers to an argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mention {
    pub(crate) reference: Reference,
    pub(crate) role: Role,
    /// Where the number or name stands, in bytes; empty if it is left out.
    pub(crate) range: Range<usize>,
}

/// Finds every place that refers to an argument.
///
/// Whatever is wrong with the string is left to the compiler to report: reading stops there.
pub(crate) fn mentions(text: &str) -> Vec<Mention> {
    let mut reader = Reader {
        text,
        position: 0,
        next_index: 0,
        mentions: Vec::new(),
    };
    while reader.skip_text() && reader.placeholder() {}
    reader.mentions
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
    /// The argument that the next placeholder without a reference takes.
    next_index: usize,
    mentions: Vec<Mention>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    /// The character after the next one.
    fn peek_second(&self) -> Option<char> {
        self.text[self.position..].chars().nth(1)
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// Skips the next character if it is as asked for.
    fn skip_if(&mut self, condition: impl FnOnce(char) -> bool) -> bool {
        let skips = self.peek().is_some_and(condition);
        if skips {
            self.next();
        }
        skips
    }

    fn skip_while(&mut self, condition: impl Fn(char) -> bool) {
        while self.skip_if(&condition) {}
    }

    /// Goes to behind the brace that opens the next placeholder, if there is one.
    fn skip_text(&mut self) -> bool {
        while let Some(character) = self.next() {
            if character == '{' && !self.skip_if(|next| next == '{') {
                return true;
            }
        }
        false
    }

    fn mention(&mut self, found: Option<(Reference, Range<usize>)>, role: Role) {
        let (reference, range) = found.unwrap_or_else(|| {
            self.next_index += 1;
            (
                Reference::Index(self.next_index - 1),
                self.position..self.position,
            )
        });
        self.mentions.push(Mention {
            reference,
            role,
            range,
        });
    }

    /// Reads a placeholder, up to behind its closing brace.
    fn placeholder(&mut self) -> bool {
        self.skip_while(char::is_whitespace);
        let argument = self.reference();
        self.skip_while(char::is_whitespace);
        if self.skip_if(|next| next == ':') {
            self.specification();
        }
        // Behind the specification: a precision of `*` takes its argument first.
        self.mention(argument, Role::Value);
        self.skip_while(char::is_whitespace);
        self.skip_if(|next| next == '}')
    }

    /// Reads what stands behind the colon.
    fn specification(&mut self) {
        let is_alignment = |character: char| matches!(character, '<' | '^' | '>');
        if self.peek_second().is_some_and(is_alignment) {
            // What to fill with, which can be any character, even a brace.
            self.next();
        }
        self.skip_if(is_alignment);
        self.skip_if(|next| matches!(next, '+' | '-'));
        self.skip_if(|next| next == '#');
        // `0` pads with zeros, but `0$` is the width that argument 0 gives.
        if self.peek_second() != Some('$') {
            self.skip_if(|next| next == '0');
        }
        self.count();
        if self.skip_if(|next| next == '.') {
            if self.skip_if(|next| next == '*') {
                self.mention(None, Role::Count);
            } else {
                self.count();
            }
        }
        // The trait: nothing, `?`, `x`, `x?` and so on.
        self.skip_while(|next| next == '?' || next.is_alphanumeric());
    }

    /// Reads a width or a precision: a number, or a reference and `$`.
    fn count(&mut self) {
        let start = self.position;
        let found = self.reference();
        if found.is_some() && self.skip_if(|next| next == '$') {
            self.mention(found, Role::Count);
        } else if matches!(found, Some((Reference::Name(_), _))) {
            // Without `$` it is the trait.
            self.position = start;
        }
    }

    /// Reads a number or a name, if there is one.
    fn reference(&mut self) -> Option<(Reference, Range<usize>)> {
        let start = self.position;
        if self.peek()?.is_ascii_digit() {
            self.skip_while(|next| next.is_ascii_digit());
        } else {
            self.skip_while(|next| next == '_' || next.is_alphanumeric());
        }
        let range = start..self.position;
        let word = &self.text[range.clone()];
        let reference = match word.parse() {
            Ok(index) => Reference::Index(index),
            Err(_) if word.is_empty() => return None,
            Err(_) => Reference::Name(word.to_owned()),
        };
        Some((reference, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mentions, `w$` and `{v}` in short.
    fn found(format: &str) -> String {
        let short = |mention: Mention| {
            let written = format[mention.range].to_owned();
            let reference = match mention.reference {
                Reference::Index(index) => index.to_string(),
                Reference::Name(name) => name,
            };
            assert!(
                written == reference || written.is_empty(),
                "{written} {reference}"
            );
            match mention.role {
                Role::Value => format!("{{{reference}}}"),
                Role::Count => format!("{reference}$"),
            }
        };
        mentions(format).into_iter().map(short).collect()
    }

    #[test]
    fn text_and_escapes() {
        assert_eq!(found(""), "");
        assert_eq!(found("{{}} plain {{x}}"), "");
        assert_eq!(found("{{{x}}}"), "{x}");
        assert_eq!(found("ä{ä}→{}"), "{ä}{0}");
    }

    #[test]
    fn positions_and_names() {
        assert_eq!(found("{}{}"), "{0}{1}");
        assert_eq!(found("{1}{}{x}{}"), "{1}{0}{x}{1}");
        assert_eq!(found("{ x :? }{_y1}"), "{x}{_y1}");
    }

    #[test]
    fn specifications() {
        assert_eq!(found("{:02x}{0}"), "{0}{0}");
        assert_eq!(found("{:}^8}"), "{0}");
        assert_eq!(found("{:{<5}"), "{0}");
        assert_eq!(found("{:->+#010.3e}"), "{0}");
        assert_eq!(found("{x:x?}{x:#?}{x:p}"), "{x}{x}{x}");
        assert_eq!(found("{:>}{:<}"), "{0}{1}");
    }

    #[test]
    fn widths_and_precisions() {
        assert_eq!(found("{0:0$}"), "0${0}");
        assert_eq!(found("{:00$}"), "0${0}");
        assert_eq!(found("{:01$.2$}"), "1$2${0}");
        assert_eq!(found("{x:y$.z$?}"), "y$z${x}");
        assert_eq!(found("{x:12.5?}"), "{x}");
    }

    #[test]
    fn an_asterisk_takes_an_argument() {
        assert_eq!(found("{:.*}{}"), "0${1}{2}");
        assert_eq!(found("{x:.*}"), "0${x}");
        assert_eq!(found("{0:.*}"), "0${0}");
    }

    #[test]
    fn what_is_wrong_ends_it() {
        assert_eq!(found("{a} {b"), "{a}{b}");
        assert_eq!(found("} {"), "{0}");
        assert_eq!(found("{a!} {b}"), "{a}");
        assert_eq!(
            found("{99999999999999999999999}"),
            "{99999999999999999999999}"
        );
    }
}
