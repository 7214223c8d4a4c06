// SPDX-License-Identifier: GPL-2.0

//! Strings and formatters, on the host: what they do has no need of the C side.

extern crate kernel_core as kernel;

use kernel::fmt::{Adapter, Write};
use kernel::str::{BStr, Formatter, NullTerminatedFormatter};

/// A small generator of numbers, the same ones each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let len = self.below(most + 1);
        (0..len).map(|_| self.next() as u8).collect()
    }
}

fn display(bytes: &[u8]) -> String {
    format!("{}", Adapter(&BStr::from_bytes(bytes)))
}

/// Undoes what `Display` of `BStr` does.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let used = if let Some(hex) = rest.strip_prefix("\\x") {
            bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
            4
        } else if rest.starts_with("\\n") {
            bytes.push(b'\n');
            2
        } else if rest.starts_with("\\r") {
            bytes.push(b'\r');
            2
        } else if rest.starts_with("\\t") {
            bytes.push(b'\t');
            2
        } else {
            bytes.push(u8::try_from(c).unwrap());
            1
        };
        rest = &rest[used..];
    }
    bytes
}

#[test]
fn display_is_ascii_and_loses_nothing() {
    let mut random = Random(0x5eed);
    for _ in 0..20_000 {
        // A backslash stands for itself, so it can't be told from an escape: leave it out.
        let bytes: Vec<u8> = random
            .bytes(40)
            .into_iter()
            .filter(|&b| b != b'\\')
            .collect();
        let text = display(&bytes);
        assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
        assert_eq!(unescape(&text), bytes);
    }
}

#[test]
fn debug_is_quoted_and_agrees_with_core_on_ascii() {
    let mut random = Random(0xdeb);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = random
            .bytes(40)
            .into_iter()
            .map(|b| b' ' + b % 95)
            .filter(|&b| b != b'\'')
            .collect();
        let expected = format!("{:?}", core::str::from_utf8(&bytes).unwrap());
        assert_eq!(format!("{:?}", BStr::from_bytes(&bytes)), expected);
    }
}

#[test]
fn strip_prefix_agrees_with_slices() {
    let mut random = Random(0x7ef1);
    for _ in 0..20_000 {
        let short = |bytes: Vec<u8>| bytes.into_iter().map(|b| b % 2).collect::<Vec<_>>();
        let (string, prefix) = (short(random.bytes(6)), short(random.bytes(4)));
        let stripped = BStr::from_bytes(&string).strip_prefix(BStr::from_bytes(&prefix));
        assert_eq!(stripped.map(|s| &**s), string.strip_prefix(&prefix[..]));
    }
}

#[test]
fn formatters_never_leave_their_buffer() {
    let mut random = Random(0xf0f0);
    for _ in 0..20_000 {
        let room = random.below(24);
        let pieces: Vec<String> = (0..random.below(6))
            .map(|_| "abcdefgh"[..random.below(9)].to_owned())
            .collect();
        let text = pieces.concat();

        let mut buffer = [0xffu8; 32];
        let mut f = Formatter::new(&mut buffer[..room]);
        let mut len = 0;
        for piece in &pieces {
            len += piece.len();
            assert_eq!(f.write_str(piece).is_ok(), len <= room);
        }
        assert_eq!(f.bytes_written(), text.len());
        let kept = text.len().min(room);
        assert_eq!(&buffer[..kept], &text.as_bytes()[..kept]);
        assert!(buffer[kept..].iter().all(|&b| b == 0xff));

        let mut buffer = [0xffu8; 32];
        let mut expected = String::new();
        let Some(mut f) = NullTerminatedFormatter::new(&mut buffer[..room]) else {
            assert_eq!(room, 0);
            continue;
        };
        for piece in &pieces {
            let fits = expected.len() + piece.len() < room;
            assert_eq!(f.write_str(piece).is_ok(), fits);
            if fits {
                expected += piece;
            }
        }
        assert_eq!(&buffer[..expected.len()], expected.as_bytes());
        assert_eq!(buffer[expected.len()], 0);
        assert!(buffer[room..].iter().all(|&b| b == 0xff));
    }
}

mod parse_int {
    use super::Random;
    use kernel_core::error::code::EINVAL;
    use kernel_core::str::{parse_int::ParseInt, BStr};

    /// What the text means, worked out another way: with core's parser and 128 bits.
    fn meaning(text: &str) -> Option<i128> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let lower = rest.to_ascii_lowercase();
        let (radix, digits) = if let Some(digits) = lower.strip_prefix("0x") {
            (16, digits)
        } else if let Some(digits) = lower.strip_prefix("0o") {
            (8, digits)
        } else if let Some(digits) = lower.strip_prefix("0b") {
            (2, digits)
        } else if lower.starts_with('0') {
            (8, &lower[..])
        } else {
            (10, &lower[..])
        };
        if digits.starts_with(['+', '-']) {
            return None;
        }
        let magnitude = i128::from_str_radix(digits, radix).ok()?;
        Some(if negative { -magnitude } else { magnitude })
    }

    fn check<T: ParseInt + TryFrom<i128> + PartialEq + core::fmt::Debug>(text: &str) {
        let expected = meaning(text).and_then(|value| T::try_from(value).ok());
        let parsed = T::from_str(BStr::from_bytes(text.as_bytes()));
        // Printing an `Error` asks C for its name, so don't.
        match (parsed, expected) {
            (Ok(parsed), Some(expected)) => assert_eq!(parsed, expected, "{text}"),
            (Err(error), None) => assert!(error == EINVAL, "{text}"),
            (Ok(parsed), None) => panic!("{text} is no number, not {parsed:?}"),
            (Err(_), Some(expected)) => panic!("{text} is {expected:?}"),
        }
    }

    fn check_all(text: &str) {
        check::<i8>(text);
        check::<i16>(text);
        check::<i32>(text);
        check::<i64>(text);
        check::<isize>(text);
        check::<u8>(text);
        check::<u16>(text);
        check::<u32>(text);
        check::<u64>(text);
        check::<usize>(text);
    }

    #[test]
    fn agrees_with_core_on_random_text() {
        const ALPHABET: &[u8] = b"00001123456789abcdefABCDEFxxXooObbB+-_ \n";

        let mut random = Random(0xc0de);
        for _ in 0..100_000 {
            let len = random.below(10);
            let text: String = (0..len)
                .map(|_| char::from(ALPHABET[random.below(ALPHABET.len())]))
                .collect();
            check_all(&text);
        }
    }

    #[test]
    fn agrees_with_core_around_every_power_of_two() {
        for shift in 0..=65 {
            for offset in -2..=2 {
                let magnitude = (1i128 << shift) + offset;
                for value in [magnitude, -magnitude] {
                    let sign = if value < 0 { "-" } else { "" };
                    let magnitude = value.unsigned_abs();
                    check_all(&format!("{value}"));
                    check_all(&format!("{sign}{magnitude:#x}"));
                    check_all(&format!("{sign}0X{magnitude:X}"));
                    check_all(&format!("{sign}{magnitude:#o}"));
                    check_all(&format!("{sign}0{magnitude:o}"));
                    check_all(&format!("{sign}{magnitude:#b}"));
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_no_number_rather_than_a_panic() {
        let mut random = Random(0xb17e5);
        for _ in 0..100_000 {
            let bytes = random.bytes(5);
            let expected = core::str::from_utf8(&bytes).ok().and_then(meaning);
            let parsed = i64::from_str(BStr::from_bytes(&bytes)).ok();
            assert_eq!(parsed.map(i128::from), expected, "{bytes:?}");
        }
    }
}
