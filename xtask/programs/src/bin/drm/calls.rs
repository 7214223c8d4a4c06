// SPDX-License-Identifier: GPL-2.0

//! Nodes, and what can be asked of them: `include/uapi/drm/drm.h` and `nova_drm.h`.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use guest_programs::{direction, ioc, ioctl_with, map, open, owned, put, Errno, Outcome};

/// The device that Nova's DRM driver takes.
pub(crate) const NOVA: &str = "/sys/bus/auxiliary/devices/nova-core.nova-drm.0";

/// The number of an ioctl of DRM's.
pub(crate) const fn request(direction: u64, number: u8, size: usize) -> u64 {
    ioc(direction, b'd', number, size)
}

/// The first number that is a driver's.
pub(crate) const OF_DRIVERS: u8 = 0x40;
/// The first after these that is DRM's again.
pub(crate) const END_OF_DRIVERS: u8 = 0xa0;
/// The first that nobody has.
pub(crate) const END_OF_DRM: u8 = 0xd3;

pub(crate) const GETPARAM: u8 = OF_DRIVERS;
pub(crate) const GEM_CREATE: u8 = OF_DRIVERS + 1;
pub(crate) const GEM_INFO: u8 = OF_DRIVERS + 2;

const VERSION: u64 = request(direction::BOTH, 0x00, size_of::<Version>());
const GET_MAGIC: u64 = request(direction::READ, 0x02, 4);
const GEM_CLOSE: u64 = request(direction::WRITE, 0x09, 8);
const GEM_FLINK: u64 = request(direction::BOTH, 0x0a, 8);
const GEM_OPEN: u64 = request(direction::BOTH, 0x0b, 16);
const GET_CAP: u64 = request(direction::BOTH, 0x0c, 16);
const AUTH_MAGIC: u64 = request(direction::WRITE, 0x11, 4);
const PRIME_HANDLE_TO_FD: u64 = request(direction::BOTH, 0x2d, 12);
const PRIME_FD_TO_HANDLE: u64 = request(direction::BOTH, 0x2e, 12);

/// The parameter that Nova has: how much of the GPU's memory the CPU sees.
pub(crate) const VRAM_BAR_SIZE: u64 = 1;

/// What a driver says of itself.
#[repr(C)]
#[derive(Default)]
pub(crate) struct Version {
    pub(crate) numbers: [i32; 3],
    pub(crate) name_length: usize,
    pub(crate) name: usize,
    pub(crate) date_length: usize,
    pub(crate) date: usize,
    pub(crate) description_length: usize,
    pub(crate) description: usize,
}

/// A device, and the module that has a driver for it.
pub(crate) struct Target {
    device: String,
    /// The module's file.
    pub(crate) file: String,
    /// Its name.
    pub(crate) module: String,
    driver: String,
}

impl Target {
    /// Finds out what driver the device has.
    pub(crate) fn new(device: &str, file: &str) -> Outcome<Self> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let driver = fs::canonicalize(format!("{device}/driver"))?;
        Ok(Self {
            device: device.to_owned(),
            file: file.to_owned(),
            module: name.trim_end_matches(".ko").replace('-', "_"),
            driver: driver.display().to_string(),
        })
    }

    /// Whether it is our driver, which is stricter than the tree's.
    pub(crate) fn is_ours(&self) -> bool {
        self.module == "nova"
    }

    /// The nodes of the device, by what their names begin with.
    fn node(&self, kind: &str) -> Outcome<Node> {
        for entry in fs::read_dir(format!("{}/drm", self.device))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(kind) {
                return Ok(Node(format!("/dev/dri/{name}")));
            }
        }
        Err(Errno(libc::ENOENT))
    }

    /// The node that all drivers have.
    pub(crate) fn card(&self) -> Outcome<Node> {
        self.node("card")
    }

    /// The node that takes no rights.
    pub(crate) fn render(&self) -> Outcome<Node> {
        self.node("renderD")
    }

    fn name(&self) -> &str {
        self.device.rsplit('/').next().unwrap_or(&self.device)
    }

    pub(crate) fn unbind(&self) -> Outcome<()> {
        put(&format!("{}/unbind", self.driver), self.name())
    }

    pub(crate) fn bind(&self) -> Outcome<()> {
        put(&format!("{}/bind", self.driver), self.name())
    }

    /// The device above it.
    pub(crate) fn parent(&self) -> Outcome<Target> {
        let device = fs::canonicalize(&self.device)?;
        let parent = device.parent().ok_or(Errno(libc::ENOENT))?;
        Self::new(&parent.display().to_string(), &self.file)
    }

    /// The size of a BAR of the PCI device above it.
    pub(crate) fn bar_size(&self, bar: usize) -> Outcome<u64> {
        let text = fs::read_to_string(format!("{}/resource", self.parent()?.device))?;
        let line = text.lines().nth(bar).ok_or(Errno(libc::EPROTO))?;
        let ends: Vec<u64> = line
            .split_whitespace()
            .filter_map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok())
            .collect();
        match ends.as_slice() {
            [0, 0, _] => Ok(0),
            [start, end, _] => Ok(end - start + 1),
            _ => Err(Errno(libc::EPROTO)),
        }
    }
}

/// A node in `/dev/dri`.
#[derive(Clone)]
pub(crate) struct Node(pub(crate) String);

