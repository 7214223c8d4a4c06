// SPDX-License-Identifier: GPL-2.0

//! Ioctls: known and unknown, with good and bad arguments.

use guest_programs::{direction, ioc, ioctl, map, Cases, Cliff, Outcome};

use crate::{device, get, set, GET_VALUE, HELLO, NOWHERE, SET_VALUE};

pub(crate) fn values(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn unknown_numbers(cases: &mut Cases, path: &str) -> Outcome<()> {
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

pub(crate) fn bad_addresses(cases: &mut Cases, path: &str) -> Outcome<()> {
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
