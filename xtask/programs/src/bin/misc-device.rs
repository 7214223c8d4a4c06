// SPDX-License-Identifier: GPL-2.0

//! Uses the device of `samples/rust/rust_misc_device.rs`, well and badly.
//!
//! `misc-device MODULE FILE` with the module loaded; `misc-device race MODULE.ko FILE` without.

use std::os::fd::{AsRawFd, OwnedFd};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use guest_programs::{
    direction, ioc, ioctl, ioctl_with, load, map, open, outcome, read, read_raw, unload, write,
    write_raw, Cases, Cliff, Errno, Outcome,
};

const HELLO: u64 = ioc(direction::NONE, b'|', 0x80, 0);
const GET_VALUE: u64 = ioc(direction::READ, b'|', 0x81, 4);
const SET_VALUE: u64 = ioc(direction::WRITE, b'|', 0x82, 4);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut cases = Cases::new();
    let done = match words.as_slice() {
        ["race", module, path] => race(&mut cases, module, path),
        [module, path] => use_device(&mut cases, module, path),
        _ => {
            eprintln!("usage: misc-device [race] MODULE FILE");
            return ExitCode::from(2);
        }
    };
    cases.works("the cases come to their end", done);
    cases.finish("misc-device")
}

fn use_device(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    values(cases, path)?;
    unknown_numbers(cases, path)?;
    bad_addresses(cases, path)?;
    reading_and_writing(cases, path)?;
    positions(cases, path)?;
    bad_buffers(cases, path)?;
    sizes(cases, path)?;
    what_is_not_there(cases, path)?;
    ways_to_open(cases, path)?;
    many_files(cases, path)?;
    threads(cases, path)?;
    closing_under_an_ioctl(cases, path)?;
    killed(cases, path)?;
    removal(cases, module, path)
}

fn device(path: &str) -> Outcome<OwnedFd> {
    open(path, libc::O_RDWR)
}

fn get(file: &impl AsRawFd) -> Outcome<i32> {
    let mut value = 0;
    ioctl_with(file, GET_VALUE, &mut value)?;
    Ok(value)
}

fn set(file: &impl AsRawFd, mut value: i32) -> Outcome {
    ioctl_with(file, SET_VALUE, &mut value)
}

fn values(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    cases.equal("hello is understood", ioctl(&file, HELLO, 0), Ok(0));
    cases.equal(
        "hello ignores its argument",
        ioctl(&file, HELLO, usize::MAX),
        Ok(0),
    );
    cases.equal("a new file has the value 0", get(&file), Ok(0));
    for value in [1, -1, i32::MAX, i32::MIN] {
        set(&file, value)?;
        cases.equal(&format!("the value {value} is kept"), get(&file), Ok(value));
    }
    let other = device(path)?;
    cases.equal("another file has its own value", get(&other), Ok(0));
    cases.equal("the first keeps its", get(&file), Ok(i32::MIN));
    Ok(())
}

fn unknown_numbers(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    set(&file, 7)?;
    let mut memory = [0_u64; 2048];
    let address = memory.as_mut_ptr() as usize;
    for (what, request) in [
        ("no number", 0),
        ("all bits", u64::from(u32::MAX)),
        ("the number before", ioc(direction::NONE, b'|', 0x7f, 0)),
        ("the number after", ioc(direction::WRITE, b'|', 0x83, 4)),
        ("another group", ioc(direction::READ, b'}', 0x81, 4)),
        ("a get of no bytes", ioc(direction::READ, b'|', 0x81, 0)),
        ("a get of 3 bytes", ioc(direction::READ, b'|', 0x81, 3)),
        ("a get of 8 bytes", ioc(direction::READ, b'|', 0x81, 8)),
        (
            "a get of 16383 bytes",
            ioc(direction::READ, b'|', 0x81, 16383),
        ),
        ("a get that writes", ioc(direction::WRITE, b'|', 0x81, 4)),
        ("a get in both ways", ioc(direction::BOTH, b'|', 0x81, 4)),
        ("a set of 2 bytes", ioc(direction::WRITE, b'|', 0x82, 2)),
        ("a set of 8 bytes", ioc(direction::WRITE, b'|', 0x82, 8)),
        ("a set that reads", ioc(direction::READ, b'|', 0x82, 4)),
        ("a hello of 4 bytes", ioc(direction::READ, b'|', 0x80, 4)),
    ] {
        let result = ioctl(&file, request, address);
        cases.refused(&format!("{what} is unknown"), result, libc::ENOTTY);
    }
    cases.check(
        "unknown numbers write nothing",
        memory.iter().all(|&word| word == 0),
    );
    cases.equal("unknown numbers set nothing", get(&file), Ok(7));
    cases.equal(
        "the kernel looks at 32 bits of a number",
        ioctl(&file, HELLO | 1 << 32, 0),
        Ok(0),
    );
    Ok(())
}

