// SPDX-License-Identifier: GPL-2.0

//! Reading, writing and positions; files opened in every way.

use std::os::fd::{AsRawFd, OwnedFd};

use guest_programs::{
    map, open, outcome, read, read_raw, write, write_raw, Cases, Cliff, Errno, Outcome,
};

use crate::{device, get, set, NOWHERE};

/// Reads up to 64 bytes.
pub(crate) fn text(file: &impl AsRawFd) -> Outcome<Vec<u8>> {
    let mut buffer = [0; 64];
    let length = read(file, &mut buffer)?;
    Ok(buffer[..length].to_vec())
}

pub(crate) fn reading_and_writing(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn pread(file: &impl AsRawFd, buffer: &mut [u8], offset: i64) -> Outcome {
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

pub(crate) fn positions(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn bad_buffers(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn sizes(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn what_is_not_there(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn ways_to_open(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn many_files(cases: &mut Cases, path: &str) -> Outcome<()> {
    let files: Vec<OwnedFd> = (0..500).map(|_| device(path)).collect::<Result<_, _>>()?;
    for (number, file) in files.iter().enumerate() {
        set(file, number as i32)?;
    }
    let all = files.iter().enumerate();
    let right = all.filter(|(number, file)| get(*file) == Ok(*number as i32));
    cases.equal("500 files, each with its value", right.count(), 500);
    Ok(())
}
