// SPDX-License-Identifier: GPL-2.0

//! What there is in debugfs: the statistics, a file for each, and a list of the boxes.

use crate::office::Office;
use kernel::{debugfs::Scope, fmt, prelude::*, sync::Arc};

/// Makes the directory of the module.
pub(crate) fn scope(office: Arc<Office>) -> impl PinInit<Scope<Arc<Office>>, Error> {
    Scope::<Arc<Office>>::dir(Ok(office), c"mailboxes", |office, dir| {
        let stats = &office.stats;
        for (name, count) in [
            (c"sent", &stats.sent),
            (c"waiting", &stats.waiting),
            (c"received", &stats.received),
            (c"expired", &stats.expired),
            (c"flushed", &stats.flushed),
            (c"discarded", &stats.discarded),
            (c"endpoints", &stats.endpoints),
        ] {
            dir.read_only_file(name, &count.0);
        }
        dir.read_callback_file(c"boxes", office, &list);
    })
}

fn list(office: &Arc<Office>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    office.list(f)
}
