// SPDX-License-Identifier: GPL-2.0

//! What the programs of the guest share: cases, reported as the scripts report theirs; system calls
//! that say which error they ended with; and failures injected at each place in turn.

use std::ffi::CString;
use std::fmt::Debug;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process::ExitCode;

pub mod fault;

/// The cases of a run.
///
/// Each is a line `@check ok WHAT` or `@check not WHAT` on standard output, which is what the scripts
/// of the guest print for theirs.
#[derive(Default)]
pub struct Cases {
    held: usize,
    failed: usize,
}

impl Cases {
    /// Makes a run without cases.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports whether `holds`.
    pub fn check(&mut self, what: &str, holds: bool) {
        if holds {
            self.held += 1;
            println!("@check ok {what}");
        } else {
            self.failed += 1;
            println!("@check not {what}");
        }
    }

    /// Reports whether `found` is `expected`, and shows both where it is not.
    pub fn equal<T: Debug + PartialEq>(&mut self, what: &str, found: T, expected: T) {
        let holds = found == expected;
        self.check(what, holds);
        if !holds {
            println!("  | found {found:?}, expected {expected:?}");
        }
    }

    /// Reports whether `result` is the error `errno`.
    pub fn refused<T: Debug>(&mut self, what: &str, result: Result<T, Errno>, errno: i32) {
        self.equal(what, result.map_err(|error| error.0).err(), Some(errno));
    }

    /// Reports whether `result` is a success, and returns what it holds.
    pub fn works<T>(&mut self, what: &str, result: Result<T, Errno>) -> Option<T> {
        match result {
            Ok(value) => {
                self.check(what, true);
                Some(value)
            }
            Err(error) => {
                self.check(what, false);
                println!("  | failed with {error:?}");
                None
            }
        }
    }

    /// Prints how many cases there were, and returns the status for `main`.
    pub fn finish(self, program: &str) -> ExitCode {
        println!(
            "{program}: {} cases hold, {} do not",
            self.held, self.failed
        );
        match self.failed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

/// The number of the error that a system call ended with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// The error of this thread's last system call.
    pub fn last() -> Self {
        io::Error::last_os_error().into()
    }
}

impl Debug for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", io::Error::from_raw_os_error(self.0))
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(0))
    }
}

/// What a system call gives.
pub type Outcome<T = usize> = Result<T, Errno>;

/// Turns the result of a system call of libc's into one of ours.
pub fn outcome(result: isize) -> Outcome {
    usize::try_from(result).map_err(|_| Errno::last())
}

/// Opens `path` with `flags`, as `open(2)` does.
pub fn open(path: &str, flags: i32) -> Outcome<OwnedFd> {
    let path = CString::new(path).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: The path ends with a zero byte, and is alive during the call.
    let fd = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC) };
    owned(fd)
}

