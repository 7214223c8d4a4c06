// SPDX-License-Identifier: GPL-2.0

//! Messages that come and go without waiting, and calls that are refused.

use std::fs;
use std::os::fd::AsRawFd;

use guest_programs::{
    direction, ioc, ioctl, ioctl_with, open, outcome, put, read_raw, write_raw, Cases, Cliff,
    Outcome,
};

use crate::calls::*;

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    binding(cases)?;
    sending(cases)?;
    lengths(cases)?;
    bad_memory(cases)?;
    transfers(cases)?;
    bad_ioctls(cases)?;
    many_files(cases)?;
    info(cases)
}

fn binding(cases: &mut Cases) -> Outcome<()> {
    let unbound = Endpoint::open(libc::O_NONBLOCK)?;
    cases.refused("unbound, nothing is read", unbound.read(8), libc::ENODEV);
    cases.refused(
        "unbound, nothing is written",
        unbound.write(b"x"),
        libc::ENODEV,
    );
    cases.refused(
        "unbound, there are no counts",
        unbound.counts(),
        libc::ENODEV,
    );
    cases.refused("unbound, nothing is flushed", unbound.flush(), libc::ENODEV);
    cases.refused(
        "unbound, nothing is sent without a name",
        unbound.send(&Transfer::new(b"x".as_ptr() as usize, 1)),
        libc::ENODEV,
    );
    cases.refused(
        "unbound, nothing is received",
        unbound.receive(&mut Transfer::new(0, 0)),
        libc::ENODEV,
    );
    cases.equal(
        "unbound, poll reports an error",
        unbound.poll(libc::POLLIN | libc::POLLOUT, 0)?,
        libc::POLLERR,
    );

    for (what, name) in [
        ("an empty name", &b""[..]),
        ("the name .", b"."),
        ("the name ..", b".."),
        ("a name with a slash", b"a/b"),
        ("a name with a zero byte inside", b"a\0b"),
        ("a name without an end", &[b'n'; 32]),
    ] {
        cases.refused(
            &format!("{what} is refused"),
            unbound.bind(name),
            libc::EINVAL,
        );
    }
    cases.works("a name of 31 bytes is taken", unbound.bind(&[b'n'; 31]));
    cases.refused("bound is bound", unbound.bind(b"other"), libc::EBUSY);
    cases.refused(
        "with the same name, too",
        unbound.bind(&[b'n'; 31]),
        libc::EBUSY,
    );
    cases.check("the box is listed", boxes()?.contains(&"n".repeat(31)));
    drop(unbound);
    cases.equal("it goes with its last endpoint", boxes()?, String::new());

    let strange = Endpoint::open(0)?;
    cases.works("a name may have any bytes", strange.bind(b"\n\xff \"x"));
    cases.equal("the list has one line on it", boxes()?.lines().count(), 1);
    Ok(())
}

fn sending(cases: &mut Cases) -> Outcome<()> {
    let (one, two) = (Endpoint::nonblocking("a")?, Endpoint::nonblocking("a")?);
    let other = Endpoint::nonblocking("b")?;
    cases.refused("an empty box has nothing", one.read(8), libc::EAGAIN);
    cases.equal("a message is written", one.write(b"hello")?, 5);
    cases.refused("it is in no other box", other.read(8), libc::EAGAIN);
    cases.equal("it is read", two.read(8)?, b"hello".to_vec());
    cases.refused("by one", one.read(8), libc::EAGAIN);
    for text in [b"1", b"2", b"3"] {
        one.write(text)?;
    }
    let counts = two.counts()?;
    cases.equal(
        "three are counted",
        (counts.messages, counts.bytes, counts.users),
        (3, 3, 2),
    );
    let texts = [two.read(8)?, one.read(8)?, two.read(8)?];
    cases.equal("messages come in order", texts.concat(), b"123".to_vec());

    for number in 0..limit("max_messages")? {
        one.write(&[number as u8])?;
    }
    cases.refused("a full box takes no more", one.write(b"x"), libc::EAGAIN);
    cases.refused(
        "nor by an ioctl",
        other.send(&Transfer::new(b"x".as_ptr() as usize, 1).to("a")),
        libc::EAGAIN,
    );
    cases.equal(
        "it can be flushed",
        two.flush()?,
        limit("max_messages")? as usize,
    );
    cases.equal("then there is nothing to flush", two.flush()?, 0);
    cases.refused("nor to read", two.read(8), libc::EAGAIN);

    let discarded = count("discarded")?;
    one.write(b"nobody reads this")?;
    drop((one, two));
    cases.equal(
        "what nobody reads is discarded",
        count("discarded")?,
        discarded + 1,
    );
    cases.refused(
        "a box that is gone takes nothing",
        other.send(&Transfer::new(b"x".as_ptr() as usize, 1).to("a")),
        libc::ENOENT,
    );
    let again = Endpoint::nonblocking("a")?;
    cases.refused(
        "the next box of that name is empty",
        again.read(8),
        libc::EAGAIN,
    );

    let reader = open(DEVICE, libc::O_RDONLY)?;
    cases.refused(
        "a file open for reading can't write",
        write_raw(&reader, 0, 1),
        libc::EBADF,
    );
    let writer = open(DEVICE, libc::O_WRONLY)?;
    cases.refused(
        "a file open for writing can't read",
        read_raw(&writer, 0, 1),
        libc::EBADF,
    );
    Ok(())
}

