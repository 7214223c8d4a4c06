// SPDX-License-Identifier: GPL-2.0

//! Readers and writers that wait: for each other, for `poll()`, for signals, and for their end.

use std::fs;
use std::os::fd::AsRawFd;
use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::thread::{sleep, spawn, JoinHandle};
use std::time::Duration;

use guest_programs::{outcome, owned, read, write, Cases, Errno, Outcome};

use crate::calls::*;

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    blocking(cases)?;
    processes(cases)?;
    polling(cases)?;
    signals(cases)?;
    endings(cases)
}

/// Sends what it receives from one box to another, as a process of its own.
pub(crate) fn echo(from: &str, to: &str, count: u32) -> Outcome<()> {
    let (from, to) = (Endpoint::bound(from)?, Endpoint::bound(to)?);
    for _ in 0..count {
        to.write(&from.read(64)?)?;
    }
    Ok(())
}

/// Waits for a message that does not come, as a process of its own.
pub(crate) fn block(from: &str) -> Outcome<()> {
    Endpoint::bound(from)?.read(64)?;
    Ok(())
}

/// This program as another process.
fn another(arguments: &[&str]) -> Outcome<Child> {
    Ok(Command::new("/proc/self/exe").args(arguments).spawn()?)
}

fn thread_id() -> i32 {
    // SAFETY: The call has no arguments.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// Waits until a thread sleeps.
fn until_asleep(process: u32, thread: i32) -> Outcome<()> {
    for _ in 0..1000 {
        let text = fs::read_to_string(format!("/proc/{process}/task/{thread}/stat"))?;
        if text
            .rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('S'))
        {
            return Ok(());
        }
        sleep(Duration::from_millis(5));
    }
    Err(Errno(libc::ETIMEDOUT))
}

/// Starts a thread that does `call`, and returns it, with its number, when it sleeps.
fn asleep<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
) -> Outcome<(JoinHandle<T>, i32)> {
    let (sender, receiver) = channel();
    let thread = spawn(move || {
        let _ = sender.send(thread_id());
        call()
    });
    let id = receiver.recv().map_err(|_| Errno(libc::ESRCH))?;
    until_asleep(std::process::id(), id)?;
    Ok((thread, id))
}

/// What a thread has returned.
fn joined<T>(thread: JoinHandle<Outcome<T>>) -> Outcome<T> {
    thread.join().map_err(|_| Errno(libc::ECANCELED))?
}