/// Takes a descriptor that a system call has made.
pub fn owned(fd: RawFd) -> Outcome<OwnedFd> {
    if fd < 0 {
        return Err(Errno::last());
    }
    // SAFETY: The caller has the descriptor from the kernel, and nobody else closes it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Calls `ioctl(2)` with a number, or an address as one: it need not be valid.
pub fn ioctl(fd: &impl AsRawFd, request: u64, argument: usize) -> Outcome {
    // SAFETY: The kernel checks each address that it is given, and callers who give it one that it may
    // write to have exclusive access to what lies there.
    outcome(unsafe { libc::ioctl(fd.as_raw_fd(), request, argument) } as isize)
}

/// Calls `ioctl(2)` with the address of `argument`.
pub fn ioctl_with<T>(fd: &impl AsRawFd, request: u64, argument: &mut T) -> Outcome {
    ioctl(fd, request, std::ptr::from_mut(argument) as usize)
}

/// Reads into memory at any address, valid or not.
pub fn read_raw(fd: &impl AsRawFd, address: usize, length: usize) -> Outcome {
    // SAFETY: As in `ioctl`.
    outcome(unsafe { libc::read(fd.as_raw_fd(), address as *mut libc::c_void, length) })
}

/// Writes from memory at any address, valid or not.
pub fn write_raw(fd: &impl AsRawFd, address: usize, length: usize) -> Outcome {
    // SAFETY: As in `ioctl`.
    outcome(unsafe { libc::write(fd.as_raw_fd(), address as *const libc::c_void, length) })
}

/// Reads up to `buffer.len()` bytes.
pub fn read(fd: &impl AsRawFd, buffer: &mut [u8]) -> Outcome {
    read_raw(fd, buffer.as_mut_ptr() as usize, buffer.len())
}

/// Writes up to `bytes.len()` bytes.
pub fn write(fd: &impl AsRawFd, bytes: &[u8]) -> Outcome {
    write_raw(fd, bytes.as_ptr() as usize, bytes.len())
}

/// The number of an ioctl, as `_IOC` in `asm-generic/ioctl.h` computes it.
pub const fn ioc(direction: u64, group: u8, number: u8, size: usize) -> u64 {
    direction << 30 | (size as u64) << 16 | (group as u64) << 8 | number as u64
}

/// `_IO`, `_IOW`, `_IOR` and `_IOWR`'s directions.
pub mod direction {
    /// No argument.
    pub const NONE: u64 = 0;
    /// User space writes: the kernel reads.
    pub const WRITE: u64 = 1;
    /// User space reads: the kernel writes.
    pub const READ: u64 = 2;
    /// Both.
    pub const BOTH: u64 = 3;
}

/// Maps `length` bytes of `fd` from `offset`, and returns the address.
pub fn map(fd: &impl AsRawFd, length: usize, protection: i32, flags: i32, offset: i64) -> Outcome {
    // SAFETY: A mapping at an address of the kernel's choice touches no memory that is in use.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            length,
            protection,
            flags,
            fd.as_raw_fd(),
            offset,
        )
    };
    match address {
        libc::MAP_FAILED => Err(Errno::last()),
        address => Ok(address as usize),
    }
}

/// Two pages of which only the first is mapped: what reaches over its end lies nowhere.
pub struct Cliff {
    start: usize,
}

impl Cliff {
    /// The size of a page.
    pub const PAGE: usize = 4096;

    /// Maps the page.
    pub fn new() -> Outcome<Self> {
        let nowhere = -1;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let start = map(&nowhere, 2 * Self::PAGE, protection, flags, 0)?;
        // SAFETY: Nothing lies in the second of the pages that were just mapped.
        let result = unsafe { libc::munmap((start + Self::PAGE) as *mut libc::c_void, Self::PAGE) };
        outcome(result as isize)?;
        Ok(Self { start })
    }

    /// The address `bytes` before the end of what is mapped.
    pub fn before_end(&self, bytes: usize) -> usize {
        self.start + Self::PAGE - bytes
    }
}

impl Drop for Cliff {
    fn drop(&mut self) {
        // SAFETY: The page is ours, and what gave out its addresses is gone.
        unsafe { libc::munmap(self.start as *mut libc::c_void, Self::PAGE) };
    }
}

/// Loads the module in the file `path`, with `parameters`.
pub fn load(path: &str, parameters: &str) -> Outcome<()> {
    let file = open(path, libc::O_RDONLY)?;
    let parameters = CString::new(parameters).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: The parameters end with a zero byte, and are alive during the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_finit_module,
            file.as_raw_fd(),
            parameters.as_ptr(),
            0,
        )
    };
    outcome(result as isize).map(|_| ())
}

/// Removes the module `name`.
pub fn unload(name: &str) -> Outcome<()> {
    let name = CString::new(name).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: The name ends with a zero byte, and is alive during the call.
    let result = unsafe { libc::syscall(libc::SYS_delete_module, name.as_ptr(), libc::O_NONBLOCK) };
    outcome(result as isize).map(|_| ())
}

/// Writes `text` to the file `path`, in one call.
pub fn put(path: &str, text: &str) -> Outcome<()> {
    fs::write(path, text).map_err(Errno::from)
}
