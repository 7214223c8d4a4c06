// SPDX-License-Identifier: GPL-2.0

//! The modules of a code: where each goes, and the mask that makes it easy to read.

use crate::version::{remainder, Level, Version};

/// A code as a picture, a bit for each module.
///
/// The highest bit of a byte is the leftmost, each row begins with a byte of its own, and a bit that is set is
/// a light module: the panic screen draws those on a dark ground.
pub(crate) struct Matrix<'a> {
    image: &'a mut [u8],
    version: Version,
    width: usize,
    stride: usize,
}

impl<'a> Matrix<'a> {
    /// A code without content, but with all patterns; `None` if `image` has no room for it.
    pub(crate) fn new(version: Version, image: &'a mut [u8]) -> Option<Self> {
        let image = image.get_mut(..version.image_bytes())?;
        image.fill(0);
        let width = usize::from(version.width());
        let mut matrix = Self {
            image,
            version,
            width,
            stride: width.div_ceil(8),
        };
        matrix.draw_patterns();
        Some(matrix)
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.image[y * self.stride + x / 8] & 0x80 >> (x % 8) == 0
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        let bit = 0x80 >> (x % 8);
        let byte = &mut self.image[y * self.stride + x / 8];
        if dark {
            *byte &= !bit;
        } else {
            *byte |= bit;
        }
    }

    /// Draws squares in each other: `is_dark` says which, by the distance from the centre.
    fn draw_squares(
        &mut self,
        (x, y): (usize, usize),
        reach: usize,
        is_dark: impl Fn(usize) -> bool,
    ) {
        for row in y.saturating_sub(reach)..=(y + reach).min(self.width - 1) {
            for column in x.saturating_sub(reach)..=(x + reach).min(self.width - 1) {
                let distance = row.abs_diff(y).max(column.abs_diff(x));
                self.set(column, row, is_dark(distance));
            }
        }
    }

    /// Draws what is in each code of this version, but for the format.
    fn draw_patterns(&mut self) {
        for place in 0..self.width {
            self.set(6, place, place % 2 == 0);
            self.set(place, 6, place % 2 == 0);
        }
        let far = self.width - 4;
        for centre in [(3, 3), (far, 3), (3, far)] {
            self.draw_squares(centre, 4, |distance| distance != 2 && distance != 4);
        }
        for centre in self.version.alignment_centres() {
            self.draw_squares(centre, 2, |distance| distance != 1);
        }
        if let Some(information) = self.version.information() {
            for bit in 0..18 {
                let dark = information >> bit & 1 != 0;
                let (along, across) = (bit / 3, self.width - 11 + bit % 3);
                self.set(across, along, dark);
                self.set(along, across, dark);
            }
        }
    }

    /// Whether a module belongs to a pattern, to the format or to the version.
    fn is_reserved(&self, x: usize, y: usize) -> bool {
        let far = self.width - 8;
        if x == 6 || y == 6 || (x <= 8 && (y <= 8 || y >= far)) || (x >= far && y <= 8) {
            return true;
        }
        let in_version = |along: usize, across: usize| along < 6 && across >= self.width - 11;
        if self.version.number() >= 7 && (in_version(x, y) || in_version(y, x)) {
            return true;
        }
        self.version.is_alignment(x, y)
    }

    /// Draws the format: the level and the mask, twice. And the module that is always dark.
    fn draw_format(&mut self, level: Level, mask: u8) {
        let content = level.indicator() << 3 | u32::from(mask);
        let format = (content << 10 | remainder(content << 10, 0x537)) ^ 0x5412;
        let last = self.width - 1;
        for bit in 0..15 {
            let dark = format >> bit & 1 != 0;
            // Around the finder pattern at the top left, past the timing patterns.
            match bit {
                0..=5 => self.set(8, bit, dark),
                6 => self.set(8, 7, dark),
                7 => self.set(8, 8, dark),
                8 => self.set(7, 8, dark),
                _ => self.set(14 - bit, 8, dark),
            }
            // And beside the other two.
            match bit {
                0..=7 => self.set(last - bit, 8, dark),
                _ => self.set(8, last - (14 - bit), dark),
            }
        }
        self.set(8, last - 7, true);
    }

