// SPDX-License-Identifier: GPL-2.0

//! Who is not root has to be given the right to make buffers by who has the display.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread;

use guest_programs::{outcome, Cases, Errno, Outcome};

use crate::calls::{Card, Node, VRAM_BAR_SIZE};

pub(crate) fn run(cases: &mut Cases, node: &Node) -> Outcome<()> {
    // The first file has the display.
    let master = node.open()?;
    let before = fs::metadata(&node.0)?.permissions();
    fs::set_permissions(&node.0, Permissions::from_mode(0o666))?;
    let card = as_nobody(node);
    fs::set_permissions(&node.0, before)?;
    let card = card?;

    cases.check("nobody may ask for the driver", card.driver().is_ok());
    cases.check("and for parameters", card.parameter(VRAM_BAR_SIZE).is_ok());
    cases.refused("but not make buffers", card.create(4096), libc::EACCES);
    cases.refused("nor ask for them", card.size(1), libc::EACCES);
    cases.refused("nor open them by name", card.open_name(1), libc::EACCES);
    cases.refused("nor give others rights", card.authenticate(1), libc::EACCES);
    let magic = card.magic()?;
    cases.refused(
        "no rights for who has not asked",
        master.authenticate(magic + 1),
        libc::EINVAL,
    );
    cases.refused("still no buffers", card.create(4096), libc::EACCES);
    cases.equal("rights are given", master.authenticate(magic), Ok(()));
    let handle = card.create(4096);
    cases.check("now there are buffers", handle.is_ok());
    cases.equal(
        "and their sizes",
        handle.and_then(|handle| card.size(handle)),
        Ok(4096),
    );
    Ok(())
}

/// Opens the node in a thread that is nobody.
fn as_nobody(node: &Node) -> Outcome<Card> {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            const NOBODY: libc::c_long = 65_534;
            // SAFETY: The call has no addresses. As it is not libc's function, it is for this thread only.
            let result = unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) };
            outcome(result as isize)?;
            node.open()
        });
        thread.join().unwrap_or(Err(Errno(libc::EIO)))
    })
}
