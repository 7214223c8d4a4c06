// SPDX-License-Identifier: GPL-2.0

//! How large a code of each version is, what it has room for, and how it is divided into blocks.

/// How much of a code may be unreadable, and is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// About 7 %.
    Low,
    /// About 15 %.
    Medium,
    /// About 25 %.
    Quartile,
    /// About 30 %.
    High,
}

impl Level {
    /// All levels, from the one that corrects most.
    pub(crate) const FROM_HIGHEST: [Self; 4] =
        [Self::High, Self::Quartile, Self::Medium, Self::Low];

    /// How it is written in a code.
    pub(crate) const fn indicator(self) -> u32 {
        match self {
            Self::Low => 0b01,
            Self::Medium => 0b00,
            Self::Quartile => 0b11,
            Self::High => 0b10,
        }
    }

    /// The bytes for correction in each block, by version, and the number of blocks (table 9 of the
    /// standard, whose other columns follow from these).
    const fn table(self) -> (&'static [u8; 40], &'static [u8; 40]) {
        match self {
            Self::Low => (
                &[
                    7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
                    28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
                ],
                &[
                    1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12,
                    12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
                ],
            ),
            Self::Medium => (
                &[
                    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
                    26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
                ],
                &[
                    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18,
                    20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
                ],
            ),
            Self::Quartile => (
                &[
                    13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
                    28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
                ],
                &[
                    1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23,
                    25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
                ],
            ),
            Self::High => (
                &[
                    17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
                    30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
                ],
                &[
                    1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34,
                    30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
                ],
            ),
        }
    }
}

/// The size of a code, as the standard numbers them.
///
/// # Invariants
///
/// The number is from 1 to 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version(u8);

impl Version {
    /// The largest.
    pub(crate) const LAST: u8 = 40;

    /// The version of that number, if there is one.
    pub(crate) const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= Self::LAST {
            // INVARIANT: It was checked right above.
            Some(Self(number))
        } else {
            None
        }
    }

    /// All versions, from the smallest.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=Self::LAST).filter_map(Self::new)
    }

    pub(crate) const fn number(self) -> u8 {
        self.0
    }

    /// How many modules, which is what the standard calls the squares, a row and a column have.
    pub(crate) const fn width(self) -> u8 {
        // By the invariant it is at most 177.
        17 + 4 * self.0
    }

    /// The bytes of a picture in which each row begins with a byte of its own.
    pub(crate) const fn image_bytes(self) -> usize {
        let width = self.width() as usize;
        width * width.div_ceil(8)
    }

    /// How many rows, and columns, of alignment patterns there are.
    const fn alignments(self) -> usize {
        match self.0 {
            1 => 0,
            number => number as usize / 7 + 2,
        }
    }

    /// The centre of the alignment patterns in one of the rows, or columns.
    fn alignment(self, index: usize) -> usize {
        let last = usize::from(self.width()) - 7;
        if index == 0 {
            return 6;
        }
        // They are evenly spaced from the last one back, and what is left over is before the second.
        let gaps = self.alignments() - 1;
        let even = match self.0 {
            // Not what the others have in common.
            32 => 26,
            // Rounded up to an even number.
            _ => (last - 6).div_ceil(2 * gaps) * 2,
        };
        last - (gaps - index) * even
    }

    /// The centres of all alignment patterns: those that would lie on a finder pattern are left out.
    pub(crate) fn alignment_centres(self) -> impl Iterator<Item = (usize, usize)> {
        let count = self.alignments();
        (0..count)
            .flat_map(move |row| (0..count).map(move |column| (row, column)))
            .filter(move |place| !self.is_finder(*place))
            .map(move |(row, column)| (self.alignment(column), self.alignment(row)))
    }

    /// Whether a module belongs to one of the alignment patterns, which are 5 modules wide.
    pub(crate) fn is_alignment(self, x: usize, y: usize) -> bool {
        let near = |place: usize| {
            (0..self.alignments()).find(|index| self.alignment(*index).abs_diff(place) <= 2)
        };
        match (near(y), near(x)) {
            (Some(row), Some(column)) => !self.is_finder((row, column)),
            _ => false,
        }
    }

    /// Whether the alignment pattern in that row and column would lie on a finder pattern.
    fn is_finder(self, place: (usize, usize)) -> bool {
        let last = self.alignments().saturating_sub(1);
        place == (0, 0) || place == (0, last) || place == (last, 0)
    }

    /// How the version is written into a code that is so large that it has to be.
    pub(crate) fn information(self) -> Option<u32> {
        (self.0 >= 7).then(|| {
            let number = u32::from(self.0);
            number << 12 | remainder(number << 12, 0x1f25)
        })
    }

    /// How many bytes, of data and for correction, a code has.
    pub(crate) fn codewords(self) -> usize {
        let width = usize::from(self.width());
        // Three finder patterns with what separates them, the format twice with the module that is always
        // dark, and the timing patterns between them.
        let mut taken = 3 * 64 + 31 + 2 * (width - 16);
        let count = self.alignments();
        if count > 0 {
            // Those that are on a timing pattern share 5 modules with it.
            taken += 25 * (count * count - 3) - 2 * 5 * (count - 2);
        }
        if self.0 >= 7 {
            taken += 2 * 18;
        }
        (width * width - taken) / 8
    }

    /// How the bytes are divided at `level`.
    pub(crate) fn blocks(self, level: Level) -> Blocks {
        let (correction, count) = level.table();
        let index = usize::from(self.0) - 1;
        Blocks {
            codewords: self.codewords(),
            count: usize::from(count[index]),
            correction: usize::from(correction[index]),
        }
    }
}

/// What is left of a polynomial over GF(2) by another one, bit by bit: the code that the standard protects
/// format and version with.
pub(crate) const fn remainder(mut dividend: u32, divisor: u32) -> u32 {
    while dividend != 0 && dividend.ilog2() >= divisor.ilog2() {
        dividend ^= divisor << (dividend.ilog2() - divisor.ilog2());
    }
    dividend
}

/// The blocks that the bytes of a code are divided into. The first ones are shorter by a byte of data, where
/// not all can be equally long.
#[derive(Clone, Copy)]
pub(crate) struct Blocks {
    codewords: usize,
    count: usize,
    correction: usize,
}

impl Blocks {
    /// How many blocks there are.
    pub(crate) const fn count(self) -> usize {
        self.count
    }

    /// The bytes for correction in each block.
    pub(crate) const fn correction(self) -> usize {
        self.correction
    }

    /// The bytes of data in all blocks.
    pub(crate) const fn capacity(self) -> usize {
        self.codewords - self.count * self.correction
    }

    /// The bytes of data in a short block.
    const fn short(self) -> usize {
        self.codewords / self.count - self.correction
    }

    /// How many short blocks there are.
    const fn short_count(self) -> usize {
        self.count - self.codewords % self.count
    }

    /// Where the data of a block begin; that of the block after the last is where they end.
    pub(crate) const fn start(self, block: usize) -> usize {
        block * self.short() + block.saturating_sub(self.short_count())
    }

    /// Where the byte lies that is the `place`th in a code, where the bytes of the blocks take turns. The
    /// bytes for correction lie behind all data, block after block.
    pub(crate) const fn interleaved(self, place: usize) -> usize {
        let in_turns = self.short() * self.count;
        let data = self.capacity();
        if place < in_turns {
            self.start(place % self.count) + place / self.count
        } else if place < data {
            // The last byte of a long block.
            self.start(self.short_count() + place - in_turns) + self.short()
        } else {
            let place = place - data;
            data + place % self.count * self.correction + place / self.count
        }
    }
}
