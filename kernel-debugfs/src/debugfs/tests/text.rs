// SPDX-License-Identifier: GPL-2.0

//! Files of text.

use super::process::Process;
use crate::{
    bindings,
    debugfs::{Dir, Writer},
    fmt, new_mutex,
    prelude::*,
    str::CString,
    sync::{
        atomic::{Atomic, Relaxed},
        Mutex,
    },
    uaccess::{UserPtr, UserSliceReader},
};
use core::{fmt::Debug, str::FromStr};

/// An address that no process has.
fn nowhere() -> UserPtr {
    UserPtr::from_addr(usize::MAX - 4095)
}

/// Two numbers; equal ones are not accepted.
#[derive(Debug, PartialEq)]
struct Pair(u8, u8);

impl FromStr for Pair {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (one, two) = text.split_once(' ').ok_or(())?;
        let pair = Pair(one.parse().map_err(drop)?, two.parse().map_err(drop)?);
        if pair.0 == pair.1 {
            Err(())
        } else {
            Ok(pair)
        }
    }
}

/// Shows as many bytes as it says, without a newline.
struct Long(Atomic<usize>);

impl Long {
    fn byte(index: usize) -> u8 {
        b'a' + (index % 23) as u8
    }
}

impl Writer for Long {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for index in 0..self.0.load(Relaxed) {
            write!(f, "{}", char::from(Long::byte(index)))?;
        }
        Ok(())
    }
}

/// What a callback was called with, last.
#[pin_data]
struct Calls {
    number: Atomic<u32>,
    #[pin]
    last: Mutex<KVec<u8>>,
}

impl Calls {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            number: Atomic::new(0),
            last <- new_mutex!(KVec::new()),
        })
    }
}

fn show_number(calls: &Calls, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "called {} times", calls.number.load(Relaxed))
}

fn note(calls: &Calls, reader: &mut UserSliceReader) -> Result {
    calls.number.add(1, Relaxed);
    let mut bytes = KVec::new();
    reader.clone_reader().read_all(&mut bytes, GFP_KERNEL)?;
    let refused = bytes.starts_with(b"no");
    *calls.last.lock() = bytes;
    if refused {
        Err(EACCES)
    } else {
        Ok(())
    }
}

#[kunit_tests(rust_debugfs_text)]
mod cases {
    use super::*;

    #[test]
    fn what_has_debug_is_a_line() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_text");
        let number = KBox::pin_init(dir.read_only_file(c"number", -7i64), GFP_KERNEL)?;
        let pair = KBox::pin_init(dir.read_only_file(c"pair", Pair(1, 2)), GFP_KERNEL)?;
        let name = CString::try_from_fmt(fmt!("eth{}", 0))?;
        let _name = KBox::pin_init(dir.read_only_file(c"name", name), GFP_KERNEL)?;

