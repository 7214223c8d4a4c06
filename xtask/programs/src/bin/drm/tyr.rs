// SPDX-License-Identifier: GPL-2.0

//! Tyr, the tree's driver for GPUs of Arm's, over memory that looks like the registers of one.

use std::fs;

use guest_programs::{
    direction, ioctl_with, load, map, open, unload, Cases, Cliff, Errno, Outcome,
};

use crate::calls::{request, Card, Node, Target, OF_DRIVERS};
use crate::common;

/// The GPU in `devices.dts`.
const GPU: &str = "/sys/bus/platform/devices/70200000.gpu";
/// Its registers.
const ADDRESS: i64 = 0x7020_0000;

const DEV_QUERY: u8 = OF_DRIVERS;

/// Registers of a GPU, and what is in them: of a G610.
const REGISTERS: [(usize, u32); 26] = [
    (GPU_ID, 0xa867_0000),
    (0x004, 0x0713_0306),      // L2_FEATURES
    (0x008, 0x0000_0004),      // CORE_FEATURES
    (0x00c, 0x0000_0809),      // TILER_FEATURES
    (0x010, 0x0000_0301),      // MEM_FEATURES
    (0x014, 0x0000_2830),      // MMU_FEATURES: 48 bits of virtual addresses, 40 of physical ones
    (0x018, 0x0000_00ff),      // AS_PRESENT
    (0x01c, 0x0450_2e40),      // CSF_ID
    (GPU_IRQ_RAWSTAT, 1 << 8), // a reset has come to its end
    (GPU_COMMAND, 0),
    (0x0a0, 0x0000_0800), // THREAD_MAX_THREADS
    (0x0a4, 0x0000_0400), // THREAD_MAX_WORKGROUP_SIZE
    (0x0a8, 0x0000_0401), // THREAD_MAX_BARRIER_SIZE
    (0x0ac, 0x0401_0000), // THREAD_FEATURES
    (0x0b0, 0xc3ff_ffff), // TEXTURE_FEATURES, four of them
    (0x0b4, 0xfffe_0001),
    (0x0b8, 0xffff_0002),
    (0x0bc, 0xffff_0003),
    (0x100, 0x0005_0005), // SHADER_PRESENT
    (0x104, 0x0000_0006),
    (0x110, 0x0000_0001), // TILER_PRESENT
    (0x120, 0x0000_0001), // L2_PRESENT
    (0x160, 1),           // L2_READY
    (L2_PWRON, 0),
    (0x280, 0x0000_0042), // REVIDR
    (0x300, 0x0000_0003), // COHERENCY_FEATURES
];

const GPU_ID: usize = 0x000;
const GPU_IRQ_RAWSTAT: usize = 0x020;
const GPU_COMMAND: usize = 0x030;
const L2_PWRON: usize = 0x1a0;

/// `struct drm_panthor_gpu_info`, word by word: the register that each is of. The others are known.
const INFO: [Option<usize>; 28] = [
    Some(GPU_ID),
    Some(0x280),
    Some(0x01c),
    Some(0x004),
    Some(0x00c),
    Some(0x010),
    Some(0x014),
    Some(0x0ac),
    Some(0x0a0),
    Some(0x0a4),
    Some(0x0a8),
    Some(0x300),
    Some(0x0b0),
    Some(0x0b4),
    Some(0x0b8),
    Some(0x0bc),
    Some(0x018),
    None, // the coherency that was selected
    Some(0x100),
    Some(0x104),
    Some(0x120),
    Some(0x124),
    Some(0x110),
    Some(0x114),
    Some(0x008),
    None, // padding
    None, // features of later ones
    None,
];

/// `DRM_PANTHOR_GPU_COHERENCY_NONE`.
const NO_COHERENCY: u32 = 31;

/// `struct drm_panthor_dev_query`.
#[repr(C)]
struct Query {
    kind: u32,
    size: u32,
    pointer: usize,
}

/// The page with the registers that the driver looks at.
struct Page(usize);

impl Page {
    fn map() -> Outcome<Self> {
        // Not cached, as the driver has it.
        let memory = open("/dev/mem", libc::O_RDWR | libc::O_SYNC)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        map(&memory, Cliff::PAGE, protection, libc::MAP_SHARED, ADDRESS).map(Self)
    }

    fn register(&self, offset: usize) -> *mut u32 {
        (self.0 + offset % Cliff::PAGE) as *mut u32
    }

    fn read(&self, offset: usize) -> u32 {
        // SAFETY: The page is mapped, for reading too, and the offset lies in it, and is that of a word.
        unsafe { self.register(offset).read_volatile() }
    }

    fn write(&self, offset: usize, value: u32) {
        // SAFETY: As above, for writing.
        unsafe { self.register(offset).write_volatile(value) }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: The page is ours, and nobody uses its address any more.
        unsafe { libc::munmap(self.0 as *mut libc::c_void, Cliff::PAGE) };
    }
}

/// Has the memory look like a GPU, or be empty.
pub(crate) fn registers(on: bool) -> Outcome<()> {
    let page = Page::map()?;
    for offset in (0..Cliff::PAGE).step_by(4) {
        page.write(offset, 0);
    }
    if on {
        for (offset, value) in REGISTERS {
            page.write(offset, value);
        }
    }
    Ok(())
}

