// SPDX-License-Identifier: GPL-2.0

//! Limits, boxes with directories, messages that expire, and what debugfs tells of it all.

use std::fs;
use std::thread::{sleep, spawn};
use std::time::Duration;

use guest_programs::{open, unload, write, Cases, Outcome};

use crate::calls::*;

const LIMITS: [(&str, &str, &str, &str); 4] = [
    ("max_messages", "16", "1", "64"),
    ("max_bytes", "1024", "1", "16384"),
    ("max_boxes", "16", "1", "64"),
    ("lifetime_ms", "0", "0", "3600000"),
];

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    ranges(cases)?;
    in_use(cases)?;
    boxes_at_most(cases)?;
    directories(cases)?;
    lifetimes(cases)?;
    removal(cases)?;
    sums(cases)
}

fn ranges(cases: &mut Cases) -> Outcome<()> {
    for (name, initial, least, most) in LIMITS {
        let before = limit(name)?.to_string();
        cases.equal(&format!("{name} has its default"), &*before, initial);
        for value in [least, most] {
            cases.works(&format!("{name} can be {value}"), set_limit(name, value));
            cases.equal(
                &format!("{name} is {value}"),
                limit(name)?.to_string(),
                value.to_owned(),
            );
        }
        let above = (most.parse().unwrap_or(0u64) + 1).to_string();
        for value in [
            above.as_str(),
            "-1",
            "4294967296",
            "",
            "x",
            "1 2",
            "0x10",
            "\0",
        ] {
            // An empty text is not written at all.
            let refused = if value.is_empty() { "\n" } else { value };
            cases.refused(
                &format!("{name} can't be {refused:?}"),
                set_limit(name, refused),
                libc::EINVAL,
            );
        }
        if least == "1" {
            cases.refused(
                &format!("{name} can't be 0"),
                set_limit(name, "0"),
                libc::EINVAL,
            );
        }
        cases.equal(
            &format!("{name} is as it was"),
            limit(name)?.to_string(),
            most.to_owned(),
        );
        cases.works(
            &format!("{name} takes a line"),
            set_limit(name, &format!(" {initial} \n")),
        );
    }
    let file = open(&format!("{CONFIG}/max_boxes"), libc::O_WRONLY)?;
    cases.refused(
        "writing nothing to a limit",
        write(&file, b""),
        libc::EFAULT,
    );
    Ok(())
}

fn in_use(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("in use")?;
    for _ in 0..16 {
        endpoint.write(b"1234567890")?;
    }
    cases.refused("a box is full", endpoint.write(b"x"), libc::EAGAIN);
    set_limit("max_messages", "17")?;
    cases.equal(
        "a higher limit makes room at once",
        endpoint.write(b"x")?,
        1,
    );
    set_limit("max_messages", "2")?;
    cases.refused("a lower one takes it", endpoint.write(b"x"), libc::EAGAIN);
    cases.equal("what is there stays", endpoint.counts()?.messages, 17);
    set_limit("max_bytes", "4")?;
    cases.equal(
        "long messages, too",
        endpoint.read(16)?,
        b"1234567890".to_vec(),
    );
    cases.refused(
        "new ones must be shorter",
        endpoint.write(b"12345"),
        libc::EMSGSIZE,
    );
    let counts = endpoint.counts()?;
    cases.equal(
        "counts have the limits",
        (counts.most_messages, counts.most_bytes),
        (2, 4),
    );
    endpoint.flush()?;

    let waiting = Endpoint::bound("in use")?;
    endpoint.write(b"1")?;
    endpoint.write(b"2")?;
    let writer = spawn(move || waiting.write(b"3"));
    sleep(Duration::from_millis(50));
    cases.check("a writer waits", !writer.is_finished());
    set_limit("max_messages", "16")?;
    let written = writer.join().unwrap_or(Ok(0))?;
    cases.equal("until the limit is raised", written, 1);
    set_limit("max_bytes", "1024")
}

fn boxes_at_most(cases: &mut Cases) -> Outcome<()> {
    set_limit("max_boxes", "3")?;
    let held: Vec<Endpoint> = ["1", "2", "3"]
        .iter()
        .map(|name| Endpoint::nonblocking(name))
        .collect::<Outcome<_>>()?;
    let endpoint = Endpoint::open(0)?;
    cases.refused("there are enough boxes", endpoint.bind(b"4"), libc::ENOSPC);
    cases.refused("for directories, too", make("4"), libc::ENOSPC);
    cases.works("one that is there can be used", endpoint.bind(b"3"));
    drop(held);
    cases.works("and one that takes the place of another", make("4"));
    remove("4")?;
    set_limit("max_boxes", "16")
}

