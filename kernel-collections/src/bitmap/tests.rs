// SPDX-License-Identifier: GPL-2.0

//! Tests of bitmaps.

#[crate::macros::kunit_tests(rust_bitmap)]
mod cases {
    use crate::{
        alloc::{flags::__GFP_NOWARN, AllocError},
        bitmap::{Bitmap, BitmapVec, WORD_BITS},
        prelude::*,
        sync::Arc,
    };

    /// Lengths around the ends of words, and of what takes no allocation.
    const LENGTHS: [usize; 13] = [
        0,
        1,
        2,
        WORD_BITS - 1,
        WORD_BITS,
        WORD_BITS + 1,
        2 * WORD_BITS - 1,
        2 * WORD_BITS,
        2 * WORD_BITS + 1,
        250,
        256,
        257,
        1000,
    ];

    /// What a bitmap is to do, in the plainest way.
    struct Model(KVec<bool>);

    impl Model {
        fn new(len: usize) -> Result<Self, AllocError> {
            Ok(Self(KVec::from_elem(false, len, GFP_KERNEL)?))
        }

        fn next(&self, start: usize, value: bool) -> Option<usize> {
            (start..self.0.len()).find(|&at| self.0[at] == value)
        }

        fn last(&self) -> Option<usize> {
            (0..self.0.len()).rev().find(|&at| self.0[at])
        }
    }

    /// Compares all that searches find with what the model says.
    fn compare(bitmap: &Bitmap, model: &Model) {
        assert_eq!(bitmap.len(), model.0.len());
        assert_eq!(bitmap.last_bit(), model.last());
        for start in 0..bitmap.len() {
            assert_eq!(bitmap.next_bit(start), model.next(start, true));
            assert_eq!(bitmap.next_zero_bit(start), model.next(start, false));
        }
    }

