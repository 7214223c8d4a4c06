// SPDX-License-Identifier: GPL-2.0

//! What becomes of calls when allocations fail: each in turn.

use std::fs;

use guest_programs::fault::{available, every_site, report};
use guest_programs::{Cases, Outcome};

use crate::calls::{Target, NOVA};

pub(crate) fn run(cases: &mut Cases, module: &str) -> Outcome<()> {
    if !available() {
        println!("drm sites: skipped: this kernel can't make allocations fail");
        return Ok(());
    }
    let target = Target::new(NOVA, module)?;
    let node = target.card()?;
    report(cases, "open", every_site(|| node.open(), drop));
    let (card, other) = (node.open()?, node.open()?);
    let close = |handle| {
        let _ = card.close(handle);
    };
    // C says ENOSPC of a file of memory that it had no memory for.
    report(
        cases,
        "create",
        every_site(|| card.create(8192), close).map(|sites| sites.without(libc::ENOSPC)),
    );
    let handle = card.create(8192)?;
    report(
        cases,
        "descriptor",
        every_site(|| card.export(handle, libc::O_CLOEXEC), drop),
    );
    let name = card.name(handle)?;
    report(
        cases,
        "open by name",
        every_site(
            || other.open_name(name),
            |(handle, _)| {
                let _ = other.close(handle);
            },
        ),
    );
    cases.equal("the handle is closed", card.close(handle), Ok(()));
    cases.equal("no handle is left", card.create(4096), Ok(1));
    cases.equal("nor in the other file", other.create(4096), Ok(1));
    drop((card, other));
    let count = fs::read_to_string(format!("/sys/module/{}/refcnt", target.module))?;
    cases.equal("nobody uses the module", count.trim(), "0");
    Ok(())
}
