// SPDX-License-Identifier: GPL-2.0

//! Nova's parameters, and what DRM makes of arguments that are not as long as they should be.

use guest_programs::{direction, ioctl, ioctl_with, Cases, Outcome};

use crate::calls::{request, Node, Target, GETPARAM, VRAM_BAR_SIZE};

pub(crate) fn values(cases: &mut Cases, target: &Target, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    let size = target.bar_size(1)?;
    cases.check("the device has a second BAR", size > 0);
    cases.equal("its size", card.parameter(VRAM_BAR_SIZE), Ok(size));
    let mut unknown = vec![0, 2, 3, 0xffff_ffff, 1 << 63, u64::MAX];
    if target.is_ours() {
        // The tree's driver looks at 32 bits.
        unknown.push(1 << 32 | VRAM_BAR_SIZE);
    }
    for number in unknown {
        cases.refused(
            &format!("there is no parameter {number:#x}"),
            card.parameter(number),
            libc::EINVAL,
        );
    }
    Ok(())
}

/// Arguments that are shorter or longer than the structure: what is missing is zero, what is more stays.
pub(crate) fn sizes(cases: &mut Cases, node: &Node) -> Outcome<()> {
    const MOST: usize = (1 << 14) - 1;
    let card = node.open()?;
    let value = card.parameter(VRAM_BAR_SIZE)?;
    for size in [1, 4, 8, 9, 12, 15, 16, 17, 24, 127, 128, 129, 4096, MOST] {
        let mut bytes = vec![0xa5u8; MOST];
        bytes[..8].copy_from_slice(&VRAM_BAR_SIZE.to_ne_bytes());
        let mut expected = bytes.clone();
        let filled = size.min(16);
        if filled > 8 {
            expected[8..filled].copy_from_slice(&value.to_ne_bytes()[..filled - 8]);
        }
        let address = bytes.as_mut_ptr() as usize;
        let result = ioctl(&card, request(direction::BOTH, GETPARAM, size), address);
        cases.equal(&format!("{size} bytes are taken"), result, Ok(0));
        cases.check(
            &format!("just what belongs there is in {size} bytes"),
            bytes == expected,
        );
    }
    let mut argument = [VRAM_BAR_SIZE, 9];
    cases.refused(
        "no bytes are no parameter",
        ioctl_with(&card, request(direction::BOTH, GETPARAM, 0), &mut argument),
        libc::EINVAL,
    );
    Ok(())
}

/// Numbers that say the wrong thing about who writes.
pub(crate) fn directions(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    let mut argument = [VRAM_BAR_SIZE, 9];
    cases.equal(
        "who only writes is answered",
        ioctl_with(
            &card,
            request(direction::WRITE, GETPARAM, 16),
            &mut argument,
        ),
        Ok(0),
    );
    cases.equal("and told nothing", argument, [VRAM_BAR_SIZE, 9]);
    cases.refused(
        "who has no argument asks for nothing",
        ioctl_with(&card, request(direction::NONE, GETPARAM, 16), &mut argument),
        libc::EINVAL,
    );
    cases.equal("and is told nothing", argument, [VRAM_BAR_SIZE, 9]);
    cases.refused(
        "nor does who only reads",
        ioctl_with(&card, request(direction::READ, GETPARAM, 16), &mut argument),
        libc::EINVAL,
    );
    cases.equal("what he reads is empty", argument, [0, 0]);
    Ok(())
}