        assert_eq!(&process.read(c"rust_text/number")?[..], b"-7\n");
        assert_eq!(&process.read(c"rust_text/pair")?[..], b"Pair(1, 2)\n");
        assert_eq!(&process.read(c"rust_text/name")?[..], b"\"eth0\"\n");
        // Dereferences to the value.
        assert_eq!((**number, pair.0), (-7, 1));
        Ok(())
    }

    #[test]
    fn modes() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_modes");
        let _r = KBox::pin_init(dir.read_only_file(c"r", 1), GFP_KERNEL)?;
        let _w = KBox::pin_init(dir.write_only_file(c"w", Atomic::new(1)), GFP_KERNEL)?;
        let _rw = KBox::pin_init(dir.read_write_file(c"rw", Atomic::new(1)), GFP_KERNEL)?;
        let _rb = KBox::pin_init(dir.read_binary_file(c"rb", 1u8), GFP_KERNEL)?;
        let _wb = KBox::pin_init(dir.write_binary_file(c"wb", new_mutex!(1u8)), GFP_KERNEL)?;
        let _rwb = dir.read_write_binary_file(c"rwb", new_mutex!(1u8));
        let _rwb = KBox::pin_init(_rwb, GFP_KERNEL)?;
        for (path, mode) in [
            (c"rust_modes/r", 0o400),
            (c"rust_modes/w", 0o200),
            (c"rust_modes/rw", 0o600),
            (c"rust_modes/rb", 0o400),
            (c"rust_modes/wb", 0o200),
            (c"rust_modes/rwb", 0o600),
        ] {
            assert_eq!(process.open(path, bindings::O_RDONLY)?.mode(), mode);
        }
        Ok(())
    }

    #[test]
    fn atomics_take_what_their_type_takes() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_atomics");
        let small = dir.read_write_file(c"i8", Atomic::new(0i8));
        let small = KBox::pin_init(small, GFP_KERNEL)?;
        let large = dir.read_write_file(c"u64", Atomic::new(0u64));
        let large = KBox::pin_init(large, GFP_KERNEL)?;
        let flag = dir.read_write_file(c"bool", Atomic::new(false));
        let flag = KBox::pin_init(flag, GFP_KERNEL)?;

        assert_eq!(process.write(c"rust_atomics/i8", b"-128\n"), Ok(5));
        assert_eq!(small.load(Relaxed), i8::MIN);
        assert_eq!(&process.read(c"rust_atomics/i8")?[..], b"-128\n");
        for wrong in ["128", "-129", "1.0", "0x10", "1 2", "+", "-", "one"] {
            let result = process.write(c"rust_atomics/i8", wrong.as_bytes());
            assert_eq!(result, Err(EINVAL));
        }
        assert_eq!(small.load(Relaxed), i8::MIN);

        let highest = b"18446744073709551615";
        assert_eq!(process.write(c"rust_atomics/u64", highest), Ok(20));
        assert_eq!(large.load(Relaxed), u64::MAX);
        let too_high = b"18446744073709551616";
        assert_eq!(process.write(c"rust_atomics/u64", too_high), Err(EINVAL));
        assert_eq!(process.write(c"rust_atomics/u64", b"-1"), Err(EINVAL));
        assert_eq!(large.load(Relaxed), u64::MAX);

        assert_eq!(process.write(c"rust_atomics/bool", b"true"), Ok(4));
        assert!(flag.load(Relaxed));
        assert_eq!(process.write(c"rust_atomics/bool", b"1"), Err(EINVAL));
        assert_eq!(&process.read(c"rust_atomics/bool")?[..], b"true\n");
        Ok(())
    }

    #[test]
    fn space_at_the_ends_does_not_count() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_space");
        let value = dir.read_write_file(c"value", Atomic::new(0u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        for (text, number) in [(" 1", 1), ("2\n", 2), ("\t3 \r\n\n", 3), ("4", 4)] {
            let written = process.write(c"rust_space/value", text.as_bytes());
            assert_eq!(written, Ok(text.len()));
            assert_eq!(value.load(Relaxed), number);
        }
        Ok(())
    }

    #[test]
    fn no_text_is_no_number() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_empty");
        let value = dir.read_write_file(c"value", new_mutex!(5u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        // A length of 0 does arrive.
        assert_eq!(process.write(c"rust_empty/value", b""), Err(EINVAL));
        assert_eq!(process.write(c"rust_empty/value", b" \n"), Err(EINVAL));
        assert_eq!(process.write(c"rust_empty/value", b"\0"), Err(EINVAL));
        assert_eq!(*value.lock(), 5);
        Ok(())
    }

    #[test]
    fn a_mutex_is_set_as_a_whole_or_not() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_pair");
        let pair = dir.read_write_file(c"pair", new_mutex!(Pair(1, 2)));
        let pair = KBox::pin_init(pair, GFP_KERNEL)?;
        assert_eq!(process.write(c"rust_pair/pair", b"3 4\n"), Ok(4));
        assert_eq!(*pair.lock(), Pair(3, 4));
        for wrong in ["5", "5 5", "5 256", "5 6 7", ""] {
            let result = process.write(c"rust_pair/pair", wrong.as_bytes());
            assert_eq!(result, Err(EINVAL));
            assert_eq!(*pair.lock(), Pair(3, 4));
        }
        assert_eq!(&process.read(c"rust_pair/pair")?[..], b"Pair(3, 4)\n");
        Ok(())
    }

    #[test]
    fn a_mutex_in_a_mutex_is_shown() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_nested");
        let nested = dir.read_only_file(c"nested", new_mutex!(new_mutex!(Pair(8, 9))));
        let nested = KBox::pin_init(nested, GFP_KERNEL)?;
        assert_eq!(&process.read(c"rust_nested/nested")?[..], b"Pair(8, 9)\n");
        // Both are free again.
        let outer = nested.try_lock().ok_or(EBUSY)?;
        assert_eq!(outer.try_lock().map(|pair| pair.0), Some(8));
        Ok(())
    }

    /// Drops with the mutex free, or this would wait for ever.
    #[test]
    fn what_is_replaced_is_dropped_without_the_mutex() -> Result {
        use crate::sync::Arc;

        type Shared = Mutex<Token>;
        struct Token(Option<Arc<Probe>>);
        #[pin_data]
        struct Probe {
            #[pin]
            mutex: Mutex<u32>,
        }
        impl Drop for Token {
            fn drop(&mut self) {
                if let Some(probe) = &self.0 {
                    *probe.mutex.lock() += 1;
                }
            }
        }
        impl FromStr for Token {
            type Err = ();
            fn from_str(_: &str) -> Result<Self, ()> {
                Ok(Token(None))
            }
        }

        let process = Process::new()?;
        let dir = Dir::new(c"rust_replaced");
        let probe = pin_init!(Probe { mutex <- new_mutex!(0) });
        let probe = Arc::pin_init(probe, GFP_KERNEL)?;
        let token = new_mutex!(Token(Some(probe.clone())));
        let file = KBox::pin_init(dir.write_only_file(c"token", token), GFP_KERNEL)?;
        let shared: &Shared = &file;
        assert_eq!(process.write(c"rust_replaced/token", b"x"), Ok(1));
        assert_eq!(*probe.mutex.lock(), 1);
        assert!(shared.lock().0.is_none());
        Ok(())
    }

    #[test]
    fn long_input_is_refused() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_long_input");
        let value = dir.read_write_file(c"value", Atomic::new(0u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        let mut digits = [b'0'; 4096];
        digits[255] = b'6';
        digits[256] = b'7';
        let path = c"rust_long_input/value";
        assert_eq!(process.write(path, &digits[..256]), Ok(256));
        assert_eq!(value.load(Relaxed), 6);
        for len in [257, 512, 4096] {
            assert_eq!(process.write(path, &digits[..len]), Err(EINVAL));
        }
        assert_eq!(value.load(Relaxed), 6);
        Ok(())
    }

    #[test]
    fn input_that_is_no_utf8_is_refused() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_utf8");
        let value = dir.write_only_file(c"value", new_mutex!(1u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        for wrong in [&b"\xff"[..], b"1\x80", b"\xc3", b"2\xed\xa0\x80"] {
            assert_eq!(process.write(c"rust_utf8/value", wrong), Err(EINVAL));
        }
        // Digits, but not those that Rust takes.
        let arabic = "\u{661}".as_bytes();
        assert_eq!(process.write(c"rust_utf8/value", arabic), Err(EINVAL));
        assert_eq!(*value.lock(), 1);
        Ok(())
    }

    #[test]
    fn memory_that_is_not_there() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_fault");
        let value = dir.read_write_file(c"value", new_mutex!(1u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        let mut file = process.open(c"rust_fault/value", bindings::O_RDWR)?;
        assert_eq!(file.write_from(nowhere(), 1), Err(EFAULT));
        assert_eq!(file.read_to(nowhere(), 1), Err(EFAULT));
        assert_eq!(file.position, 0);
        assert_eq!(*value.lock(), 1);
        // The next try gets it all.
        assert_eq!(&file.read(10)?[..], b"1\n");
        Ok(())
    }

    /// Root may open a file in spite of its mode.
    #[test]
    fn the_other_direction_is_refused() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_direction");
        let _r = KBox::pin_init(dir.read_only_file(c"r", Atomic::new(1)), GFP_KERNEL)?;
        let _w = KBox::pin_init(dir.write_only_file(c"w", Atomic::new(1)), GFP_KERNEL)?;
        let mut r = process.open(c"rust_direction/r", bindings::O_RDWR)?;
        assert_eq!(r.write(b"2"), Err(EINVAL));
        assert_eq!(&r.read(10)?[..], b"1\n");
        let mut w = process.open(c"rust_direction/w", bindings::O_RDWR)?;
        assert_eq!(w.read(10).err(), Some(EINVAL));
        assert_eq!(w.write(b"2"), Ok(1));
        Ok(())
    }

    #[test]
    fn text_of_any_length_is_shown() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_long");
        let long = dir.read_only_file(c"long", Long(Atomic::new(0)));
        let long = KBox::pin_init(long, GFP_KERNEL)?;
        const PAGE: usize = bindings::PAGE_SIZE;
        // A buffer for text begins with a page, and is doubled.
        for len in [
            0,
            1,
            PAGE - 1,
            PAGE,
            PAGE + 1,
            2 * PAGE - 1,
            2 * PAGE,
            20 * PAGE + 3,
        ] {
            long.0.store(len, Relaxed);
            let text = process.read(c"rust_long/long")?;
            assert_eq!(text.len(), len);
            let right = |(index, byte): (usize, &u8)| *byte == Long::byte(index);
            assert!(text.iter().enumerate().all(right));
        }
        Ok(())
    }

    #[test]
    fn text_read_in_pieces_is_of_one_moment() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_moment");
        let value = dir.read_write_file(c"value", Atomic::new(111_111u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        let mut file = process.open(c"rust_moment/value", bindings::O_RDONLY)?;
        assert_eq!(&file.read(2)?[..], b"11");
        value.store(222_222, Relaxed);
        assert_eq!(&file.read(3)?[..], b"111");
        assert_eq!(&file.read(30)?[..], b"1\n");
        assert_eq!(file.read(30)?.len(), 0);
        // From the start it is read again.
        file.position = 0;
        assert_eq!(&file.read(30)?[..], b"222222\n");
        // As it is from a place that was not read up to.
        value.store(333_444, Relaxed);
        file.position = 2;
        assert_eq!(&file.read(30)?[..], b"3444\n");
        file.position = 1000;
        assert_eq!(file.read(30)?.len(), 0);
        Ok(())
    }

    #[test]
    fn each_write_is_a_text_of_its_own() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_writes");
        let value = dir.read_write_file(c"value", Atomic::new(0u32));
        let value = KBox::pin_init(value, GFP_KERNEL)?;
        let mut file = process.open(c"rust_writes/value", bindings::O_RDWR)?;
        assert_eq!(file.write(b"12"), Ok(2));
        assert_eq!(value.load(Relaxed), 12);
        assert_eq!(file.write(b"34"), Ok(2));
        assert_eq!(value.load(Relaxed), 34);
        // The position says nothing, and does not move.
        assert_eq!(file.position, 0);
        file.position = 1 << 40;
        assert_eq!(file.write(b"56"), Ok(2));
        assert_eq!(value.load(Relaxed), 56);
        // But the kernel bounds it.
        file.position = i64::MAX;
        assert_eq!(file.write(b"78"), Err(EINVAL));
        file.position = -1;
        assert_eq!(file.write(b"78"), Err(EINVAL));
        assert_eq!(value.load(Relaxed), 56);
        Ok(())
    }

    #[test]
    fn callbacks_show_and_take() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_callbacks");
        let file = dir.read_write_callback_file(c"rw", Calls::new(), &show_number, &note);
        let calls = KBox::pin_init(file, GFP_KERNEL)?;

        assert_eq!(
            &process.read(c"rust_callbacks/rw")?[..],
            b"called 0 times\n"
        );
        assert_eq!(process.write(c"rust_callbacks/rw", b"yes\xff"), Ok(4));
        assert_eq!(&calls.last.lock()[..], b"yes\xff");
        // Errors come out as they are.
        assert_eq!(process.write(c"rust_callbacks/rw", b"no"), Err(EACCES));
        // A length of 0 is a call, too.
        assert_eq!(process.write(c"rust_callbacks/rw", b""), Ok(0));
        assert!(calls.last.lock().is_empty());
        assert_eq!(
            &process.read(c"rust_callbacks/rw")?[..],
            b"called 3 times\n"
        );
        Ok(())
    }

    #[test]
    fn a_callback_need_not_read_what_it_takes() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_ignore");
        let file = dir.write_callback_file(c"w", Atomic::new(0u32), &|count, _| {
            count.add(1, Relaxed);
            Ok(())
        });
        let count = KBox::pin_init(file, GFP_KERNEL)?;
        assert_eq!(process.write(c"rust_ignore/w", b"anything"), Ok(8));
        // Not even from memory that is there.
        let mut file = process.open(c"rust_ignore/w", bindings::O_WRONLY)?;
        assert_eq!(file.write_from(UserPtr::from_addr(8), 3), Ok(3));
        assert_eq!(count.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn a_callback_that_fails_is_an_error() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_fails");
        let file = dir.read_callback_file(c"r", Atomic::new(true), &|fails, f| {
            f.write_str("begun")?;
            if fails.load(Relaxed) {
                return Err(fmt::Error);
            }
            f.write_str(", done\n")
        });
        let fails = KBox::pin_init(file, GFP_KERNEL)?;
        let mut file = process.open(c"rust_fails/r", bindings::O_RDONLY)?;
        assert_eq!(file.read(100).err(), Some(EIO));
        fails.store(false, Relaxed);
        assert_eq!(&file.read(100)?[..], b"begun, done\n");
        Ok(())
    }

    /// Errors of the formatter that are not passed on do not lead to a text that is cut off.
    #[test]
    fn a_callback_may_not_notice_that_there_is_no_room() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_unnoticed");
        let file = dir.read_callback_file(c"r", 3000usize, &|count, f| {
            for _ in 0..*count {
                let _ = f.write_str("xyz");
            }
            Ok(())
        });
        let _file = KBox::pin_init(file, GFP_KERNEL)?;
        assert_eq!(process.read(c"rust_unnoticed/r")?.len(), 9000);
        Ok(())
    }
}
