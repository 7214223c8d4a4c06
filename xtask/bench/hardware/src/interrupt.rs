// SPDX-License-Identifier: GPL-2.0

//! From an interrupt to its handler.

use core::hint::spin_loop;

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    io::Io,
    irq::{Flags, Handler, IrqReturn},
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
};

use crate::{
    bench_failed, card,
    offset::{INTERRUPT_ACKNOWLEDGE, INTERRUPT_RAISE, INTERRUPT_STATUS},
    Bar,
};

/// Acknowledges interrupts, and counts them.
struct Bell {
    bar: Arc<Devres<Bar>>,
    interrupts: Atomic<u32>,
}

impl Handler for Bell {
    fn handle(&self, dev: &Device<Bound>) -> IrqReturn {
        let Ok(registers) = self.bar.access(dev) else {
            return IrqReturn::None;
        };
        let causes = registers.read32(INTERRUPT_STATUS);
        if causes == 0 {
            return IrqReturn::None;
        }
        registers.write32(causes, INTERRUPT_ACKNOWLEDGE);
        // It is the only one that writes, and is never at work twice.
        self.interrupts
            .store(self.interrupts.load(Relaxed) + 1, Relaxed);
        IrqReturn::Handled
    }
}

/// Raises an interrupt, and waits until its handler has run.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_interrupt(rounds: usize) {
    let card = card();
    let bell = Bell {
        bar: card.bar.clone(),
        interrupts: Atomic::new(0),
    };
    let request = card
        .pdev
        .request_irq(card.vector, Flags::TRIGGER_NONE, c"bench", Ok(bell));
    let (Ok(registration), Ok(registers)) =
        (KBox::pin_init(request, GFP_KERNEL), card.registers())
    else {
        return bench_failed();
    };
    let interrupts = &registration.handler().interrupts;
    for _ in 0..rounds {
        let before = interrupts.load(Relaxed);
        registers.write32(1, INTERRUPT_RAISE);
        while interrupts.load(Relaxed) == before {
            spin_loop();
        }
    }
}