fn directories(cases: &mut Cases) -> Outcome<()> {
    cases.works("a box can have a directory", make("kept"));
    cases.refused("one", make("kept"), libc::EEXIST);
    let counter =
        || -> Outcome<String> { Ok(fs::read_to_string(format!("{CONFIG}/kept/messages"))?) };
    cases.equal("it is empty", counter()?, "0\n".to_owned());
    Endpoint::nonblocking("kept")?.write(b"x")?;
    cases.equal("it stays without an endpoint", counter()?, "1\n".to_owned());
    let sender = Endpoint::open(0)?;
    let text = *b"y";
    sender.send(&Transfer::new(text.as_ptr() as usize, 1).to("kept"))?;
    cases.equal("it takes messages by name", counter()?, "2\n".to_owned());
    let endpoint = Endpoint::nonblocking("kept")?;
    cases.equal("which are there later", endpoint.read(8)?, b"x".to_vec());
    cases.equal("its users are the two", endpoint.counts()?.users, 2);
    let flush = format!("{CONFIG}/kept/flush");
    cases.refused(
        "flush takes no 0",
        guest_programs::put(&flush, "0"),
        libc::EINVAL,
    );
    cases.works("flush takes a 1", guest_programs::put(&flush, "1\n"));
    cases.equal("and flushes", counter()?, "0\n".to_owned());
    cases.check("flush can't be read", fs::read_to_string(&flush).is_err());
    cases.refused(
        "messages can't be written",
        guest_programs::put(&format!("{CONFIG}/kept/messages"), "0"),
        libc::EACCES,
    );
    cases.refused(
        "in a box there are no boxes",
        make("kept/more"),
        libc::EPERM,
    );

    let file = open(&format!("{CONFIG}/kept/messages"), libc::O_RDONLY)?;
    cases.works(
        "a directory can be removed while its file is open",
        remove("kept"),
    );
    cases.refused(
        "which then tells nothing",
        guest_programs::read(&file, &mut [0; 8]),
        libc::ENOENT,
    );
    endpoint.write(b"z")?;
    cases.equal(
        "the box stays for its endpoint",
        endpoint.read(8)?,
        b"z".to_vec(),
    );

    let long = "n".repeat(31);
    cases.works("a name of 31 bytes", make(&long));
    remove(&long)?;
    cases.refused("a name of 32 bytes", make(&"n".repeat(32)), libc::EINVAL);
    cases.refused(
        "a name that no directory has",
        make(&"n".repeat(256)),
        libc::ENAMETOOLONG,
    );
    cases.refused("the name of an attribute", make("max_bytes"), libc::EEXIST);
    cases.refused(
        "a directory that is not there",
        remove("none"),
        libc::ENOENT,
    );
    cases.refused("an empty name", make(""), libc::EEXIST);
    Ok(())
}

fn lifetimes(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::nonblocking("lifetimes")?;
    let expired = count("expired")?;
    endpoint.write(b"forever")?;
    sleep(Duration::from_millis(150));
    cases.equal(
        "without a lifetime nothing expires",
        count("expired")?,
        expired,
    );
    set_limit("lifetime_ms", "30")?;
    sleep(Duration::from_millis(300));
    cases.equal(
        "a lifetime goes for what is there",
        count("expired")?,
        expired + 1,
    );
    cases.equal(
        "it went without anybody looking",
        endpoint.counts()?.messages,
        0,
    );

    for _ in 0..16 {
        endpoint.write(b"x")?;
    }
    let waiting = Endpoint::bound("lifetimes")?;
    waiting.write(b"y")?;
    cases.check(
        "a writer waits until one expires",
        count("expired")? >= expired + 2,
    );
    set_limit("lifetime_ms", "3600000")?;
    endpoint.flush()?;
    endpoint.write(b"young")?;
    cases.equal(
        "what is young is read",
        endpoint.read(8)?,
        b"young".to_vec(),
    );
    set_limit("lifetime_ms", "1")?;
    endpoint.write(b"old")?;
    sleep(Duration::from_millis(5));
    cases.refused("what is old is not", endpoint.read(8), libc::EAGAIN);
    set_limit("lifetime_ms", "0")
}

fn removal(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::open(0)?;
    cases.refused(
        "with a file open the module stays",
        unload("mailbox"),
        libc::EAGAIN,
    );
    drop(endpoint);
    make("item")?;
    cases.refused(
        "with a directory the module stays",
        unload("mailbox"),
        libc::EAGAIN,
    );
    remove("item")?;
    let file = open(&format!("{CONFIG}/max_boxes"), libc::O_RDONLY)?;
    cases.refused(
        "with a limit open the module stays",
        unload("mailbox"),
        libc::EAGAIN,
    );
    drop(file);
    Ok(())
}

/// Nothing is going on any more.
fn sums(cases: &mut Cases) -> Outcome<()> {
    cases.equal("all files are closed", count("endpoints")?, 0);
    cases.equal("all boxes are gone", boxes()?, String::new());
    cases.equal("no message is left", count("waiting")?, 0);
    let ends = ["received", "expired", "flushed", "discarded"];
    let sum = ends.iter().map(|end| count(end)).sum::<Outcome<u64>>()?;
    cases.equal("each message has come to an end", sum, count("sent")?);
    Ok(())
}