fn lengths(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("lengths")?;
    let most = limit("max_bytes")? as usize;
    cases.equal("writing nothing does nothing", endpoint.write(b"")?, 0);
    cases.equal("so that nothing is there", endpoint.counts()?.messages, 0);
    for length in [1, 2, 7, 8, 9, 255, most - 1, most] {
        let text: Vec<u8> = (0..length).map(|n| n as u8).collect();
        endpoint.write(&text)?;
        cases.check(
            &format!("{length} bytes stay as they are"),
            endpoint.read(length)? == text,
        );
    }
    cases.refused(
        "one byte too many is refused",
        endpoint.write(&vec![0; most + 1]),
        libc::EMSGSIZE,
    );
    cases.refused(
        "so is a length beyond all bounds",
        write_raw(&endpoint, 0x1000, 1 << 40),
        libc::EMSGSIZE,
    );

    endpoint.write(b"12345678")?;
    cases.equal(
        "reading nothing takes nothing",
        endpoint.read(0)?,
        Vec::new(),
    );
    cases.refused(
        "a buffer too small by one",
        endpoint.read(7),
        libc::EMSGSIZE,
    );
    let mut transfer = Transfer::new(0, 7);
    cases.refused(
        "so is that of an ioctl",
        endpoint.receive(&mut transfer),
        libc::EMSGSIZE,
    );
    cases.equal("it is told how long the message is", transfer.length, 8);
    cases.equal(
        "the message is still there",
        endpoint.read(8)?,
        b"12345678".to_vec(),
    );

    // In several pieces.
    let parts = [&b"one "[..], b"", b"two"].map(|part| libc::iovec {
        iov_base: part.as_ptr().cast_mut().cast(),
        iov_len: part.len(),
    });
    // SAFETY: The pieces are there, and are only read.
    let written = unsafe { libc::writev(endpoint.as_raw_fd(), parts.as_ptr(), 3) };
    cases.equal("pieces make one message", outcome(written)?, 7);
    cases.equal(
        "which is read at once",
        endpoint.read(100)?,
        b"one two".to_vec(),
    );
    // SAFETY: The buffer is there.
    let result = unsafe { libc::pwrite(endpoint.as_raw_fd(), b"x".as_ptr().cast(), 1, 1 << 40) };
    cases.equal("a position does not matter", outcome(result)?, 1);
    endpoint.flush()?;
    Ok(())
}

fn bad_memory(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("memory")?;
    let cliff = Cliff::new()?;
    cases.refused(
        "from nowhere nothing is written",
        write_raw(&endpoint, 8, 8),
        libc::EFAULT,
    );
    cases.refused(
        "nor from across the end",
        write_raw(&endpoint, cliff.before_end(4), 8),
        libc::EFAULT,
    );
    cases.equal(
        "up to the end is fine",
        write_raw(&endpoint, cliff.before_end(8), 8)?,
        8,
    );
    cases.refused(
        "nothing is read to nowhere",
        read_raw(&endpoint, 8, 8),
        libc::EFAULT,
    );
    cases.refused(
        "nor across the end",
        read_raw(&endpoint, cliff.before_end(4), 8),
        libc::EFAULT,
    );
    for (what, address) in [
        ("null", 0),
        ("the kernel's", 0xffff_8000_0000_0000),
        ("the last", usize::MAX),
        ("across the end", cliff.before_end(7)),
    ] {
        cases.refused(
            &format!("receive to {what}"),
            endpoint.receive(&mut Transfer::new(address, 8)),
            libc::EFAULT,
        );
        cases.refused(
            &format!("send from {what}"),
            endpoint.send(&Transfer::new(address, 8)),
            libc::EFAULT,
        );
    }
    cases.equal(
        "the message has survived all this",
        endpoint.counts()?.messages,
        1,
    );
    cases.equal(
        "and is read",
        read_raw(&endpoint, cliff.before_end(8), 8)?,
        8,
    );
    for (what, address) in [("nowhere", 8), ("across the end", cliff.before_end(20))] {
        for (name, request) in [
            ("bind", BIND),
            ("send", SEND),
            ("receive", RECEIVE),
            ("counts", COUNTS),
        ] {
            cases.refused(
                &format!("{name} with its argument {what}"),
                ioctl(&endpoint, request, address),
                libc::EFAULT,
            );
        }
    }
    Ok(())
}