/// Addresses that nothing can be read from, nor written to.
const NOWHERE: [(&str, usize); 5] = [
    ("null", 0),
    ("an address in the first page", 4),
    ("the last address", usize::MAX),
    ("an address that wraps around", usize::MAX - 2),
    ("an address of the kernel's half", 1 << 63),
];

fn bad_addresses(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    set(&file, 1234)?;
    for (what, address) in NOWHERE {
        let result = ioctl(&file, GET_VALUE, address);
        cases.refused(&format!("get at {what}"), result, libc::EFAULT);
        let result = ioctl(&file, SET_VALUE, address);
        cases.refused(&format!("set at {what}"), result, libc::EFAULT);
    }

    let cliff = Cliff::new()?;
    for missing in 0..4 {
        let address = cliff.before_end(missing);
        let what = format!("with {missing} bytes of 4");
        let result = ioctl(&file, GET_VALUE, address);
        cases.refused(&format!("get {what}"), result, libc::EFAULT);
        let result = ioctl(&file, SET_VALUE, address);
        cases.refused(&format!("set {what}"), result, libc::EFAULT);
    }
    cases.equal("what fails sets nothing", get(&file), Ok(1234));

    let last = cliff.before_end(4);
    cases.equal(
        "get at the end of a page",
        ioctl(&file, GET_VALUE, last),
        Ok(0),
    );
    set(&file, 0)?;
    cases.equal(
        "set at the end of a page",
        ioctl(&file, SET_VALUE, last),
        Ok(0),
    );
    cases.equal("it has arrived", get(&file), Ok(1234));
    cases.equal(
        "an odd address will do",
        ioctl(&file, GET_VALUE, cliff.before_end(7)),
        Ok(0),
    );

    let page = map(
        &-1,
        Cliff::PAGE,
        libc::PROT_READ,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        0,
    )?;
    let result = ioctl(&file, GET_VALUE, page);
    cases.refused("get to memory that is read-only", result, libc::EFAULT);
    cases.equal("set from it", ioctl(&file, SET_VALUE, page), Ok(0));
    cases.equal("has set zero", get(&file), Ok(0));
    Ok(())
}

/// Reads up to 64 bytes.
fn text(file: &impl AsRawFd) -> Outcome<Vec<u8>> {
    let mut buffer = [0; 64];
    let length = read(file, &mut buffer)?;
    Ok(buffer[..length].to_vec())
}