    /// Draws the bytes of the content: two columns at a time from the right, up and down in turns.
    pub(crate) fn draw_content(&mut self, codewords: usize, byte: impl Fn(usize) -> u8) {
        let mut drawn = 0;
        let mut upward = true;
        let mut right = self.width - 1;
        loop {
            for step in 0..self.width {
                let y = if upward { self.width - 1 - step } else { step };
                for x in [right, right - 1] {
                    if self.is_reserved(x, y) {
                        continue;
                    }
                    // The few modules that are left in the end are light.
                    let dark = drawn < codewords * 8 && byte(drawn / 8) & 0x80 >> (drawn % 8) != 0;
                    self.set(x, y, dark);
                    drawn += 1;
                }
            }
            upward = !upward;
            right = match right {
                0..=2 => return,
                // The column of the timing pattern is left out.
                8 => 5,
                _ => right - 2,
            };
        }
    }

    /// Turns over each module of the content that `mask` names; a second time, it turns them back.
    fn apply(&mut self, mask: u8) {
        for y in 0..self.width {
            for x in 0..self.width {
                if is_masked(mask, x, y) && !self.is_reserved(x, y) {
                    self.image[y * self.stride + x / 8] ^= 0x80 >> (x % 8);
                }
            }
        }
    }

    /// Draws the format, and applies that mask to the content.
    pub(crate) fn draw_masked(&mut self, level: Level, mask: u8) {
        self.draw_format(level, mask);
        self.apply(mask);
    }

    /// Applies the mask that makes it easiest to read, and draws the format that says which.
    pub(crate) fn draw_best(&mut self, level: Level) {
        let mut best = (u32::MAX, 0);
        for mask in 0..8 {
            self.draw_masked(level, mask);
            best = best.min((self.penalty(), mask));
            self.apply(mask);
        }
        self.draw_masked(level, best.1);
    }

    /// How hard it is to read, by the four rules of the standard.
    pub(crate) fn penalty(&self) -> u32 {
        let mut penalty = 0;
        let mut dark = 0;
        for line in 0..self.width {
            penalty += self.penalty_of(|place| self.is_dark(place, line));
            penalty += self.penalty_of(|place| self.is_dark(line, place));
            for x in 0..self.width {
                dark += u32::from(self.is_dark(x, line));
                penalty += self.penalty_of_square(x, line);
            }
        }
        let all = (self.width * self.width) as u32;
        // For each 5 % that it is away from half dark, half light.
        penalty + (dark * 20).abs_diff(all * 10) / all * 10
    }

    /// What a row or column adds: for modules of one colour in a row, and for what looks like a finder pattern.
    fn penalty_of(&self, is_dark: impl Fn(usize) -> bool) -> u32 {
        let mut penalty = 0;
        let mut run = 0;
        let mut before = None;
        // The last 11 modules. There is light around the code, on which such a pattern may border.
        let mut seen = 0;
        for place in 0..self.width + 4 {
            let inside = place < self.width;
            let dark = inside && is_dark(place);
            if inside {
                run = if before == Some(dark) { run + 1 } else { 1 };
                before = Some(dark);
                penalty += match run {
                    5 => 3,
                    6.. => 1,
                    _ => 0,
                };
            }
            seen = (seen << 1 | u32::from(dark)) & 0x7ff;
            if seen == 0b000_0101_1101 || seen == 0b101_1101_0000 {
                penalty += 40;
            }
        }
        penalty
    }

    /// What a square of two by two modules adds, if it is of one colour.
    fn penalty_of_square(&self, x: usize, y: usize) -> u32 {
        if x + 1 == self.width || y + 1 == self.width {
            return 0;
        }
        let dark = self.is_dark(x, y);
        let alike = self.is_dark(x + 1, y) == dark
            && self.is_dark(x, y + 1) == dark
            && self.is_dark(x + 1, y + 1) == dark;
        if alike {
            3
        } else {
            0
        }
    }
}

/// Whether `mask`, from 0 to 7, turns over the module at that place.
fn is_masked(mask: u8, x: usize, y: usize) -> bool {
    let product = x * y;
    match mask {
        0 => (x + y) % 2 == 0,
        1 => y % 2 == 0,
        2 => x % 3 == 0,
        3 => (x + y) % 3 == 0,
        4 => (x / 3 + y / 2) % 2 == 0,
        5 => product % 2 + product % 3 == 0,
        6 => (product % 2 + product % 3) % 2 == 0,
        _ => ((x + y) % 2 + product % 3) % 2 == 0,
    }
}