fn blocking(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Arc::new(Endpoint::bound("blocking")?);
    let reader = endpoint.clone();
    let (thread, _) = asleep(move || reader.read(8))?;
    endpoint.write(b"wake up")?;
    cases.equal(
        "a reader waits for a message",
        joined(thread)?,
        b"wake up".to_vec(),
    );

    let reader = endpoint.clone();
    let (thread, _) = asleep(move || {
        let mut buffer = [0u8; 8];
        reader.receive(&mut Transfer::new(buffer.as_mut_ptr() as usize, 8))
    })?;
    endpoint.write(b"again")?;
    cases.works("so does an ioctl", joined(thread));

    let most = limit("max_messages")?;
    for _ in 0..most {
        endpoint.write(b"fill")?;
    }
    let writer = endpoint.clone();
    let (thread, _) = asleep(move || writer.write(b"last"))?;
    cases.equal("a writer waits for room", endpoint.counts()?.messages, most);
    endpoint.read(8)?;
    cases.equal("and gets it", joined(thread)?, 4);
    let writer = endpoint.clone();
    let (thread, _) = asleep(move || writer.write(b"after"))?;
    endpoint.flush()?;
    cases.equal("flushing makes room", joined(thread)?, 5);
    endpoint.flush()?;

    // SAFETY: The call takes numbers only.
    let result = unsafe { libc::fcntl(endpoint.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    outcome(result as isize)?;
    cases.refused(
        "O_NONBLOCK can be set later",
        endpoint.read(8),
        libc::EAGAIN,
    );
    Ok(())
}

fn processes(cases: &mut Cases) -> Outcome<()> {
    const ROUNDS: u32 = 200;
    let (ping, pong) = (Endpoint::bound("ping")?, Endpoint::bound("pong")?);
    let sent = count("sent")?;
    let received = count("received")?;
    let mut child = another(&["echo", "ping", "pong", &ROUNDS.to_string()])?;
    let mut same = true;
    for number in 0..ROUNDS {
        let text = format!("message {number}");
        ping.write(text.as_bytes())?;
        same &= pong.read(64)? == text.as_bytes();
    }
    cases.check("200 messages there and back", same);
    cases.check("the other process ends well", child.wait()?.success());
    let rounds = 2 * u64::from(ROUNDS);
    cases.equal("all were counted when sent", count("sent")? - sent, rounds);
    cases.equal("and when received", count("received")? - received, rounds);
    Ok(())
}

fn polling(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Arc::new(Endpoint::bound("polling")?);
    let both = libc::POLLIN | libc::POLLOUT;
    cases.equal(
        "an empty box can be written",
        endpoint.poll(both, 0)?,
        libc::POLLOUT,
    );
    cases.equal(
        "nobody comes, time passes",
        endpoint.poll(libc::POLLIN, 20)?,
        0,
    );
    endpoint.write(b"x")?;
    cases.equal("then it can be read, too", endpoint.poll(both, 0)?, both);
    for _ in 1..limit("max_messages")? {
        endpoint.write(b"x")?;
    }
    cases.equal(
        "a full box can only be read",
        endpoint.poll(both, 0)?,
        libc::POLLIN,
    );
    let poller = endpoint.clone();
    let (thread, _) = asleep(move || poller.poll(libc::POLLOUT, 5000))?;
    endpoint.flush()?;
    cases.equal("poll waits for room", joined(thread)?, libc::POLLOUT);
    let poller = endpoint.clone();
    let (thread, _) = asleep(move || poller.poll(libc::POLLIN, 5000))?;
    endpoint.write(b"x")?;
    cases.equal("poll waits for a message", joined(thread)?, libc::POLLIN);
    endpoint.read(8)?;

    // SAFETY: The call takes a number only.
    let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    let mut interest = libc::epoll_event {
        events: (libc::EPOLLIN | libc::EPOLLET) as u32,
        u64: 7,
    };
    // SAFETY: The event is there, and is copied.
    let result = unsafe {
        libc::epoll_ctl(
            epoll.as_raw_fd(),
            libc::EPOLL_CTL_ADD,
            endpoint.as_raw_fd(),
            &mut interest,
        )
    };
    outcome(result as isize)?;
    let wait = |milliseconds| -> Outcome<(usize, u64)> {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: There is room for one event.
        let result = unsafe { libc::epoll_wait(epoll.as_raw_fd(), &mut event, 1, milliseconds) };
        Ok((outcome(result as isize)?, event.u64))
    };
    cases.equal("epoll finds nothing", wait(0)?.0, 0);
    endpoint.write(b"x")?;
    cases.equal("epoll finds a message", wait(1000)?, (1, 7));
    cases.equal("epoll tells once", wait(0)?.0, 0);
    endpoint.write(b"y")?;
    cases.equal("epoll tells of the next", wait(1000)?, (1, 7));
    drop(endpoint);
    cases.equal("a closed file leaves epoll", wait(0)?.0, 0);
    Ok(())
}

extern "C" fn do_nothing(_signal: libc::c_int) {}

/// Has SIGUSR1 do nothing; calls that it interrupts go on, or don't.
fn handle(restart: bool) -> Outcome<()> {
    let handler: extern "C" fn(libc::c_int) = do_nothing;
    // SAFETY: All zeroes are a value of it.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = if restart { libc::SA_RESTART } else { 0 };
    // SAFETY: The handler is safe to call at any time.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()) };
    outcome(result as isize).map(|_| ())
}

fn signal(thread: i32) -> Outcome<()> {
    // SAFETY: The call takes numbers only; the signal has a handler.
    let result = unsafe {
        libc::syscall(
            libc::SYS_tgkill,
            std::process::id() as i32,
            thread,
            libc::SIGUSR1,
        )
    };
    outcome(result as isize).map(|_| ())
}

fn signals(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Arc::new(Endpoint::bound("signals")?);
    handle(false)?;
    let reader = endpoint.clone();
    let (thread, id) = asleep(move || reader.read(8))?;
    signal(id)?;
    cases.refused("a signal ends a read", joined(thread), libc::EINTR);
    for _ in 0..limit("max_messages")? {
        endpoint.write(b"x")?;
    }
    let writer = endpoint.clone();
    let (thread, id) = asleep(move || writer.write(b"y"))?;
    signal(id)?;
    cases.refused("a signal ends a write", joined(thread), libc::EINTR);
    cases.equal(
        "what was not written is not there",
        endpoint.flush()?,
        limit("max_messages")? as usize,
    );

    handle(true)?;
    let reader = endpoint.clone();
    let (thread, id) = asleep(move || reader.read(8))?;
    signal(id)?;
    sleep(Duration::from_millis(20));
    until_asleep(std::process::id(), id)?;
    endpoint.write(b"later")?;
    cases.equal("or the read goes on", joined(thread)?, b"later".to_vec());
    Ok(())
}

fn endings(cases: &mut Cases) -> Outcome<()> {
    let endpoint = Endpoint::bound("endings")?;
    let mut child = another(&["block", "endings"])?;
    until_asleep(child.id(), child.id() as i32)?;
    for _ in 0..200 {
        if endpoint.counts()?.users == 2 {
            break;
        }
        sleep(Duration::from_millis(5));
    }
    until_asleep(child.id(), child.id() as i32)?;
    cases.equal("another process waits", endpoint.counts()?.users, 2);
    child.kill()?;
    child.wait()?;
    cases.equal("killed, it leaves the box", endpoint.counts()?.users, 1);
    endpoint.write(b"x")?;
    cases.equal(
        "and takes no message with it",
        endpoint.read(8)?,
        b"x".to_vec(),
    );

    // A descriptor is closed while another thread is in a call with it.
    let fd = endpoint.as_raw_fd();
    let (thread, _) = asleep(move || {
        let mut buffer = [0u8; 8];
        read(&fd, &mut buffer)
    })?;
    drop(endpoint);
    let other = Endpoint::bound("endings")?;
    cases.equal("closed in a call, it stays open", other.counts()?.users, 2);
    other.write(b"wake")?;
    cases.equal("the call ends as it would have", joined(thread)?, 4);
    for _ in 0..200 {
        if other.counts()?.users == 1 {
            break;
        }
        sleep(Duration::from_millis(5));
    }
    cases.equal("and then the file is closed", other.counts()?.users, 1);

    // Who sends without being bound is told when the box goes.
    for _ in 0..limit("max_messages")? {
        other.write(b"x")?;
    }
    let sender = Endpoint::open(0)?;
    let (thread, _) = asleep(move || {
        let text = *b"late";
        sender.send(&Transfer::new(text.as_ptr() as usize, 4).to("endings"))
    })?;
    drop(other);
    cases.refused("a box that goes away says so", joined(thread), libc::EPIPE);

    let gone = Endpoint::bound("gone")?.as_raw_fd();
    cases.refused(
        "a closed file can't be written",
        write(&gone, b"x"),
        libc::EBADF,
    );
    Ok(())
}