fn transfers(cases: &mut Cases) -> Outcome<()> {
    let (sender, receiver) = (Endpoint::open(0)?, Endpoint::nonblocking("transfers")?);
    let text = *b"by ioctl";
    let message = Transfer::new(text.as_ptr() as usize, 8);
    cases.works(
        "unbound, one can send by name",
        sender.send(&message.clone().to("transfers")),
    );
    sender.bind(b"elsewhere")?;
    let mut buffer = [0u8; 16];
    let mut transfer = Transfer::new(buffer.as_mut_ptr() as usize, 16);
    cases.works("it is received", receiver.receive(&mut transfer));
    cases.equal("as it was", &buffer[..8], &text[..]);
    cases.equal("with its length", transfer.length, 8);
    cases.equal(
        "and its sender",
        transfer.endpoint,
        sender.counts()?.endpoint,
    );
    let mut again = Transfer::new(buffer.as_mut_ptr() as usize, 16);
    cases.refused(
        "there is no other",
        receiver.receive(&mut again),
        libc::EAGAIN,
    );
    cases.works(
        "bound, one can send without a name",
        receiver.send(&message),
    );
    cases.equal("to the own box", receiver.read(16)?, text.to_vec());

    let mut numbered = message.clone();
    numbered.endpoint = 1;
    cases.refused(
        "a sender can't be given",
        receiver.send(&numbered),
        libc::EINVAL,
    );
    cases.refused(
        "nor to receive from",
        receiver.receive(&mut numbered),
        libc::EINVAL,
    );
    let mut named = message.clone().to("transfers");
    cases.refused(
        "nor a box to receive from",
        receiver.receive(&mut named),
        libc::EINVAL,
    );
    cases.refused(
        "an empty message is none",
        sender.send(&Transfer::new(0x1000, 0)),
        libc::EINVAL,
    );
    cases.refused(
        "a length beyond all bounds",
        sender.send(&Transfer::new(0x1000, u32::MAX)),
        libc::EMSGSIZE,
    );
    cases.refused(
        "a box that is not there",
        sender.send(&message.clone().to("none")),
        libc::ENOENT,
    );
    cases.refused(
        "a name that can't be",
        sender.send(&message.to("a/b")),
        libc::EINVAL,
    );
    Ok(())
}

fn bad_ioctls(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("ioctls")?;
    // The right number with another direction, size or group, and numbers that are not in use.
    let mut argument = [0u8; 256];
    for (what, request) in [
        ("bind that reads", ioc(direction::READ, GROUP, 0, 32)),
        ("bind, a byte short", ioc(direction::WRITE, GROUP, 0, 31)),
        ("bind of another group", ioc(direction::WRITE, b'M', 0, 32)),
        ("send that reads, too", ioc(direction::BOTH, GROUP, 1, 48)),
        (
            "receive that does not write",
            ioc(direction::READ, GROUP, 2, 48),
        ),
        ("counts, a word more", ioc(direction::READ, GROUP, 3, 28)),
        ("flush with an argument", ioc(direction::WRITE, GROUP, 4, 4)),
        (
            "the number after the last",
            ioc(direction::NONE, GROUP, 5, 0),
        ),
        ("the highest number", ioc(direction::BOTH, GROUP, 255, 255)),
        ("no number at all", 0),
        ("all ones", 0xffff_ffff),
    ] {
        cases.refused(
            what,
            ioctl_with(&endpoint, request, &mut argument),
            libc::ENOTTY,
        );
    }
    cases.equal("none of them did anything", endpoint.counts()?.messages, 0);
    Ok(())
}

fn many_files(cases: &mut Cases) -> Outcome<()> {
    let before = count("endpoints")?;
    let many: Vec<Endpoint> = (0..300)
        .map(|_| Endpoint::nonblocking("many"))
        .collect::<Outcome<_>>()?;
    cases.equal("300 files are open", count("endpoints")?, before + 300);
    let mut ids: Vec<u32> = many
        .iter()
        .map(|endpoint| Ok(endpoint.counts()?.endpoint))
        .collect::<Outcome<_>>()?;
    ids.sort_unstable();
    ids.dedup();
    cases.equal("each has its own number", ids.len(), 300);
    cases.equal("one box has them all", many[0].counts()?.users, 300);
    drop(many);
    cases.equal("all are closed", count("endpoints")?, before);
    let next = Endpoint::nonblocking("many")?;
    cases.check("numbers are used again", next.counts()?.endpoint < 300);
    Ok(())
}

fn info(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("info")?;
    endpoint.write(b"x")?;
    let fd = endpoint.as_raw_fd();
    let text = fs::read_to_string(format!("/proc/self/fdinfo/{fd}"))?;
    let id = endpoint.counts()?.endpoint;
    cases.check(
        "fdinfo has the number",
        text.contains(&format!("mailbox-endpoint:\t{id}\n")),
    );
    cases.check("fdinfo has the box", text.contains("mailbox-box:\tinfo\n"));
    cases.check(
        "fdinfo has the messages",
        text.contains("mailbox-messages:\t1\n"),
    );
    cases.check(
        "the list has the box",
        boxes()?
            .lines()
            .any(|line| line == "info: 1 users, 1 messages, 1 bytes"),
    );
    let unbound = Endpoint::open(0)?;
    let fd = unbound.as_raw_fd();
    let text = fs::read_to_string(format!("/proc/self/fdinfo/{fd}"))?;
    cases.check(
        "unbound, there is no box in it",
        !text.contains("mailbox-box"),
    );
    cases.check(
        "statistics can't be written",
        put(&format!("{DEBUG}/sent"), "0").is_err(),
    );
    Ok(())
}
