// SPDX-License-Identifier: GPL-2.0

//! Tests of printing to sequence files.

use super::*;
use crate::prelude::*;

/// A file of `N` bytes, and what `show` prints to it.
fn shown<const N: usize>(show: impl FnOnce(&SeqFile)) -> Result<(KVec<u8>, bool)> {
    let mut buf = [0xffu8; N];
    let mut file = bindings::seq_file {
        buf: buf.as_mut_ptr().cast(),
        size: N,
        ..Default::default()
    };
    // SAFETY: The structure is initialised as far as printing goes, and both are in scope.
    show(unsafe { SeqFile::from_raw(&raw mut file) });
    let mut text = KVec::new();
    text.extend_from_slice(&buf[..file.count], GFP_KERNEL)?;
    Ok((text, file.count == file.size))
}

#[kunit_tests(rust_seq_file)]
mod cases {
    use super::*;

    #[test]
    fn text_is_appended() -> Result {
        let (text, full) = shown::<64>(|m| {
            seq_print!(m, "plain\n");
            seq_print!(m, "{} and {:?} and {:#x}\n", 1, "two", 3);
            let name = c"four";
            seq_print!(m, "{name}{}", "\n");
        })?;
        assert_eq!(&text[..], b"plain\n1 and \"two\" and 0x3\nfour\n");
        assert!(!full);
        Ok(())
    }

    #[test]
    fn nothing_is_appended() -> Result {
        let (text, full) = shown::<4>(|m| {
            seq_print!(m, "");
            seq_print!(m, "{}{}", "", "");
        })?;
        assert!(text.is_empty());
        assert!(!full);
        Ok(())
    }

    #[test]
    fn percent_signs_have_no_meaning() -> Result {
        let (text, _) = shown::<16>(|m| seq_print!(m, "100% {}", "%s %n"))?;
        assert_eq!(&text[..], b"100% %s %n");
        Ok(())
    }

    #[test]
    fn what_does_not_fit_makes_the_file_full() -> Result {
        // A byte must be left: a full buffer stands for one that was too small.
        let (_, full) = shown::<8>(|m| seq_print!(m, "1234567"))?;
        assert!(!full);
        let (_, full) = shown::<8>(|m| seq_print!(m, "12345678"))?;
        assert!(full);
        let (_, full) = shown::<8>(|m| {
            seq_print!(m, "{}{}", "1234567", "8");
            // It stays full.
            seq_print!(m, "");
            seq_print!(m, "9");
        })?;
        assert!(full);
        let (_, full) = shown::<1>(|m| seq_print!(m, "1"))?;
        assert!(full);
        Ok(())
    }

    #[test]
    fn a_file_without_a_buffer_is_full() {
        let mut file = bindings::seq_file::default();
        // SAFETY: There are no bytes to print to, and none of them is null.
        let m = unsafe { SeqFile::from_raw(&raw mut file) };
        seq_print!(m, "text");
        assert_eq!((file.count, file.size), (0, 0));
    }

    /// Prints to the file by itself, before it gives a text of its own.
    struct Nested<'a>(&'a SeqFile);

    impl fmt::Display for Nested<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            seq_print!(self.0, "[much longer than the text itself]");
            f.write_str("own")
        }
    }

    #[test]
    fn an_argument_may_print_by_itself() -> Result {
        let (text, _) = shown::<64>(|m| seq_print!(m, "a {} z", Nested(m)))?;
        // All that is counted was written: no byte of the buffer as it was before.
        assert_eq!(&text[..], b"a [much longer than the text itself]own z");
        Ok(())
    }

    /// Gives up in the middle.
    struct Fails;

    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }

    #[test]
    fn an_argument_that_fails_leaves_what_it_printed() -> Result {
        let (text, full) = shown::<64>(|m| {
            seq_print!(m, "a {} z", Fails);
            seq_print!(m, "\n");
        })?;
        assert_eq!(&text[..], b"a half\n");
        assert!(!full);
        Ok(())
    }
}
