// SPDX-License-Identifier: GPL-2.0

//! What there is in debugfs.

use crate::{card::Card, memory};
use kernel::{
    debugfs::{BinaryReader, BinaryWriter, Scope},
    fmt,
    fs::file::Offset,
    prelude::*,
    sync::{atomic::Relaxed, Arc},
    uaccess::{UserSliceReader, UserSliceWriter},
};

/// Makes the folder of a device.
pub(crate) fn scope(card: &Arc<Card>) -> impl PinInit<Scope<Arc<Card>>, Error> + '_ {
    Scope::<Arc<Card>>::dir(Ok(card.clone()), card.name(), |card, dir| {
        let card: &Card = card;
        dir.read_callback_file(c"version", card, &version);
        dir.read_callback_file(c"alive", card, &alive);
        dir.read_write_callback_file(c"factorial", card, &result, &compute);
        dir.read_write_binary_file(c"memory", card);
        dir.read_callback_file(c"interrupts", card, &interrupts);
        dir.write_only_callback_file(c"raise", card, &raise);
    })
}

fn version(card: &Card, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match card.version() {
        Ok((major, minor)) => writeln!(f, "{major}.{minor}"),
        Err(_) => writeln!(f, "gone"),
    }
}

fn alive(card: &Card, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}", if card.is_alive() { 'Y' } else { 'N' })
}

fn result(card: &Card, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}", card.result())
}

fn compute(card: &Card, text: &mut UserSliceReader) -> Result {
    card.factorial(number(text)?)
}

fn interrupts(card: &Card, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let counts = &card.bell.counts;
    writeln!(f, "factorial {}", counts.factorial.load(Relaxed))?;
    writeln!(f, "dma {}", counts.dma.load(Relaxed))?;
    writeln!(f, "other {}", counts.other.load(Relaxed))
}

fn raise(card: &Card, text: &mut UserSliceReader) -> Result {
    card.raise(number(text)?)
}

/// Takes a decimal number, with a newline or without.
fn number(text: &mut UserSliceReader) -> Result<u32> {
    let mut bytes = [0; 16];
    let bytes = bytes.get_mut(..text.len()).ok_or(EINVAL)?;
    text.read_slice(bytes)?;
    let text = core::str::from_utf8(bytes)?;
    text.trim_end().parse().map_err(|_| EINVAL)
}

impl BinaryWriter for Card {
    fn write_to_slice(&self, writer: &mut UserSliceWriter, offset: &mut Offset) -> Result<usize> {
        let mut data = KVec::from_elem(0u8, memory::SIZE, GFP_KERNEL)?;
        self.fetch(&mut data)?;
        writer.write_slice_file(&data, offset)
    }
}

impl BinaryReader for Card {
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize> {
        let start = usize::try_from(*offset).map_err(|_| EINVAL)?;
        let room = memory::SIZE.saturating_sub(start);
        if room == 0 && !reader.is_empty() {
            return Err(ENOSPC);
        }
        let mut data = KVec::from_elem(0u8, room.min(reader.len()), GFP_KERNEL)?;
        reader.read_slice(&mut data)?;
        self.store(start, &data)?;
        *offset += data.len() as Offset;
        Ok(data.len())
    }
}