fn reading_and_writing(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    cases.equal("a new file is empty", text(&file), Ok(vec![]));
    cases.equal("a write is taken", write(&file, b"hello"), Ok(5));
    cases.equal(
        "and read from its beginning",
        text(&file),
        Ok(b"hello".to_vec()),
    );
    cases.equal("after it comes the end", text(&file), Ok(vec![]));
    cases.equal("a write replaces", write(&file, b"bye"), Ok(3));
    let mut two = [0; 2];
    cases.equal("two bytes at a time", read(&file, &mut two), Ok(2));
    cases.equal("are the first", &two, b"by");
    cases.equal("then what is left", read(&file, &mut two), Ok(1));
    cases.equal("is the last", &two, b"ey");
    cases.equal("a read of nothing", read(&file, &mut []), Ok(0));
    cases.equal("a write of nothing", write(&file, b""), Ok(0));
    cases.equal("leaves nothing", text(&file), Ok(vec![]));

    write(&file, b"mine")?;
    cases.equal("another file is empty", text(&device(path)?), Ok(vec![]));

    // SAFETY: The descriptor is open.
    let twin = guest_programs::owned(unsafe { libc::dup(file.as_raw_fd()) })?;
    drop(file);
    cases.equal(
        "a duplicate keeps the file open",
        text(&twin),
        Ok(b"mine".to_vec()),
    );

    let pieces: [&[u8]; 4] = [b"ab", b"", b"c", b"def"];
    let pieces = pieces.map(|piece| libc::iovec {
        iov_base: piece.as_ptr().cast_mut().cast(),
        iov_len: piece.len(),
    });
    // SAFETY: The pieces are alive, and only read.
    let written = unsafe { libc::writev(twin.as_raw_fd(), pieces.as_ptr(), 4) };
    cases.equal("pieces are written as one", outcome(written), Ok(6));
    cases.equal("and read as one", text(&twin), Ok(b"abcdef".to_vec()));
    Ok(())
}

fn pread(file: &impl AsRawFd, buffer: &mut [u8], offset: i64) -> Outcome {
    // SAFETY: The buffer is writable for its length.
    outcome(unsafe {
        libc::pread(
            file.as_raw_fd(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            offset,
        )
    })
}

fn pwrite(file: &impl AsRawFd, bytes: &[u8], offset: i64) -> Outcome {
    // SAFETY: The bytes are readable.
    outcome(unsafe { libc::pwrite(file.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), offset) })
}

fn positions(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    write(&file, b"0123456789")?;
    let mut buffer = [0; 4];
    for (offset, expected) in [
        (0, Ok(4)),
        (7, Ok(3)),
        (9, Ok(1)),
        (10, Ok(0)),
        (11, Ok(0)),
        (1 << 32, Ok(0)),
        (i64::MAX - 4, Ok(0)),
        (i64::MAX - 3, Err(Errno(libc::EINVAL))),
        (i64::MAX, Err(Errno(libc::EINVAL))),
        (-1, Err(Errno(libc::EINVAL))),
        (i64::MIN, Err(Errno(libc::EINVAL))),
    ] {
        let result = pread(&file, &mut buffer, offset);
        cases.equal(&format!("pread at {offset}"), result, expected);
    }
    pread(&file, &mut buffer, 3)?;
    cases.equal("pread reads from there", &buffer, b"3456");
    cases.equal("and moves nothing", text(&file), Ok(b"0123456789".to_vec()));
    cases.equal(
        "pwrite replaces, wherever",
        pwrite(&file, b"new", 1 << 40),
        Ok(3),
    );
    cases.equal("pread finds it", pread(&file, &mut buffer, 0), Ok(3));
    cases.refused("pwrite at -1", pwrite(&file, b"x", -1), libc::EINVAL);
    cases.refused(
        "pwrite at the end of all",
        pwrite(&file, b"x", i64::MAX),
        libc::EINVAL,
    );
    for (offset, whence) in [
        (0, libc::SEEK_SET),
        (1, libc::SEEK_CUR),
        (i64::MAX, libc::SEEK_END),
    ] {
        // SAFETY: Seeking touches no memory.
        let result = outcome(unsafe { libc::lseek(file.as_raw_fd(), offset, whence) } as isize);
        cases.refused(&format!("lseek({offset}, {whence})"), result, libc::ESPIPE);
    }
    Ok(())
}

