// SPDX-License-Identifier: GPL-2.0

//! A whole code: from a message to a picture.

use crate::{
    ecc::Generator,
    matrix::Matrix,
    segment::{self, Message},
    version::{Level, Version},
};

/// How many bytes of data a code of that version has room for, behind a URL of that length; without one if
/// it is 0. There are none if there is no such version.
pub(crate) fn max_data_size(version: u8, url: usize) -> usize {
    Version::new(version).map_or(0, |version| {
        segment::room(version, version.blocks(Level::Low).capacity(), url)
    })
}

/// Draws the code of the first `len` bytes of `data` over them, and returns how many modules wide it is.
///
/// It is the smallest one that has room for them, at the highest level for which that size has room, and is
/// drawn as [`Matrix`] says. `None` if there is nothing to say, if no code has room for it, if `tmp` is
/// smaller than the bytes of the code, or `data` than its picture.
pub(crate) fn encode(
    url: Option<&[u8]>,
    data: &mut [u8],
    len: usize,
    tmp: &mut [u8],
) -> Option<u8> {
    let message = Message {
        url,
        data: data.get(..len)?,
    };
    if len == 0 && url.is_none_or(<[u8]>::is_empty) {
        return None;
    }
    let version = Version::all().find(|version| fits(&message, *version, Level::Low))?;
    let mut levels = Level::FROM_HIGHEST.iter().copied();
    let level = levels.find(|level| fits(&message, version, *level))?;
    prepare(&message, version, level, tmp)?;
    draw(version, level, tmp, data)?.draw_best(level);
    Some(version.width())
}

/// Whether a code of that version has room for a message at `level`.
pub(crate) fn fits(message: &Message<'_>, version: Version, level: Level) -> bool {
    message
        .bits(version)
        .is_some_and(|bits| bits <= version.blocks(level).capacity() * 8)
}

/// Writes the bytes of a code to `codewords`: the message, and behind it those for correction.
///
/// The message has to fit. `None` if `codewords` is too small.
pub(crate) fn prepare(
    message: &Message<'_>,
    version: Version,
    level: Level,
    codewords: &mut [u8],
) -> Option<()> {
    let blocks = version.blocks(level);
    let codewords = codewords.get_mut(..version.codewords())?;
    let (data, correction) = codewords.split_at_mut(blocks.capacity());
    message.write(version, data);
    let generator = Generator::new(blocks.correction())?;
    let of_blocks = correction.chunks_exact_mut(blocks.correction());
    for (block, correction) in of_blocks.enumerate().take(blocks.count()) {
        let data = data.get(blocks.start(block)..blocks.start(block + 1))?;
        generator.correct(data, correction);
    }
    Some(())
}

/// Draws the bytes of a code, without a mask. `None` if `image` is too small.
pub(crate) fn draw<'a>(
    version: Version,
    level: Level,
    codewords: &[u8],
    image: &'a mut [u8],
) -> Option<Matrix<'a>> {
    let blocks = version.blocks(level);
    let mut matrix = Matrix::new(version, image)?;
    matrix.draw_content(version.codewords(), |place| {
        codewords
            .get(blocks.interleaved(place))
            .copied()
            .unwrap_or(0)
    });
    Some(matrix)
}