impl Node {
    /// The first card whose driver has that name.
    pub(crate) fn of_driver(name: &str) -> Outcome<Self> {
        for entry in fs::read_dir("/dev/dri")? {
            let node = Node(entry?.path().display().to_string());
            if node.open().and_then(|card| card.driver()).as_deref() == Ok(name) {
                return Ok(node);
            }
        }
        Err(Errno(libc::ENOENT))
    }

    pub(crate) fn open(&self) -> Outcome<Card> {
        self.open_with(libc::O_RDWR)
    }

    pub(crate) fn open_with(&self, flags: i32) -> Outcome<Card> {
        open(&self.0, flags).map(Card)
    }
}

/// An open file of a node.
#[derive(Debug)]
pub(crate) struct Card(OwnedFd);

impl AsRawFd for Card {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Card {
    /// Asks for what the driver says of itself.
    pub(crate) fn version(&self, version: &mut Version) -> Outcome {
        ioctl_with(self, VERSION, version)
    }

    /// The name of the driver.
    pub(crate) fn driver(&self) -> Outcome<String> {
        let mut name = [0u8; 64];
        let mut version = Version {
            name_length: name.len(),
            name: name.as_mut_ptr() as usize,
            ..Version::default()
        };
        self.version(&mut version)?;
        let name = &name[..version.name_length.min(64)];
        Ok(String::from_utf8_lossy(name).into_owned())
    }

    /// What DRM says it can do.
    pub(crate) fn capability(&self, number: u64) -> Outcome<u64> {
        let mut words = [number, 0];
        ioctl_with(self, GET_CAP, &mut words)?;
        Ok(words[1])
    }

    pub(crate) fn parameter(&self, number: u64) -> Outcome<u64> {
        let mut words = [number, 0];
        let number = request(direction::BOTH, GETPARAM, 16);
        ioctl_with(self, number, &mut words)?;
        Ok(words[1])
    }

    /// Calls one of the ioctls about buffers, with what lies before the size: a handle and padding.
    fn buffer(&self, number: u8, words: [u32; 2], size: u64) -> Outcome<(u32, u64)> {
        let mut argument = Buffer { words, size };
        ioctl_with(self, request(direction::BOTH, number, 16), &mut argument)?;
        Ok((argument.words[0], argument.size))
    }

    pub(crate) fn create(&self, size: u64) -> Outcome<u32> {
        self.create_with(size, [0; 2])
    }

    pub(crate) fn create_with(&self, size: u64, words: [u32; 2]) -> Outcome<u32> {
        Ok(self.buffer(GEM_CREATE, words, size)?.0)
    }

    pub(crate) fn size(&self, handle: u32) -> Outcome<u64> {
        self.size_with(handle, 0)
    }

    pub(crate) fn size_with(&self, handle: u32, padding: u32) -> Outcome<u64> {
        Ok(self.buffer(GEM_INFO, [handle, padding], 77)?.1)
    }

    pub(crate) fn close(&self, handle: u32) -> Outcome<()> {
        ioctl_with(self, GEM_CLOSE, &mut [handle, 0]).map(|_| ())
    }

    /// Gives a buffer a name that all files of the device know.
    pub(crate) fn name(&self, handle: u32) -> Outcome<u32> {
        let mut words = [handle, 0];
        ioctl_with(self, GEM_FLINK, &mut words)?;
        Ok(words[1])
    }

    /// Makes a handle for the buffer with a name, and says how long it is.
    pub(crate) fn open_name(&self, name: u32) -> Outcome<(u32, u64)> {
        let mut argument = Buffer {
            words: [name, 0],
            size: 0,
        };
        ioctl_with(self, GEM_OPEN, &mut argument)?;
        Ok((argument.words[1], argument.size))
    }

    /// Makes a descriptor for a buffer.
    pub(crate) fn export(&self, handle: u32, flags: i32) -> Outcome<OwnedFd> {
        let mut words = [handle, flags as u32, u32::MAX];
        ioctl_with(self, PRIME_HANDLE_TO_FD, &mut words)?;
        owned(words[2] as i32)
    }

    /// Makes a handle for the buffer with a descriptor.
    pub(crate) fn import(&self, fd: RawFd) -> Outcome<u32> {
        let mut words = [0, 0, fd as u32];
        ioctl_with(self, PRIME_FD_TO_HANDLE, &mut words)?;
        Ok(words[0])
    }

    /// The number by which the file can be given rights.
    pub(crate) fn magic(&self) -> Outcome<u32> {
        let mut magic = 0;
        ioctl_with(self, GET_MAGIC, &mut magic)?;
        Ok(magic)
    }

    /// Gives rights to the file with that number.
    pub(crate) fn authenticate(&self, mut magic: u32) -> Outcome<()> {
        ioctl_with(self, AUTH_MAGIC, &mut magic).map(|_| ())
    }

    /// Maps a page from an offset.
    pub(crate) fn map(&self, length: usize, offset: i64) -> Outcome {
        map_shared(self, length, offset)
    }
}

/// Maps the first bytes of a file from an offset, shared.
pub(crate) fn map_shared(fd: &impl AsRawFd, length: usize, offset: i64) -> Outcome {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    map(fd, length, protection, libc::MAP_SHARED, offset)
}

#[repr(C)]
struct Buffer {
    words: [u32; 2],
    size: u64,
}