fn bad_buffers(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    write(&file, b"0123456789")?;
    for (what, address) in NOWHERE {
        let result = read_raw(&file, address, 4);
        cases.refused(&format!("read to {what}"), result, libc::EFAULT);
    }
    cases.equal(
        "what fails does not move on",
        text(&file),
        Ok(b"0123456789".to_vec()),
    );

    let cliff = Cliff::new()?;
    let file = device(path)?;
    write(&file, b"0123456789")?;
    let result = read_raw(&file, cliff.before_end(0), 4);
    cases.refused("read beyond a page", result, libc::EFAULT);
    let result = read_raw(&file, cliff.before_end(3), 10);
    cases.equal("read across the end of a page", result, Ok(3));
    cases.equal(
        "goes on where it ended",
        text(&file),
        Ok(b"3456789".to_vec()),
    );

    // The sample takes what it can get, be it nothing.
    let result = write_raw(&file, cliff.before_end(3), 10);
    cases.equal("write across the end of a page", result, Ok(3));
    cases.equal("takes what is there", text(&file), Ok(b"012".to_vec()));
    let result = write_raw(&file, cliff.before_end(0), 10);
    cases.equal("write from beyond a page", result, Ok(0));
    cases.equal("takes nothing", text(&file), Ok(vec![]));
    for length in [usize::MAX, 1 << 63] {
        let result = read_raw(&file, cliff.before_end(8), length);
        cases.refused(&format!("read of {length} bytes"), result, libc::EFAULT);
        let result = write_raw(&file, cliff.before_end(8), length);
        cases.refused(&format!("write of {length} bytes"), result, libc::EFAULT);
    }
    Ok(())
}

fn sizes(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    for size in [1, 4095, 4096, 4097, 65_537, 3 << 20] {
        let bytes: Vec<u8> = (0..size).map(|at: usize| ((at * 31) >> 3) as u8).collect();
        let written = write(&file, &bytes);
        let mut back = vec![0; size + 1];
        let mut length = 0;
        loop {
            // Odd steps, to meet the ends of pages in all ways.
            let step = (size / 3 + 1).min(back.len() - length);
            match read(&file, &mut back[length..length + step])? {
                0 => break,
                more => length += more,
            }
        }
        cases.check(
            &format!("{size} bytes come back"),
            written == Ok(size) && back[..length] == bytes,
        );
    }
    Ok(())
}

fn what_is_not_there(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    for (what, length, protection, flags, offset) in [
        ("shared", 4096, libc::PROT_READ, libc::MAP_SHARED, 0),
        (
            "private",
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE,
            0,
        ),
        ("to execute", 1, libc::PROT_EXEC, libc::MAP_PRIVATE, 0),
        ("far out", 4096, libc::PROT_READ, libc::MAP_SHARED, 1 << 40),
    ] {
        let result = map(&file, length, protection, flags, offset);
        cases.refused(&format!("a mapping, {what}"), result, libc::ENODEV);
    }
    let result = map(&file, 0, libc::PROT_READ, libc::MAP_SHARED, 0);
    cases.refused("a mapping of nothing", result, libc::EINVAL);

    let mut poll = libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN | libc::POLLOUT | libc::POLLPRI,
        revents: 0,
    };
    // SAFETY: There is one entry.
    let ready = outcome(unsafe { libc::poll(&mut poll, 1, 0) } as isize);
    cases.equal("poll says something", ready, Ok(1));
    cases.equal(
        "namely that all is possible",
        poll.revents,
        libc::POLLIN | libc::POLLOUT,
    );

    // SAFETY: It takes no memory.
    let epoll = guest_programs::owned(unsafe { libc::epoll_create1(0) })?;
    let mut event = libc::epoll_event { events: 1, u64: 0 };
    // SAFETY: The event is readable.
    let result = outcome(unsafe {
        libc::epoll_ctl(
            epoll.as_raw_fd(),
            libc::EPOLL_CTL_ADD,
            file.as_raw_fd(),
            &mut event,
        )
    } as isize);
    cases.refused("epoll wants a file that polls", result, libc::EPERM);

    let mut ends = [0; 2];
    // SAFETY: There is room for two descriptors.
    outcome(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } as isize)?;
    let [from, to] = ends.map(guest_programs::owned);
    let (_from, to) = (from?, to?);
    let nowhere = std::ptr::null_mut();
    // SAFETY: The positions may be null.
    let result =
        outcome(unsafe { libc::splice(file.as_raw_fd(), nowhere, to.as_raw_fd(), nowhere, 64, 0) });
    cases.refused("there is no splicing", result, libc::EINVAL);

    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", file.as_raw_fd()))?;
    cases.check("fdinfo has what all files have", info.starts_with("pos:"));
    Ok(())
}

