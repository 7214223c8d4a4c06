// SPDX-License-Identifier: GPL-2.0

//! Reads and writes block devices past the page cache, and says how long that took.
//!
//! `block-load REQUESTS REPEATS DEVICE…`: for every way of access there is, each device gets `REQUESTS`
//! requests of 4 KiB, or fewer of the larger sizes, from jobs that keep as many in flight as their
//! queue is deep. The devices take turns, `REPEATS` times. Each turn is a line
//! `@load DEVICE OPERATION BYTES DEPTH JOBS REQUESTS NANOSECONDS`.

use std::alloc::{alloc_zeroed, dealloc, handle_alloc_error, Layout};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::ptr::NonNull;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use guest_programs::open;
use io_uring::{opcode, types, IoUring};

const KIB: u32 = 1024;

/// Bytes of a request, and what share of `REQUESTS` there are of them.
const SIZES: [(u32, u32); 3] = [(4 * KIB, 1), (64 * KIB, 4), (1024 * KIB, 16)];
const DEPTHS: [u32; 3] = [1, 8, 32];
const JOBS: [u32; 2] = [1, 2];

/// What a request does, and where the next one goes.
#[derive(Clone, Copy)]
struct Operation {
    name: &'static str,
    writes: bool,
    random: bool,
}

const fn operation(name: &'static str, writes: bool, random: bool) -> Operation {
    Operation {
        name,
        writes,
        random,
    }
}

const OPERATIONS: [Operation; 4] = [
    operation("read", false, false),
    operation("write", true, false),
    operation("randread", false, true),
    operation("randwrite", true, true),
];

/// One way of access.
struct Way {
    operation: Operation,
    bytes: u32,
    depth: u32,
    jobs: u32,
    /// Of each job.
    requests: u32,
}

/// A block device, open for direct access.
struct Device {
    name: String,
    file: File,
    bytes: u64,
}

/// What the requests of a job read into and write from, at a page's start.
struct Buffer {
    start: NonNull<u8>,
    layout: Layout,
}

impl Buffer {
    fn new(bytes: u32) -> Self {
        let layout = Layout::from_size_align(bytes as usize, 4096).expect("a size of a few KiB");
        // SAFETY: No size here is 0.
        let start = unsafe { alloc_zeroed(layout) };
        let start = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout));
        Self { start, layout }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: `new` has it from the same allocator, by the same layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers = || Some((words.first()?.parse().ok()?, words.get(1)?.parse().ok()?));
    let Some((requests, repeats)) = numbers().filter(|_| words.len() > 2) else {
        eprintln!("usage: block-load REQUESTS REPEATS DEVICE…");
        return ExitCode::from(2);
    };
    match load(requests, repeats, &words[2..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("block-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(requests: u32, repeats: u32, paths: &[String]) -> io::Result<()> {
    let devices: Vec<Device> = paths
        .iter()
        .map(|path| device(path).map_err(|error| io::Error::other(format!("{path}: {error}"))))
        .collect::<io::Result<_>>()?;
    for operation in OPERATIONS {
        for (bytes, share) in SIZES {
            for depth in DEPTHS {
                for jobs in JOBS {
                    let way = Way {
                        operation,
                        bytes,
                        depth,
                        jobs,
                        requests: (requests / share / jobs).max(depth),
                    };
                    // The first turn of each is not counted.
                    for turn in 0..=repeats {
                        for device in &devices {
                            let nanoseconds = way.time(device)?;
                            if turn > 0 {
                                println!(
                                    "@load {} {} {bytes} {depth} {jobs} {} {nanoseconds}",
                                    device.name,
                                    operation.name,
                                    way.requests * jobs
                                );
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

fn device(path: &str) -> io::Result<Device> {
    let fd = open(path, libc::O_RDWR | libc::O_DIRECT)
        .map_err(|error| io::Error::from_raw_os_error(error.0))?;
    let file = File::from(fd);
    let name = path.rsplit('/').next().unwrap_or(path);
    let sectors = std::fs::read_to_string(format!("/sys/class/block/{name}/size"))?;
    let sectors: u64 = sectors.trim().parse().map_err(io::Error::other)?;
    Ok(Device {
        name: name.to_owned(),
        file,
        bytes: sectors * 512,
    })
}

impl Way {
    /// The nanoseconds from when all jobs start to when the last ends.
    fn time(&self, device: &Device) -> io::Result<u128> {
        let barrier = Barrier::new(self.jobs as usize);
        let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
            let job = |index| {
                let job = Job::new(self, device, index);
                barrier.wait();
                let start = Instant::now();
                job?.run()?;
                Ok((start, Instant::now()))
            };
            let threads: Vec<_> = (0..self.jobs)
                .map(|index| scope.spawn(move || job(index)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no job panics"))
                .collect::<io::Result<_>>()
        })?;
        let start = times.iter().map(|(start, _)| *start).min();
        let end = times.iter().map(|(_, end)| *end).max();
        let took = end.zip(start).map(|(end, start)| end - start);
        Ok(took.unwrap_or_default().as_nanos())
    }
}

/// One thread's share of the requests.
struct Job<'a> {
    way: &'a Way,
    device: &'a Device,
    ring: IoUring,
    buffer: Buffer,
    /// Where the next request goes, in requests from the device's start.
    position: u64,
    random: u64,
}

impl<'a> Job<'a> {
    fn new(way: &'a Way, device: &'a Device, index: u32) -> io::Result<Self> {
        let places = device.bytes / u64::from(way.bytes);
        Ok(Self {
            way,
            device,
            ring: IoUring::new(way.depth)?,
            buffer: Buffer::new(way.bytes),
            position: places * u64::from(index) / u64::from(way.jobs),
            // The same places on each device, and others for each job.
            random: u64::from(index) + 1,
        })
    }

    fn run(mut self) -> io::Result<()> {
        let (mut sent, mut ended) = (0, 0);
        while ended < self.way.requests {
            while sent < self.way.requests && sent - ended < self.way.depth {
                self.send()?;
                sent += 1;
            }
            self.ring.submit_and_wait(1)?;
            for entry in self.ring.completion() {
                let bytes = entry.result();
                if u32::try_from(bytes) != Ok(self.way.bytes) {
                    let error = match bytes {
                        ..0 => io::Error::from_raw_os_error(-bytes),
                        _ => io::Error::other(format!("only {bytes} bytes")),
                    };
                    return Err(io::Error::other(format!("{}: {error}", self.device.name)));
                }
                ended += 1;
            }
        }
        Ok(())
    }

    /// Puts a request into the queue.
    fn send(&mut self) -> io::Result<()> {
        let places = self.device.bytes / u64::from(self.way.bytes);
        let place = if self.way.operation.random {
            // Marsaglia's xorshift.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.random % places
        } else {
            self.position += 1;
            (self.position - 1) % places
        };
        let offset = place * u64::from(self.way.bytes);
        let fd = types::Fd(self.device.file.as_raw_fd());
        let (start, bytes) = (self.buffer.start.as_ptr(), self.way.bytes);
        let entry = if self.way.operation.writes {
            opcode::Write::new(fd, start, bytes).offset(offset).build()
        } else {
            opcode::Read::new(fd, start, bytes).offset(offset).build()
        };
        // SAFETY: The buffer has `bytes` bytes, and `run` returns only when nothing is in flight, or with
        // an error that ends the program. All requests share the buffer: nobody looks at what it holds.
        unsafe { self.ring.submission().push(&entry) }.map_err(io::Error::other)
    }
}
