// SPDX-License-Identifier: GPL-2.0

//! How long reads and writes take, on two devices by turns: by `pread(2)` and `pwrite(2)` where they go one by
//! one, by `io_submit(2)` where many are under way.

use std::fmt;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::Barrier;
use std::thread::scope;
use std::time::{Duration, Instant};

use guest_programs::{outcome, Errno, Outcome};

use crate::blocks::Buffer;
use crate::race::Dice;

/// What `io_submit(2)` takes: `struct iocb` in `linux/aio_abi.h`.
#[derive(Clone, Default)]
#[repr(C)]
struct Control {
    data: u64,
    key_and_flags: [u32; 2],
    operation: u16,
    priority: i16,
    file: u32,
    buffer: u64,
    bytes: u64,
    offset: i64,
    reserved: u64,
    flags: u32,
    result_file: u32,
}

/// What `io_getevents(2)` gives: `struct io_event`.
#[derive(Clone, Default)]
#[repr(C)]
struct Event {
    data: u64,
    control: u64,
    result: i64,
    result2: i64,
}

/// `IOCB_CMD_PREAD` and `IOCB_CMD_PWRITE`.
const READ: u16 = 0;
const WRITE: u16 = 1;

/// Requests under way in the kernel: an `aio_context_t`.
struct Context(u64);

impl Context {
    fn new(depth: usize) -> Outcome<Self> {
        let mut context = 0u64;
        // SAFETY: The kernel writes the context's address there, while the reference is alive.
        let result = unsafe { libc::syscall(libc::SYS_io_setup, depth, &raw mut context) };
        outcome(result as isize)?;
        Ok(Self(context))
    }

    /// Has all of these done.
    fn run(&self, list: &[*mut Control], events: &mut [Event], bytes: usize) -> Outcome<()> {
        let mut submitted = 0;
        while submitted < list.len() {
            let rest = &list[submitted..];
            // SAFETY: The list has as many pointers, to structures that stay until all of them are done.
            let result =
                unsafe { libc::syscall(libc::SYS_io_submit, self.0, rest.len(), rest.as_ptr()) };
            submitted += outcome(result as isize)?;
        }
        let mut done = 0;
        while done < list.len() {
            let rest = &mut events[done..list.len()];
            // SAFETY: There is room for as many events as it says.
            let result = unsafe {
                libc::syscall(
                    libc::SYS_io_getevents,
                    self.0,
                    rest.len(),
                    rest.len(),
                    rest.as_mut_ptr(),
                    std::ptr::null_mut::<libc::timespec>(),
                )
            };
            let count = outcome(result as isize)?;
            if rest[..count]
                .iter()
                .any(|event| event.result != bytes as i64)
            {
                return Err(Errno(libc::EIO));
            }
            done += count;
        }
        Ok(())
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: The context is ours, and nothing uses it afterwards.
        unsafe { libc::syscall(libc::SYS_io_destroy, self.0) };
    }
}

/// What is measured.
#[derive(Clone, Copy)]
struct Cell {
    operation: u16,
    random: bool,
    bytes: usize,
    depth: usize,
    jobs: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = if self.operation == READ {
            "read"
        } else {
            "write"
        };
        let order = if self.random { "random" } else { "sequential" };
        let (bytes, depth, jobs) = (self.bytes, self.depth, self.jobs);
        write!(f, "{operation} {order} {bytes} {depth} {jobs}")
    }
}