fn ways_to_open(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = open(path, libc::O_RDONLY)?;
    cases.refused(
        "no write to what is read-only",
        write(&file, b"x"),
        libc::EBADF,
    );
    cases.equal("but ioctls", set(&file, 5).and_then(|_| get(&file)), Ok(5));
    let file = open(path, libc::O_WRONLY)?;
    cases.refused("no read of what is write-only", text(&file), libc::EBADF);
    cases.equal("but writes", write(&file, b"x"), Ok(1));
    let file = open(path, libc::O_PATH)?;
    cases.refused("no ioctl on a mere path", get(&file), libc::EBADF);
    // This one is open for a moment: C looks at what it can do afterwards.
    cases.refused(
        "no direct access",
        open(path, libc::O_RDWR | libc::O_DIRECT),
        libc::EINVAL,
    );
    let flags = libc::O_CREAT | libc::O_EXCL;
    cases.refused("it exists already", open(path, flags), libc::EEXIST);
    let result = open(&format!("{path}/below"), libc::O_RDWR);
    cases.refused("it is no directory", result, libc::ENOTDIR);
    let file = open(
        path,
        libc::O_RDWR | libc::O_NONBLOCK | libc::O_APPEND | libc::O_TRUNC,
    )?;
    cases.equal("other flags have no meaning", write(&file, b"x"), Ok(1));
    Ok(())
}

fn many_files(cases: &mut Cases, path: &str) -> Outcome<()> {
    let files: Vec<OwnedFd> = (0..500).map(|_| device(path)).collect::<Result<_, _>>()?;
    for (number, file) in files.iter().enumerate() {
        set(file, number as i32)?;
    }
    let all = files.iter().enumerate();
    let right = all.filter(|(number, file)| get(*file) == Ok(*number as i32));
    cases.equal("500 files, each with its value", right.count(), 500);
    Ok(())
}

