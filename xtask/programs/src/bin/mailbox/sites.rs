// SPDX-License-Identifier: GPL-2.0

//! What the driver does when allocations fail: each in turn.

use guest_programs::fault::{available, every_site, report};
use guest_programs::{Cases, Outcome};

use crate::calls::*;

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    if !available() {
        println!("mailbox sites: skipped: this kernel can't make allocations fail");
        return Ok(());
    }
    report(cases, "open", every_site(|| Endpoint::open(0), drop));
    report(
        cases,
        "open and bind",
        every_site(|| Endpoint::bound("sites"), drop),
    );
    let endpoint = Endpoint::nonblocking("sites")?;
    report(
        cases,
        "write",
        every_site(
            || endpoint.write(&[1; 1000]),
            |_| {
                let _ = endpoint.flush();
            },
        ),
    );
    let text = [2u8; 1000];
    let message = Transfer::new(text.as_ptr() as usize, 1000);
    report(
        cases,
        "send",
        every_site(
            || endpoint.send(&message),
            |_| {
                let _ = endpoint.flush();
            },
        ),
    );
    report(
        cases,
        "mkdir",
        every_site(
            || make("sites in configfs"),
            |()| {
                let _ = remove("sites in configfs");
            },
        ),
    );
    cases.equal("nothing is left in the box", endpoint.counts()?.messages, 0);
    drop(endpoint);
    cases.equal("no endpoint is left", count("endpoints")?, 0);
    cases.equal("no box is left", boxes()?, String::new());
    Ok(())
}
