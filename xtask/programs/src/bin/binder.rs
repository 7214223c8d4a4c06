// SPDX-License-Identifier: GPL-2.0

//! Two processes call each other through Binder.
//!
//! `binder DEVICE`. The one becomes the context manager; the other calls it, and gets as an answer some
//! bytes and a descriptor, of a pipe that there is something to read from. In the end the caller exits
//! with a call under way, so that Binder has to clean up.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process::ExitCode;
use std::ptr;

use guest_programs::{ioctl_with, map, open, owned, read, write, Cases, Errno, Outcome};

const MAPPED: usize = 128 * 1024;

/// The number of a command: `_IOC` of `include/uapi/asm-generic/ioctl.h`.
const fn command(direction: u32, kind: u8, number: u32, size: usize) -> u32 {
    direction << 30 | (size as u32) << 16 | (kind as u32) << 8 | number
}

const fn write_only(kind: u8, number: u32, size: usize) -> u32 {
    command(1, kind, number, size)
}

const fn read_only(kind: u8, number: u32, size: usize) -> u32 {
    command(2, kind, number, size)
}

const BINDER_WRITE_READ: u32 = command(3, b'b', 1, size_of::<WriteRead>());
const BINDER_SET_CONTEXT_MGR: u32 = write_only(b'b', 7, 4);
const BINDER_VERSION: u32 = command(3, b'b', 9, 4);

const BC_TRANSACTION: u32 = write_only(b'c', 0, size_of::<Transaction>());
const BC_REPLY: u32 = write_only(b'c', 1, size_of::<Transaction>());
const BC_FREE_BUFFER: u32 = write_only(b'c', 3, 8);
const BC_ENTER_LOOPER: u32 = command(0, b'c', 12, 0);

const BR_TRANSACTION: u32 = read_only(b'r', 2, size_of::<Transaction>());
const BR_REPLY: u32 = read_only(b'r', 3, size_of::<Transaction>());
const BR_DEAD_REPLY: u32 = command(0, b'r', 5, 0);
const BR_FAILED_REPLY: u32 = command(0, b'r', 17, 0);

/// Descriptors may be part of the answer.
const TF_ACCEPT_FDS: u32 = 0x10;
const BINDER_TYPE_FD: u32 = u32::from_be_bytes([b'f', b'd', b'*', 0x85]);

/// The caller's question, and what it is answered.
const QUESTION: &[u8; 8] = b"are you?";
const ANSWER: &[u8; 8] = b"I am one";
const PIPED: &[u8] = b"through the pipe";
const CODE: u32 = 7;

/// `struct binder_write_read`.
#[repr(C)]
struct WriteRead {
    write_size: u64,
    write_consumed: u64,
    write_buffer: u64,
    read_size: u64,
    read_consumed: u64,
    read_buffer: u64,
}

/// `struct binder_transaction_data`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Transaction {
    target: u64,
    cookie: u64,
    code: u32,
    flags: u32,
    sender_pid: i32,
    sender_euid: u32,
    data_size: u64,
    offsets_size: u64,
    buffer: u64,
    offsets: u64,
}

/// The data of an answer: bytes, and a `struct binder_fd_object`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Answer {
    text: [u8; 8],
    kind: u32,
    flags: u32,
    fd: u32,
    unused: u32,
    cookie: u64,
}

/// An open device, with the memory that calls to this process arrive in.
struct Binder {
    fd: OwnedFd,
}

impl Binder {
    fn open(path: &str) -> Outcome<Self> {
        let fd = open(path, libc::O_RDWR)?;
        map(&fd, MAPPED, libc::PROT_READ, libc::MAP_PRIVATE, 0)?;
        Ok(Self { fd })
    }

    /// Sends commands and, unless `receive` is empty, waits for what comes; returns how much.
    fn exchange(&self, commands: &[u8], receive: &mut [u8]) -> Outcome<usize> {
        let mut request = WriteRead {
            write_size: commands.len() as u64,
            write_consumed: 0,
            write_buffer: commands.as_ptr() as u64,
            read_size: receive.len() as u64,
            read_consumed: 0,
            read_buffer: receive.as_mut_ptr() as u64,
        };
        ioctl_with(&self.fd, u64::from(BINDER_WRITE_READ), &mut request)?;
        Ok(request.read_consumed as usize)
    }

    /// Sends `commands`, and waits until `wanted` comes; the other ones need no answer here.
    fn until(&self, commands: &[u8], wanted: u32) -> Outcome<Transaction> {
        let mut commands = commands;
        let mut received = [0u8; 512];
        loop {
            let length = self.exchange(commands, &mut received)?;
            commands = &[];
            let mut rest = &received[..length];
            while let Some((number, after)) = rest.split_first_chunk::<4>() {
                let number = u32::from_ne_bytes(*number);
                let size = (number >> 16 & 0x3fff) as usize;
                if number == wanted {
                    let bytes = after.get(..size).ok_or(Errno(libc::EPROTO))?;
                    // SAFETY: There are as many bytes as the structure has, and any make one.
                    return Ok(unsafe { bytes.as_ptr().cast::<Transaction>().read_unaligned() });
                }
                if matches!(number, BR_DEAD_REPLY | BR_FAILED_REPLY) {
                    return Err(Errno(libc::EREMOTEIO));
                }
                rest = after.get(size..).ok_or(Errno(libc::EPROTO))?;
            }
        }
    }