fn threads(cases: &mut Cases, path: &str) -> Outcome<()> {
    let file = device(path)?;
    let torn = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..4_u8 {
            let (file, torn) = (&file, &torn);
            scope.spawn(move || {
                for round in 0..100 {
                    let length = 1 + usize::from(number) * 5000;
                    let done = write(file, &vec![number; length]).is_ok_and(|it| it == length);
                    let mut back = vec![0xff; 20_000];
                    // Where this reads from depends on the others, but not that it is of one write.
                    let back = match pread(file, &mut back, round % 2) {
                        Ok(length) => &back[..length],
                        Err(_) => &[0, 1][..],
                    };
                    let of_one = back.iter().all(|byte| *byte == back[0]);
                    let value = set(file, i32::from(number) * 0x0101_0101)
                        .and_then(|_| get(file))
                        .unwrap_or(1);
                    let of_one_value = value.to_ne_bytes() == [value as u8; 4];
                    if !(done && of_one && of_one_value) {
                        torn.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    cases.equal(
        "four threads on one file see whole writes",
        torn.into_inner(),
        0,
    );
    Ok(())
}

/// A number that stands for one file after another.
struct Shared(AtomicI32);

impl AsRawFd for Shared {
    fn as_raw_fd(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }
}

fn closing_under_an_ioctl(cases: &mut Cases, path: &str) -> Outcome<()> {
    let end = Instant::now() + Duration::from_millis(500);
    let (odd, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let shared = Shared(AtomicI32::new(-1));
    thread::scope(|scope| {
        for number in 0..2 {
            let (shared, odd, done) = (&shared, &odd, &done);
            scope.spawn(move || {
                while Instant::now() < end {
                    let result = match number {
                        0 => set(shared, 3),
                        _ => write(shared, b"some text"),
                    };
                    match result {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(Errno(libc::EBADF)) => 0,
                        Err(_) => odd.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        while Instant::now() < end {
            match device(path) {
                Ok(file) => {
                    shared.0.store(file.as_raw_fd(), Ordering::Relaxed);
                    thread::yield_now();
                }
                Err(_) => {
                    odd.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    cases.equal("files closed under an ioctl", odd.into_inner(), 0);
    cases.check("some of those got through", done.into_inner() > 0);
    Ok(())
}

fn killed(cases: &mut Cases, path: &str) -> Outcome<()> {
    let mut ends = 0;
    for round in 0..10 {
        // SAFETY: There are no other threads here, so the child may do what it likes.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let Ok(file) = device(path) else {
                std::process::exit(1)
            };
            let bytes = vec![0; 100_000];
            loop {
                let _ = write(&file, &bytes);
                let _ = set(&file, 1);
                let _ = text(&file);
            }
        }
        outcome(child as isize)?;
        thread::sleep(Duration::from_millis(5 + round));
        // SAFETY: The child is there until it is waited for.
        outcome(unsafe { libc::kill(child, libc::SIGKILL) } as isize)?;
        let mut status = 0;
        // SAFETY: The status is writable.
        outcome(unsafe { libc::waitpid(child, &mut status, 0) } as isize)?;
        let by_signal = libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL;
        ends += usize::from(by_signal);
    }
    cases.equal("processes killed while they use it", ends, 10);
    Ok(())
}

fn removal(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    let file = device(path)?;
    set(&file, 77)?;
    let refused = |cases: &mut Cases, what: &str| {
        cases.refused(
            &format!("no removal {what}"),
            unload(module),
            libc::EWOULDBLOCK,
        );
    };
    refused(cases, "with a file open");
    let other = device(path)?;
    drop(other);
    refused(cases, "when another one was closed");
    cases.equal("the file is as it was", get(&file), Ok(77));

    // A file that a child has inherited.
    // SAFETY: There are no other threads here.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }
    outcome(child as isize)?;
    drop(file);
    refused(cases, "with a file open in another process");
    // SAFETY: The child is there until it is waited for.
    outcome(unsafe { libc::kill(child, libc::SIGKILL) } as isize)?;
    // SAFETY: The status may be null.
    outcome(unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) } as isize)?;

    // An open that fails late must not leave a count behind, nor take one too many.
    for _ in 0..10 {
        let _ = open(path, libc::O_RDWR | libc::O_DIRECT);
    }
    let count = std::fs::read_to_string(format!("/sys/module/{module}/refcnt"))?;
    cases.equal("nobody uses the module", count.trim(), "0");
    Ok(())
}

/// Has some threads use the device while the module comes and goes.
fn race(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    let name = module.rsplit('/').next().unwrap_or(module);
    let name = name.trim_end_matches(".ko");
    let stop = AtomicBool::new(false);
    let (opened, odd) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (mut loads, mut removals, mut busy) = (0, 0, 0);
    let done = thread::scope(|scope| {
        for _ in 0..3 {
            let (stop, opened, odd) = (&stop, &opened, &odd);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let right = match device(path) {
                        Ok(file) => {
                            opened.fetch_add(1, Ordering::Relaxed);
                            set(&file, 9).and_then(|_| get(&file)) == Ok(9)
                                && write(&file, b"text") == Ok(4)
                                && text(&file) == Ok(b"text".to_vec())
                        }
                        // Not there, going, or not ready yet.
                        Err(Errno(errno)) => matches!(
                            errno,
                            libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::EBUSY
                        ),
                    };
                    odd.fetch_add(usize::from(!right), Ordering::Relaxed);
                    thread::yield_now();
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(3);
        let done = (|| {
            while Instant::now() < end {
                load(module, "")?;
                loads += 1;
                thread::sleep(Duration::from_millis(2));
                while let Err(error) = unload(name) {
                    if error.0 != libc::EWOULDBLOCK {
                        return Err(error);
                    }
                    busy += 1;
                    thread::yield_now();
                }
                removals += 1;
            }
            Ok(())
        })();
        stop.store(true, Ordering::Relaxed);
        done
    });
    cases.works("the module is loaded and removed under its users", done);
    cases.check(
        &format!("{loads} times loaded, {removals} removed, {busy} times in use"),
        loads > 1 && loads == removals,
    );
    cases.check(
        &format!(
            "{} files were opened meanwhile",
            opened.load(Ordering::Relaxed)
        ),
        opened.load(Ordering::Relaxed) > 0,
    );
    cases.equal("each worked as long as it was open", odd.into_inner(), 0);
    Ok(())
}