impl Cell {
    fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for operation in [READ, WRITE] {
            for random in [false, true] {
                for bytes in [4 << 10, 64 << 10, 1 << 20] {
                    for depth in [1, 32] {
                        for jobs in [1, 2] {
                            cells.push(Self {
                                operation,
                                random,
                                bytes,
                                depth,
                                jobs,
                            });
                        }
                    }
                }
            }
        }
        cells
    }

    /// How many times all that go at once go: for about the same time, whatever their size.
    fn batches(&self, scale: usize) -> usize {
        let requests = match self.bytes {
            4096 => 1024,
            65536 => 512,
            _ => 64,
        };
        scale * requests / self.depth
    }

    /// Returns the nanoseconds that one read or write takes.
    fn measure(&self, device: &str, batches: usize) -> Outcome<f64> {
        let start = Barrier::new(self.jobs);
        let (cell, start) = (*self, &start);
        let times: Outcome<Vec<(Instant, Instant)>> = scope(|scope| {
            let threads: Vec<_> = (0..self.jobs)
                .map(|job| scope.spawn(move || cell.job(device, batches, job, start)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(Errno(libc::ECANCELED))))
                .collect()
        });
        let times = times?;
        let first = times.iter().map(|(start, _)| *start).min();
        let last = times.iter().map(|(_, end)| *end).max();
        let time = match (first, last) {
            (Some(first), Some(last)) => last - first,
            _ => Duration::ZERO,
        };
        Ok(time.as_nanos() as f64 / (batches * self.depth * self.jobs) as f64)
    }

    /// Does a job's part, and returns from when to when.
    fn job(
        &self,
        device: &str,
        batches: usize,
        job: usize,
        start: &Barrier,
    ) -> Outcome<(Instant, Instant)> {
        let prepared = Prepared::new(self, device);
        // The others wait, whatever came of it.
        start.wait();
        let mut prepared = prepared?;
        let places = prepared.size / self.bytes as u64;
        // Each job has a part of the device for itself.
        let (places, first) = (
            places / self.jobs as u64,
            places / self.jobs as u64 * job as u64,
        );
        let mut dice = Dice::new(job as u64 + 1);
        let mut next = 0;
        let begin = Instant::now();
        for _ in 0..batches {
            for control in &mut prepared.controls {
                next = if self.random {
                    dice.below(places)
                } else {
                    (next + 1) % places
                };
                control.offset = (first + next) as i64 * self.bytes as i64;
            }
            prepared.run(self)?;
        }
        Ok((begin, Instant::now()))
    }
}

/// What a job needs.
struct Prepared {
    context: Context,
    controls: Vec<Control>,
    events: Vec<Event>,
    size: u64,
    file: File,
    buffer: Buffer,
}

impl Prepared {
    fn new(cell: &Cell, device: &str) -> Outcome<Self> {
        let mut file = File::options()
            .read(true)
            .write(true)
            .custom_flags(libc::O_DIRECT)
            .open(device)?;
        let size = file.seek(SeekFrom::End(0))?;
        // The devices keep nothing, so that all may have the same memory.
        let mut buffer = Buffer::huge(cell.bytes);
        buffer.fill(1);
        let control = Control {
            operation: cell.operation,
            file: file.as_raw_fd() as u32,
            buffer: buffer.as_mut_ptr() as u64,
            bytes: cell.bytes as u64,
            ..Control::default()
        };
        Ok(Self {
            context: Context::new(cell.depth)?,
            controls: vec![control; cell.depth],
            events: vec![Event::default(); cell.depth],
            size,
            file,
            buffer,
        })
    }

    /// Has all the controls' reads or writes done: one alone as programs do that.
    fn run(&mut self, cell: &Cell) -> Outcome<()> {
        if let [control] = self.controls.as_slice() {
            let offset = control.offset as u64;
            let done = match cell.operation {
                READ => self.file.read_at(&mut self.buffer, offset),
                _ => self.file.write_at(&self.buffer, offset),
            }?;
            return if done == cell.bytes {
                Ok(())
            } else {
                Err(Errno(libc::EIO))
            };
        }
        let list: Vec<*mut Control> = self.controls.iter_mut().map(|c| &raw mut *c).collect();
        self.context.run(&list, &mut self.events, cell.bytes)
    }
}

/// Prints a line `@block ONE OTHER CELL` for each cell and round: nanoseconds for each read or write.
pub(crate) fn run(one: &str, other: &str, rounds: u64, scale: u64) -> Outcome<()> {
    for cell in Cell::all() {
        let batches = cell.batches(scale as usize);
        for device in [one, other] {
            // The first of all is not like the others.
            cell.measure(device, batches.div_ceil(8))?;
        }
        for _ in 0..rounds {
            let of_one = cell.measure(one, batches)?;
            let of_other = cell.measure(other, batches)?;
            println!("@block {of_one:.1} {of_other:.1} {cell}");
        }
    }
    Ok(())
}