    /// Gives the memory of a call back.
    fn free(&self, transaction: &Transaction) -> Outcome<()> {
        let commands = [
            &BC_FREE_BUFFER.to_ne_bytes()[..],
            &transaction.buffer.to_ne_bytes(),
        ];
        self.exchange(&commands.concat(), &mut []).map(drop)
    }
}

/// The bytes of a command with its transaction.
fn transaction(number: u32, transaction: &Transaction) -> Vec<u8> {
    let start = ptr::from_ref(transaction).cast::<u8>();
    // SAFETY: The structure has no gaps.
    let bytes = unsafe { std::slice::from_raw_parts(start, size_of::<Transaction>()) };
    [&number.to_ne_bytes()[..], bytes].concat()
}

fn question() -> Transaction {
    Transaction {
        code: CODE,
        flags: TF_ACCEPT_FDS,
        data_size: QUESTION.len() as u64,
        buffer: QUESTION.as_ptr() as u64,
        ..Default::default()
    }
}

/// The caller: asks, looks at the answer, and asks again without waiting.
fn call(path: &str) -> Outcome<bool> {
    let binder = Binder::open(path)?;
    let reply = binder.until(&transaction(BC_TRANSACTION, &question()), BR_REPLY)?;
    if reply.data_size != size_of::<Answer>() as u64 || reply.offsets_size != 8 {
        return Ok(false);
    }
    // SAFETY: Binder has put as many bytes there, in memory that is mapped.
    let answer = unsafe { (reply.buffer as *const Answer).read_unaligned() };
    // SAFETY: Binder has opened the descriptor for this process.
    let pipe = unsafe { OwnedFd::from_raw_fd(answer.fd as RawFd) };
    let mut piped = [0; 64];
    let length = read(&pipe, &mut piped)?;
    let good = answer.text == *ANSWER
        && answer.kind == BINDER_TYPE_FD
        && answer.fd != u32::MAX
        && piped[..length] == *PIPED;
    binder.free(&reply)?;
    binder.exchange(&transaction(BC_TRANSACTION, &question()), &mut [])?;
    Ok(good)
}

fn pipe() -> Outcome<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: There is room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } < 0 {
        return Err(Errno::last());
    }
    Ok((owned(ends[0])?, owned(ends[1])?))
}

/// Waits for a question, and checks what there is to know of it.
fn asked(cases: &mut Cases, binder: &Binder, caller: i32) -> Outcome<Transaction> {
    let call = binder.until(&[], BR_TRANSACTION)?;
    cases.equal("the call has its code", call.code, CODE);
    cases.equal("the caller is known", call.sender_pid, caller);
    // SAFETY: Binder has put as many bytes there, in memory that is mapped.
    let data =
        unsafe { std::slice::from_raw_parts(call.buffer as *const u8, call.data_size as usize) };
    cases.equal("the data arrives", data, &QUESTION[..]);
    Ok(call)
}

/// The context manager: answers one call, and lets the other go.
fn serve(cases: &mut Cases, binder: &Binder, caller: i32) -> Outcome<()> {
    let call = asked(cases, binder, caller)?;
    binder.free(&call)?;

    let (reader, writer) = pipe()?;
    write(&writer, PIPED)?;
    let answer = Answer {
        text: *ANSWER,
        kind: BINDER_TYPE_FD,
        flags: 0,
        fd: reader.as_raw_fd() as u32,
        unused: 0,
        cookie: 0,
    };
    let offsets = [8u64];
    let reply = Transaction {
        flags: TF_ACCEPT_FDS,
        data_size: size_of::<Answer>() as u64,
        offsets_size: 8,
        buffer: ptr::from_ref(&answer) as u64,
        offsets: offsets.as_ptr() as u64,
        ..Default::default()
    };
    let mut received = [0; 64];
    binder.exchange(&transaction(BC_REPLY, &reply), &mut received)?;

    let call = asked(cases, binder, caller)?;
    binder.free(&call)
}

fn run(cases: &mut Cases, path: &str) -> Outcome<()> {
    let mut version = 0i32;
    let binder = Binder::open(path)?;
    ioctl_with(&binder.fd, u64::from(BINDER_VERSION), &mut version)?;
    cases.equal("the protocol is that of 64 bits", version, 8);
    let mut object = 0i32;
    ioctl_with(&binder.fd, u64::from(BINDER_SET_CONTEXT_MGR), &mut object)?;
    let again = ioctl_with(&binder.fd, u64::from(BINDER_SET_CONTEXT_MGR), &mut object);
    cases.refused("there is one context manager", again, libc::EBUSY);
    binder.exchange(&BC_ENTER_LOOPER.to_ne_bytes(), &mut [])?;

    // SAFETY: The process has one thread.
    let caller = unsafe { libc::fork() };
    if caller == 0 {
        let status = match call(path) {
            Ok(true) => 0,
            Ok(false) => 1,
            Err(error) => error.0,
        };
        // SAFETY: What the parent owns is the parent's to clean up.
        unsafe { libc::_exit(status) };
    }
    if caller < 0 {
        return Err(Errno::last());
    }
    let served = serve(cases, &binder, caller);
    let mut status = 0;
    // SAFETY: There is room for the status.
    unsafe { libc::waitpid(caller, &mut status, 0) };
    cases.equal("the caller got answer and descriptor", status, 0);
    served
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: binder DEVICE");
        return ExitCode::from(2);
    };
    let mut cases = Cases::new();
    let outcome = run(&mut cases, &path);
    cases.works("no call fails", outcome);
    cases.finish("binder")
}
