// SPDX-License-Identifier: GPL-2.0

//! What a code says, as bits: segments of bytes and of digits, the end, and padding.
//!
//! Data behind a URL are a number in it, which is shorter in a code than other characters that a URL may
//! have. Seven bytes, the lowest first, are written as 17 digits; what is left at the end takes as few as hold
//! all its values. The page that the URL leads to does the reverse.

use crate::version::Version;

/// The digits that so many bytes take.
const DIGITS: [usize; 8] = [0, 3, 5, 8, 10, 13, 15, 17];

/// The bits that so many digits take.
const BITS: [usize; 4] = [0, 4, 7, 10];

/// No code has room for more bytes: beyond it nothing needs to be counted, so that nothing overflows.
const MOST: usize = 2956;

/// How many digits `bytes` take.
pub(crate) const fn digits(bytes: usize) -> usize {
    bytes / 7 * 17 + DIGITS[bytes % 7]
}

/// Which characters a segment has.
#[derive(Clone, Copy)]
enum Mode {
    Digits,
    Bytes,
}

impl Mode {
    const fn indicator(self) -> u32 {
        match self {
            Self::Digits => 0b0001,
            Self::Bytes => 0b0100,
        }
    }

    /// How many bits say how many characters there are.
    const fn count_bits(self, version: Version) -> usize {
        match (self, version.number()) {
            (Self::Digits, ..=9) => 10,
            (Self::Digits, ..=26) => 12,
            (Self::Digits, _) => 14,
            (Self::Bytes, ..=9) => 8,
            (Self::Bytes, _) => 16,
        }
    }

    /// The bits of a segment of `bytes`, with what stands before them.
    const fn bits(self, version: Version, bytes: usize) -> usize {
        let content = match self {
            Self::Digits => digits(bytes) / 3 * 10 + BITS[digits(bytes) % 3],
            Self::Bytes => bytes * 8,
        };
        4 + self.count_bits(version) + content
    }
}

/// What a code is to say.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    /// What the data are behind, as a number.
    pub(crate) url: Option<&'a [u8]>,
    pub(crate) data: &'a [u8],
}

impl Message<'_> {
    /// How many bits it takes in a code of that version; `None` if none has room for it.
    pub(crate) fn bits(&self, version: Version) -> Option<usize> {
        let url = self.url.map_or(0, <[u8]>::len);
        if url > MOST || self.data.len() > MOST {
            return None;
        }
        let data = self.data.len();
        Some(match self.url {
            None => Mode::Bytes.bits(version, data),
            Some(_) => Mode::Bytes.bits(version, url) + Mode::Digits.bits(version, data),
        })
    }

    /// Writes it and what fills `bytes`, which the caller knows to have room for it.
    pub(crate) fn write(&self, version: Version, bytes: &mut [u8]) {
        let mut bits = Bits::new(bytes);
        let binary = self.url.unwrap_or(self.data);
        bits.begin(Mode::Bytes, version, binary.len());
        for byte in binary {
            bits.push(u32::from(*byte), 8);
        }
        if self.url.is_some() {
            bits.begin(Mode::Digits, version, digits(self.data.len()));
            bits.push_number(self.data);
        }
        bits.finish();
    }
}

/// How many bytes of data there is room for in `capacity` bytes of a code of that version, behind a URL
/// of that length; without one if it is 0.
pub(crate) fn room(version: Version, capacity: usize, url: usize) -> usize {
    if url > MOST {
        return 0;
    }
    let bits = capacity * 8;
    if url == 0 {
        return bits.saturating_sub(Mode::Bytes.bits(version, 0)) / 8;
    }
    let rest = bits.saturating_sub(Mode::Bytes.bits(version, url));
    // A byte takes more than 8 bits: it starts from too many, and is not far off.
    let mut most = rest / 8;
    while most > 0 && Mode::Digits.bits(version, most) > rest {
        most -= 1;
    }
    most
}

/// The digits of up to 7 bytes, of which the first one is the lowest.
fn decimal(chunk: &[u8]) -> [u8; 17] {
    let mut digits = [0; 17];
    let mut number = [0; 7];
    let number = &mut number[..chunk.len()];
    number.copy_from_slice(chunk);
    for digit in digits[..DIGITS[chunk.len()]].iter_mut().rev() {
        // Division by 10 by hand: not every machine divides numbers of 64 bits, and for those that don't
        // the kernel has no function that does.
        let mut rest = 0;
        for byte in number.iter_mut().rev() {
            let value = rest << 8 | u16::from(*byte);
            // The rest before was below 10, so this is below 256.
            *byte = (value / 10) as u8;
            rest = value % 10;
        }
        *digit = rest as u8;
    }
    digits
}

/// Bits that are written one after the other, the highest of each byte first.
struct Bits<'a> {
    bytes: &'a mut [u8],
    used: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a mut [u8]) -> Self {
        bytes.fill(0);
        Self { bytes, used: 0 }
    }

    /// Writes the lowest `count` bits of `value`; what there is no room for is lost.
    fn push(&mut self, value: u32, count: usize) {
        for bit in (0..count).rev() {
            if value >> bit & 1 != 0 {
                if let Some(byte) = self.bytes.get_mut(self.used / 8) {
                    *byte |= 0x80 >> (self.used % 8);
                }
            }
            self.used += 1;
        }
    }

    /// Begins a segment of so many characters.
    fn begin(&mut self, mode: Mode, version: Version, characters: usize) {
        self.push(mode.indicator(), 4);
        self.push(characters as u32, mode.count_bits(version));
    }

    /// Writes `data` as digits, three at a time.
    fn push_number(&mut self, data: &[u8]) {
        let mut group = 0;
        let mut in_group = 0;
        for chunk in data.chunks(7) {
            let digits = decimal(chunk);
            for digit in &digits[..DIGITS[chunk.len()]] {
                group = group * 10 + u32::from(*digit);
                in_group += 1;
                if in_group == 3 {
                    self.push(group, BITS[3]);
                    group = 0;
                    in_group = 0;
                }
            }
        }
        self.push(group, BITS[in_group]);
    }

    /// Writes the end of the message, and fills the rest with what the standard has for that.
    fn finish(mut self) {
        // Where there is no room for the four zeros of the end, it is left out, or what there is room for is.
        self.push(0, 4);
        let padding = [0xec, 0x11];
        let rest = self.bytes.iter_mut().skip(self.used.div_ceil(8));
        for (byte, pad) in rest.zip(padding.iter().cycle()) {
            *byte = *pad;
        }
    }
}