    /// A generator of numbers that come out the same each time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1);
            (self.0 >> 33) as usize % bound
        }
    }

    fn set(len: usize, bits: &[usize]) -> Result<BitmapVec, AllocError> {
        let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
        for &bit in bits {
            bitmap.set_bit(bit);
        }
        Ok(bitmap)
    }

    #[test]
    fn all_clear_at_first() -> Result {
        for len in LENGTHS {
            compare(&BitmapVec::new(len, GFP_KERNEL)?, &Model::new(len)?);
        }
        Ok(())
    }

    #[test]
    fn no_bits_at_all() -> Result {
        let bitmap = BitmapVec::new(0, GFP_KERNEL)?;
        assert_eq!(bitmap.len(), 0);
        assert_eq!(bitmap.last_bit(), None);
        if cfg!(not(CONFIG_RUST_BITMAP_HARDENED)) {
            assert_eq!(bitmap.next_bit(0), None);
            assert_eq!(bitmap.next_zero_bit(0), None);
        }
        Ok(())
    }

    #[test]
    fn one_bit() -> Result {
        let mut bitmap = BitmapVec::new(1, GFP_KERNEL)?;
        assert_eq!(bitmap.next_zero_bit(0), Some(0));
        bitmap.set_bit(0);
        assert_eq!(bitmap.next_bit(0), Some(0));
        assert_eq!(bitmap.next_zero_bit(0), None);
        assert_eq!(bitmap.last_bit(), Some(0));
        Ok(())
    }

    #[test]
    fn each_bit_alone() -> Result {
        for len in LENGTHS {
            let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            for bit in 0..len {
                bitmap.set_bit(bit);
                assert_eq!(bitmap.next_bit(0), Some(bit));
                assert_eq!(bitmap.next_bit(bit), Some(bit));
                assert_eq!(bitmap.last_bit(), Some(bit));
                if bit + 1 < len {
                    assert_eq!(bitmap.next_bit(bit + 1), None);
                }
                bitmap.clear_bit(bit);
                assert_eq!(bitmap.last_bit(), None);
            }
        }
        Ok(())
    }

    #[test]
    fn each_bit_missing() -> Result {
        for len in LENGTHS {
            let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            (0..len).for_each(|bit| bitmap.set_bit(bit));
            for bit in 0..len {
                assert_eq!(bitmap.next_zero_bit(bit), None);
                bitmap.clear_bit(bit);
                assert_eq!(bitmap.next_zero_bit(0), Some(bit));
                assert_eq!(bitmap.next_zero_bit(bit), Some(bit));
                bitmap.set_bit(bit);
            }
        }
        Ok(())
    }

    #[test]
    fn agrees_with_the_model() -> Result {
        let mut dice = Dice(1);
        for len in LENGTHS {
            let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            let mut model = Model::new(len)?;
            for _ in 0..8 {
                for _ in 0..len / 4 {
                    let bit = dice.below(len);
                    let value = dice.below(3) > 0;
                    if value {
                        bitmap.set_bit(bit);
                    } else {
                        bitmap.clear_bit(bit);
                    }
                    model.0[bit] = value;
                }
                compare(&bitmap, &model);
            }
        }
        Ok(())
    }

    #[test]
    fn atomic_changes_agree_with_the_model() -> Result {
        let mut dice = Dice(2);
        for len in LENGTHS {
            let bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            let mut model = Model::new(len)?;
            for _ in 0..len {
                let bit = dice.below(len);
                let value = dice.below(2) > 0;
                if value {
                    bitmap.set_bit_atomic(bit);
                } else {
                    bitmap.clear_bit_atomic(bit);
                }
                model.0[bit] = value;
            }
            compare(&bitmap, &model);
        }
        Ok(())
    }

    #[test]
    fn setting_and_clearing_twice() -> Result {
        let mut bitmap = set(70, &[65, 65])?;
        assert_eq!(bitmap.last_bit(), Some(65));
        bitmap.clear_bit(65);
        bitmap.clear_bit(65);
        assert_eq!(bitmap.last_bit(), None);
        bitmap.set_bit_atomic(3);
        bitmap.set_bit_atomic(3);
        assert_eq!(bitmap.next_bit(0), Some(3));
        bitmap.clear_bit_atomic(3);
        bitmap.clear_bit_atomic(3);
        assert_eq!(bitmap.next_bit(0), None);
        Ok(())
    }

    #[test]
    fn neighbours_stay() -> Result {
        let mut bitmap = set(200, &[62, 63, 64, 65, 127, 128])?;
        bitmap.clear_bit(64);
        assert_eq!(bitmap.next_bit(63), Some(63));
        assert_eq!(bitmap.next_bit(64), Some(65));
        bitmap.clear_bit(127);
        assert_eq!(bitmap.next_bit(66), Some(128));
        Ok(())
    }

    #[test]
    fn inline_until_a_word_is_full() -> Result {
        let inside = |bitmap: &BitmapVec| {
            let whole = core::ptr::from_ref(bitmap) as usize;
            let words = bitmap.as_ptr() as usize;
            (whole..whole + size_of::<BitmapVec>()).contains(&words)
        };
        assert!(inside(&BitmapVec::new_inline()));
        assert!(inside(&BitmapVec::new(0, GFP_KERNEL)?));
        assert!(inside(&BitmapVec::new(
            BitmapVec::MAX_INLINE_LEN,
            GFP_KERNEL
        )?));
        assert!(!inside(&BitmapVec::new(
            BitmapVec::MAX_INLINE_LEN + 1,
            GFP_KERNEL
        )?));
        assert_eq!(BitmapVec::new_inline().len(), BitmapVec::MAX_INLINE_LEN);
        Ok(())
    }

    #[test]
    fn inline_bits_move_along() -> Result {
        let mut bitmap = BitmapVec::new_inline();
        bitmap.set_bit(17);
        let moved = KBox::new(bitmap, GFP_KERNEL)?;
        assert_eq!(moved.next_bit(0), Some(17));
        Ok(())
    }

    #[test]
    fn too_long_is_refused() {
        for len in [BitmapVec::MAX_LEN + 1, usize::MAX - 63, usize::MAX] {
            assert!(BitmapVec::new(len, GFP_KERNEL).is_err());
        }
        // More than `kmalloc()` gives; an error all the same, and no warning.
        assert!(BitmapVec::new(BitmapVec::MAX_LEN, GFP_KERNEL | __GFP_NOWARN).is_err());
    }

    #[test]
    fn long_ones() -> Result {
        const LEN: usize = 1 << 20;
        let mut bitmap = BitmapVec::new(LEN, GFP_KERNEL)?;
        assert_eq!(bitmap.next_bit(0), None);
        bitmap.set_bit(LEN - 1);
        assert_eq!(bitmap.next_bit(0), Some(LEN - 1));
        assert_eq!(bitmap.last_bit(), Some(LEN - 1));
        assert_eq!(bitmap.next_zero_bit(LEN - 2), Some(LEN - 2));
        assert_eq!(bitmap.next_zero_bit(LEN - 1), None);
        Ok(())
    }

    #[cfg(not(CONFIG_RUST_BITMAP_HARDENED))]
    #[test]
    fn out_of_range_is_refused() -> Result {
        for len in LENGTHS {
            let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            for index in [len, len + 1, len + WORD_BITS, usize::MAX] {
                bitmap.set_bit(index);
                bitmap.set_bit_atomic(index);
                bitmap.clear_bit(index);
                bitmap.clear_bit_atomic(index);
                assert_eq!(bitmap.next_bit(index), None);
                assert_eq!(bitmap.next_zero_bit(index), None);
            }
            compare(&bitmap, &Model::new(len)?);
        }
        Ok(())
    }

    /// A bit of the last word, and yet not of the bitmap.
    #[cfg(not(CONFIG_RUST_BITMAP_HARDENED))]
    #[test]
    fn out_of_range_leaves_the_word_alone() {
        let mut words = [0usize; 2];
        // SAFETY: Two words are enough, and nobody else uses them meanwhile.
        let bitmap = unsafe { Bitmap::from_raw_mut(words.as_mut_ptr(), 3) };
        bitmap.set_bit(3);
        bitmap.set_bit_atomic(WORD_BITS);
        assert_eq!(words, [0, 0]);
    }

    #[test]
    fn bits_beyond_the_end_are_not_seen() {
        let mut words = [usize::MAX << 3, usize::MAX];
        // SAFETY: Two words are enough, and nobody else uses them meanwhile.
        let bitmap = unsafe { Bitmap::from_raw_mut(words.as_mut_ptr(), 3) };
        assert_eq!(bitmap.next_bit(0), None);
        assert_eq!(bitmap.last_bit(), None);

        let mut words = [usize::MAX, 0b0001];
        // SAFETY: As above.
        let bitmap = unsafe { Bitmap::from_raw_mut(words.as_mut_ptr(), WORD_BITS + 1) };
        assert_eq!(bitmap.next_zero_bit(0), None);
        assert_eq!(bitmap.last_bit(), Some(WORD_BITS));
    }

    #[test]
    fn views_of_words_elsewhere() {
        let mut words = [0b100usize, 0];
        let at = words.as_mut_ptr();
        // SAFETY: Two words are enough, and nobody else uses them meanwhile.
        let bitmap = unsafe { Bitmap::from_raw_mut(at, 2 * WORD_BITS) };
        assert!(core::ptr::eq(bitmap.as_ptr(), at));
        assert!(core::ptr::eq(bitmap.as_mut_ptr(), at));
        assert_eq!(bitmap.next_bit(0), Some(2));
        bitmap.set_bit(WORD_BITS);
        bitmap.clear_bit(2);
        assert_eq!(words, [0, 1]);

        let at = words.as_mut_ptr();
        // SAFETY: As above, and it is changed atomically only.
        let shared = unsafe { Bitmap::from_raw(at, 2 * WORD_BITS) };
        shared.set_bit_atomic(WORD_BITS - 1);
        assert_eq!(words, [1 << (WORD_BITS - 1), 1]);
    }

    #[test]
    fn views_of_nothing() {
        let nowhere = core::ptr::NonNull::<usize>::dangling();
        // SAFETY: No bits take no words.
        let bitmap = unsafe { Bitmap::from_raw(nowhere.as_ptr(), 0) };
        assert_eq!(bitmap.len(), 0);
        assert_eq!(bitmap.last_bit(), None);
    }

    #[test]
    fn copies_and_clears_the_rest() -> Result {
        for (from, len) in LENGTHS.iter().enumerate() {
            for longer in &LENGTHS[from..] {
                let mut short = BitmapVec::new(*len, GFP_KERNEL)?;
                let mut model = Model::new(*longer)?;
                for bit in (0..*len).step_by(3) {
                    short.set_bit(bit);
                    model.0[bit] = true;
                }
                let mut long = BitmapVec::new(*longer, GFP_KERNEL)?;
                (0..*longer).for_each(|bit| long.set_bit(bit));
                long.copy_and_extend(&short);
                compare(&long, &model);
            }
        }
        Ok(())
    }

    /// What the source has in its last word beyond its end must not get into the copy.
    #[test]
    fn copies_no_bits_from_beyond_the_end() -> Result {
        let mut words = [usize::MAX; 2];
        // SAFETY: Two words are enough, and nobody else uses them meanwhile.
        let source = unsafe { Bitmap::from_raw_mut(words.as_mut_ptr(), WORD_BITS + 2) };
        let mut copy = BitmapVec::new(3 * WORD_BITS, GFP_KERNEL)?;
        copy.copy_and_extend(source);
        assert_eq!(copy.last_bit(), Some(WORD_BITS + 1));
        assert_eq!(copy.next_zero_bit(0), Some(WORD_BITS + 2));
        Ok(())
    }

    #[cfg(not(CONFIG_RUST_BITMAP_HARDENED))]
    #[test]
    fn copies_what_fits() -> Result {
        let long = set(200, &[1, 60, 66, 150])?;
        let mut short = BitmapVec::new(65, GFP_KERNEL)?;
        short.copy_and_extend(&long);
        assert_eq!(short.next_bit(2), Some(60));
        assert_eq!(short.last_bit(), Some(60));
        Ok(())
    }

    #[test]
    fn random_bits_are_of_both_kinds() -> Result {
        for len in [1000, 4096] {
            let mut bitmap = BitmapVec::new(len, GFP_KERNEL)?;
            bitmap.fill_random();
            let mut ones = 0;
            let mut from = 0;
            while let Some(bit) = bitmap.next_bit(from) {
                ones += 1;
                from = bit + 1;
                if from >= len {
                    break;
                }
            }
            // As far from the middle as no luck goes.
            assert!(ones > len / 4 && ones < len * 3 / 4, "{ones} of {len}");
        }
        BitmapVec::new(0, GFP_KERNEL)?.fill_random();
        Ok(())
    }

    #[test]
    fn shared_and_changed() -> Result {
        let bitmap = Arc::new(BitmapVec::new(WORD_BITS, GFP_KERNEL)?, GFP_KERNEL)?;
        let owners = [bitmap.clone(), bitmap.clone()];
        for bit in 0..WORD_BITS {
            owners[bit % 2].set_bit_atomic(bit);
        }
        assert_eq!(bitmap.next_zero_bit(0), None);
        owners[0].clear_bit_atomic(7);
        assert_eq!(bitmap.next_zero_bit(0), Some(7));
        Ok(())
    }
}