pub(crate) fn run(cases: &mut Cases, module: &str) -> Outcome<()> {
    let target = Target::new(GPU, module)?;
    {
        let page = Page::map()?;
        cases.equal("the GPU was reset", page.read(GPU_COMMAND), 0x101);
        cases.equal("its cache was switched on", page.read(L2_PWRON), 1);
    }
    for (what, node) in [("card", target.card()?), ("render node", target.render()?)] {
        println!("drm: the {what} is {}", node.0);
        common::version(cases, &node, "panthor", [1, 5, 0])?;
        common::unknown_numbers(cases, &node, 1)?;
        queries(cases, &node)?;
    }
    common::what_is_not_offered(cases, &target.card()?)?;
    common::files(cases, &target.card()?)?;
    let render = target.render()?.open()?;
    for (what, number, size) in [("a magic number", 0x02, 4), ("resources", 0xa0, 64)] {
        let mut argument = [0u32; 16];
        cases.refused(
            &format!("a render node has no {what}"),
            ioctl_with(
                &render,
                request(direction::BOTH, number, size),
                &mut argument,
            ),
            libc::EACCES,
        );
    }
    drop(render);
    ends(cases, &target)
}

fn query(card: &Card, kind: u32, size: u32, pointer: usize) -> Outcome<u32> {
    let mut query = Query {
        kind,
        size,
        pointer,
    };
    let number = request(direction::BOTH, DEV_QUERY, size_of::<Query>());
    ioctl_with(card, number, &mut query)?;
    Ok(query.size)
}

/// What the driver should say of the GPU.
fn expected() -> [u32; 28] {
    let value = |offset| {
        let found = REGISTERS.iter().find(|(register, _)| *register == offset);
        found.map_or(0, |(_, value)| *value)
    };
    let mut words = INFO.map(|register| register.map_or(0, value));
    words[17] = NO_COHERENCY;
    words
}

fn queries(cases: &mut Cases, node: &Node) -> Outcome<()> {
    const SIZE: u32 = size_of::<[u32; 28]>() as u32;
    let card = node.open()?;
    cases.equal("how much there is to say", query(&card, 0, 0, 0), Ok(SIZE));
    let mut words = [0x5555_5555; 40];
    let address = words.as_mut_ptr() as usize;
    cases.equal(
        "the GPU is described",
        query(&card, 0, SIZE, address),
        Ok(SIZE),
    );
    cases.equal("as its registers are", &words[..28], &expected()[..]);
    cases.check(
        "and no more",
        words[28..].iter().all(|it| *it == 0x5555_5555),
    );
    words.fill(0x5555_5555);
    let address = words.as_mut_ptr() as usize;
    cases.check(
        "there may be more room",
        query(&card, 0, 160, address).is_ok(),
    );
    cases.equal("it is described as before", &words[..28], &expected()[..]);
    cases.check(
        "the room stays",
        words[28..].iter().all(|it| *it == 0x5555_5555),
    );
    for kind in [1, 2, 3, 4, 0xffff_ffff] {
        for pointer in [0, address] {
            cases.refused(
                &format!("nothing is known of {kind:#x}"),
                query(&card, kind, SIZE, pointer),
                libc::EINVAL,
            );
        }
    }
    let cliff = Cliff::new()?;
    for (what, pointer) in [
        ("the first page", 4),
        ("the kernel's half", 1 << 63),
        ("the end", usize::MAX),
        ("a page's end", cliff.before_end(100)),
    ] {
        cases.refused(
            &format!("no description goes to {what}"),
            query(&card, 0, SIZE, pointer),
            libc::EFAULT,
        );
    }
    for size in [0, 4, SIZE - 1] {
        cases.check(
            &format!("{size} bytes are too few"),
            query(&card, 0, size, address).is_err(),
        );
    }
    cases.equal(
        "the GPU is still described",
        query(&card, 0, SIZE, address),
        Ok(SIZE),
    );
    Ok(())
}

/// The driver leaves while files are open.
fn ends(cases: &mut Cases, target: &Target) -> Outcome<()> {
    let nodes = [target.card()?, target.render()?];
    let files = [nodes[0].open()?, nodes[1].open()?];
    cases.equal(
        "the driver is unbound with files open",
        target.unbind(),
        Ok(()),
    );
    for (file, node) in files.iter().zip(&nodes) {
        cases.refused("no answer", query(file, 0, 0, 0), libc::ENODEV);
        cases.refused("no driver", file.driver(), libc::ENODEV);
        cases.refused("no map", file.map(4096, 1 << 32), libc::ENODEV);
        cases.refused("no node", node.open(), libc::ENOENT);
    }
    cases.refused(
        "no removal with files open",
        unload(&target.module),
        libc::EWOULDBLOCK,
    );
    cases.equal("the driver is bound with files open", target.bind(), Ok(()));
    let new = target.render()?.open()?;
    cases.check("a new file is answered", query(&new, 0, 0, 0).is_ok());
    cases.refused("an old one is not", query(&files[1], 0, 0, 0), libc::ENODEV);
    drop((files, new));
    let count = fs::read_to_string(format!("/sys/module/{}/refcnt", target.module))?;
    cases.equal("nobody uses the module", count.trim(), "0");
    cases.equal("it is removed", unload(&target.module), Ok(()));
    let gone = nodes
        .iter()
        .all(|node| node.open().err() == Some(Errno(libc::ENOENT)));
    cases.check("the nodes are gone", gone);
    cases.equal("it is loaded", load(&target.file, ""), Ok(()));
    let card = target.card()?.open()?;
    cases.check("it answers as before", query(&card, 0, 0, 0).is_ok());
    Ok(())
}
