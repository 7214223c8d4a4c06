// SPDX-License-Identifier: GPL-2.0

//! Reed-Solomon codes over GF(256), in which the standard's bytes for correction are computed.

/// The most bytes for correction that a block has.
const LONGEST: usize = 30;

/// The product of two elements of the field, by its polynomial x⁸ + x⁴ + x³ + x² + 1.
const fn product(a: u8, mut b: u8) -> u8 {
    let mut sum = 0;
    let mut shifted = a;
    while b != 0 {
        if b & 1 != 0 {
            sum ^= shifted;
        }
        let carry = shifted & 0x80 != 0;
        shifted <<= 1;
        if carry {
            shifted ^= 0x1d;
        }
        b >>= 1;
    }
    sum
}

/// The polynomial (x - 1)(x - 2)(x - 4)…, from its second coefficient on, as the first is 1.
///
/// # Invariants
///
/// `degree` is from 1 to [`LONGEST`].
pub(crate) struct Generator {
    coefficients: [u8; LONGEST],
    degree: usize,
}

impl Generator {
    /// The polynomial of that degree, if blocks have one.
    pub(crate) fn new(degree: usize) -> Option<Self> {
        if degree == 0 || degree > LONGEST {
            return None;
        }
        // It begins as the polynomial 1, in the last place.
        let mut coefficients = [0; LONGEST];
        coefficients[degree - 1] = 1;
        let mut root = 1;
        for _ in 0..degree {
            // Times (x - root), where minus is plus.
            for place in 0..degree {
                let next = match place + 1 {
                    next if next < degree => coefficients[next],
                    _ => 0,
                };
                coefficients[place] = product(coefficients[place], root) ^ next;
            }
            root = product(root, 2);
        }
        // INVARIANT: It was checked above.
        Some(Self {
            coefficients,
            degree,
        })
    }

    /// Writes the bytes for correction of `data`, one for each degree, to `correction`.
    ///
    /// They are what is left of `data`, followed by as many zeros, by this polynomial.
    pub(crate) fn correct(&self, data: &[u8], correction: &mut [u8]) {
        let Some(correction) = correction.get_mut(..self.degree) else {
            return;
        };
        correction.fill(0);
        for byte in data {
            let factor = byte ^ correction[0];
            correction.copy_within(1.., 0);
            correction[self.degree - 1] = 0;
            for (sum, coefficient) in correction.iter_mut().zip(&self.coefficients) {
                *sum ^= product(*coefficient, factor);
            }
        }
    }
}
