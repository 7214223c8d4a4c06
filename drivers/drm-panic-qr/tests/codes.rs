// SPDX-License-Identifier: GPL-2.0

//! Codes, on the host: drawn by the driver, and read by a decoder that has nothing in common with it.

#[path = "../src/ecc.rs"]
mod ecc;
#[path = "../src/matrix.rs"]
mod matrix;
#[path = "../src/segment.rs"]
mod segment;
#[path = "../src/symbol.rs"]
mod symbol;
#[path = "../src/vectors.rs"]
mod vectors;
#[path = "../src/version.rs"]
mod version;

use segment::Message;
use symbol::{encode, max_data_size};
use version::{Level, Version};

/// The URL of the panic screen, without what the configuration begins it with.
const URL: &[u8] = b"https://example.org/panic?a=x86_64&v=7.2.0-rc1&z=";

/// What C's buffers hold at least.
const BUFFER: usize = 4096;

/// Bytes of all values that are the same in each run.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32 ^ count as u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as u8
    })
    .take(count)
    .collect()
}

/// Whether the module at that place of a picture is dark.
fn is_dark(image: &[u8], width: usize, x: usize, y: usize) -> bool {
    image[y * width.div_ceil(8) + x / 8] & 0x80 >> (x % 8) == 0
}

/// What a decoder makes of a picture, some modules of which are turned over.
fn read(
    image: &[u8],
    width: u8,
    damaged: impl Fn(usize, usize) -> bool,
) -> Result<(rqrr::MetaData, Vec<u8>), rqrr::DeQRError> {
    let width = usize::from(width);
    let grid =
        rqrr::SimpleGrid::from_func(width, |x, y| is_dark(image, width, x, y) != damaged(x, y));
    let mut content = Vec::new();
    let meta = rqrr::Grid::new(grid).decode_to(&mut content)?;
    Ok((meta, content))
}

/// Encodes a message and has it read; the version, the level and the content.
fn there_and_back(url: Option<&[u8]>, data: &[u8]) -> Option<(u8, u32, Vec<u8>)> {
    let mut image = vec![0xa5; BUFFER];
    image[..data.len()].copy_from_slice(data);
    let mut tmp = vec![0x5a; BUFFER];
    let width = encode(url, &mut image, data.len(), &mut tmp)?;
    let (meta, content) = read(&image, width, |_, _| false).expect("it can be read");
    assert_eq!(meta.version.to_size(), usize::from(width));
    Some((meta.version.0 as u8, u32::from(meta.ecc_level), content))
}

/// The bytes that the page of a URL makes of the digits behind it.
fn from_digits(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in digits.chunks(17) {
        let number: u64 = std::str::from_utf8(chunk).unwrap().parse().unwrap();
        let count = [3, 5, 8, 10, 13, 15, 17]
            .iter()
            .position(|digits| *digits == chunk.len())
            .expect("as many digits as some bytes have")
            + 1;
        assert!(number >> (8 * count) == 0);
        bytes.extend_from_slice(&number.to_le_bytes()[..count]);
    }
    bytes
}

#[test]
fn each_version_holds_as_many_bytes_as_it_says() {
    let mut read = 0;
    for version in Version::all().map(Version::number) {
        let room = max_data_size(version, 0);
        for len in [room / 2, room] {
            let data = bytes(len);
            let (used, _, content) = there_and_back(None, &data).expect("there is room");
            assert!(
                used <= version && content == data,
                "version {version}, {len} bytes"
            );
            assert!(
                len < room || used == version,
                "{used} in place of {version}"
            );
            read += 1;
        }
        // One byte more takes the next version.
        let mut image = bytes(BUFFER);
        let longer = encode(None, &mut image, room + 1, &mut [0; BUFFER]);
        assert_eq!(longer, Version::new(version + 1).map(Version::width));
    }
    println!("{read} codes without a URL, of all 40 versions, were read");
    // Table 7 of the standard.
    let room: Vec<usize> = [1, 5, 9, 10, 26, 27, 40]
        .iter()
        .map(|version| max_data_size(*version, 0))
        .collect();
    assert_eq!(room, [17, 106, 230, 271, 1367, 1465, 2953]);
}

#[test]
fn each_version_holds_as_many_bytes_behind_a_url() {
    let mut read = 0;
    for version in Version::all().map(Version::number) {
        let room = max_data_size(version, URL.len());
        if room == 0 {
            assert!(version < 4, "version {version} has no room behind a URL");
            continue;
        }
        // Ends of all lengths.
        let end = room.saturating_sub(usize::from(version % 7));
        for len in [end, room] {
            let data = bytes(len);
            let (used, _, content) = there_and_back(Some(URL), &data).expect("there is room");
            let digits = content.strip_prefix(URL).expect("the URL comes first");
            assert!(digits.iter().all(u8::is_ascii_digit));
            assert_eq!(from_digits(digits), data, "version {version}, {len} bytes");
            assert!(used <= version && (len < room || used == version));
            read += 1;
        }
        let mut image = bytes(BUFFER);
        let longer = encode(Some(URL), &mut image, room + 1, &mut [0; BUFFER]);
        assert_eq!(longer, Version::new(version + 1).map(Version::width));
    }
    println!("{read} codes with a URL, of versions 4 to 40, were read");
}

#[test]
fn numbers_have_all_their_digits() {
    for len in 0..30 {
        for byte in [0, 1, 0x80, 0xff] {
            let data = vec![byte; len];
            let (_, _, content) = there_and_back(Some(b"u"), &data).unwrap();
            assert_eq!(content.len(), 1 + segment::digits(len));
            assert_eq!(from_digits(&content[1..]), data);
        }
    }
}

#[test]
fn each_level_of_each_version_is_read_and_corrected() {
    let mut read_codes = 0;
    for version in Version::all() {
        for level in Level::FROM_HIGHEST {
            let blocks = version.blocks(level);
            let room = segment::room(version, blocks.capacity(), 0);
            let data = bytes(room);
            let message = Message {
                url: None,
                data: &data,
            };
            assert!(symbol::fits(&message, version, level));
            let mut codewords = vec![0; version.codewords()];
            symbol::prepare(&message, version, level, &mut codewords).unwrap();
            // In one version all masks, in the others each in its turn.
            let turn = (version.number() + level.indicator() as u8) % 8;
            for mask in (0..8).filter(|mask| version.number() == 7 || *mask == turn) {
                let mut image = vec![0; version.image_bytes()];
                let mut matrix = symbol::draw(version, level, &codewords, &mut image).unwrap();
                matrix.draw_masked(level, mask);
                let (first, second) = formats(&image, usize::from(version.width()));
                assert_eq!(first, second);
                // Whole; with holes in the content, and in the format, which are corrected.
                let width = usize::from(version.width());
                let hole =
                    |x: usize, y: usize| x >= width - 2 && (width - 8..width - 4).contains(&y);
                let format = |x: usize, y: usize| x == 8 && y < 3;
                let damages: [&dyn Fn(usize, usize) -> bool; 3] = [&|_, _| false, &hole, &format];
                for (nth, damage) in damages.into_iter().enumerate() {
                    let (meta, content) =
                        read(&image, version.width(), damage).unwrap_or_else(|error| {
                            panic!("{version:?}, {level:?}, damage {nth}: {error}")
                        });
                    assert_eq!(u32::from(meta.ecc_level), level.indicator());
                    assert_eq!(meta.mask, u16::from(mask));
                    assert_eq!(content, data);
                    read_codes += 1;
                }
            }
        }
    }
    println!("{read_codes} codes of 40 versions, 4 levels and 8 masks were read, two thirds of them damaged");
    assert_eq!(read_codes, (39 + 8) * 4 * 3);
}

/// The format as it is written twice: around one finder pattern, and beside the two others.
fn formats(image: &[u8], width: usize) -> (u32, u32) {
    let bits = |places: &[(usize, usize)]| {
        places.iter().fold(0, |bits, (x, y)| {
            bits << 1 | u32::from(is_dark(image, width, *x, *y))
        })
    };
    // From the highest bit, past the timing patterns.
    let along = [0, 1, 2, 3, 4, 5, 7].map(|x| (x, 8));
    let up = [8, 7, 5, 4, 3, 2, 1, 0].map(|y| (8, y));
    let below: Vec<_> = (1..=7).map(|back| (8, width - back)).collect();
    let beside: Vec<_> = (1..=8).rev().map(|back| (width - back, 8)).collect();
    assert!(
        is_dark(image, width, 8, width - 8),
        "this one is always dark"
    );
    (
        bits(&[&along[..], &up].concat()),
        bits(&[below, beside].concat()),
    )
}

#[test]
fn the_highest_level_that_fits_is_taken() {
    let version = Version::new(10).unwrap();
    for level in Level::FROM_HIGHEST {
        let room = segment::room(version, version.blocks(level).capacity(), 0);
        let (used, taken, _) = there_and_back(None, &bytes(room)).unwrap();
        // What fits in a smaller code gets that.
        assert!(used < 10 || taken == level.indicator());
    }
    let (used, taken, _) = there_and_back(None, b"1234567").unwrap();
    assert_eq!((used, taken), (1, Level::High.indicator()));
}

/// The field again, by its exponents.
fn powers() -> Vec<u8> {
    let mut power = 1_u16;
    (0..255)
        .map(|_| {
            let this = power as u8;
            power <<= 1;
            if power > 0xff {
                power ^= 0x11d;
            }
            this
        })
        .collect()
}

#[test]
fn blocks_have_the_roots_that_the_standard_asks_for() {
    let powers = powers();
    let logarithm = |value: u8| powers.iter().position(|power| *power == value);
    for version in Version::all() {
        for level in Level::FROM_HIGHEST {
            let blocks = version.blocks(level);
            let data = bytes(40.min(blocks.capacity() - 3));
            let message = Message {
                url: None,
                data: &data,
            };
            let mut codewords = vec![0; version.codewords()];
            symbol::prepare(&message, version, level, &mut codewords).unwrap();
            let mut places = vec![false; codewords.len()];
            for place in 0..codewords.len() {
                places[blocks.interleaved(place)] = true;
            }
            assert!(places.iter().all(|there| *there), "each byte is drawn");
            assert_eq!(blocks.start(blocks.count()), blocks.capacity());
            let corrections = codewords[blocks.capacity()..].chunks(blocks.correction());
            for (block, correction) in corrections.enumerate() {
                let data = &codewords[blocks.start(block)..blocks.start(block + 1)];
                for root in 0..blocks.correction() {
                    let value = data.iter().chain(correction).fold(0, |sum, byte| {
                        let times = logarithm(sum).map_or(0, |log| powers[(log + root) % 255]);
                        times ^ byte
                    });
                    assert_eq!(value, 0, "{version:?}, {level:?}, block {block}");
                }
            }
        }
    }
}

#[test]
fn versions_are_as_in_the_tables() {
    let version = |number| Version::new(number).unwrap();
    // Tables 1 and D.1.
    for (number, width, codewords, information) in [
        (1, 21, 26, None),
        (2, 25, 44, None),
        (6, 41, 172, None),
        (7, 45, 196, Some(0x07c94)),
        (14, 73, 581, Some(0x0e60d)),
        (21, 101, 1156, Some(0x15683)),
        (32, 145, 2465, Some(0x209d5)),
        (40, 177, 3706, Some(0x28c69)),
    ] {
        assert_eq!(version(number).width(), width);
        assert_eq!(version(number).codewords(), codewords);
        assert_eq!(version(number).information(), information);
    }
    // Table E.1.
    for (number, row) in [
        (1, &[][..]),
        (2, &[6, 18]),
        (7, &[6, 22, 38]),
        (14, &[6, 26, 46, 66]),
        (15, &[6, 26, 48, 70]),
        (22, &[6, 26, 50, 74, 98]),
        (30, &[6, 26, 52, 78, 104, 130]),
        (32, &[6, 34, 60, 86, 112, 138]),
        (36, &[6, 24, 50, 76, 102, 128, 154]),
        (39, &[6, 26, 54, 82, 110, 138, 166]),
        (40, &[6, 30, 58, 86, 114, 142, 170]),
    ] {
        let mut centres = Vec::new();
        for y in row {
            for x in row {
                let last = row[row.len() - 1];
                if ![(6, 6), (6, last), (last, 6)].contains(&(*x, *y)) {
                    centres.push((*x, *y));
                }
            }
        }
        let ours: Vec<_> = version(number).alignment_centres().collect();
        assert_eq!(ours, centres, "version {number}");
    }
    assert!(Version::new(0).is_none() && Version::new(41).is_none());
}

#[test]
fn the_version_is_written_into_large_codes_twice() {
    for version in Version::all().filter(|version| version.number() >= 7) {
        let len = max_data_size(version.number(), 0);
        let mut image = bytes(BUFFER);
        let width = encode(None, &mut image, len, &mut [0; BUFFER]).unwrap();
        assert_eq!(width, version.width());
        let width = usize::from(width);
        let (mut right, mut left) = (0, 0);
        for bit in (0..18).rev() {
            let (along, across) = (bit / 3, width - 11 + bit % 3);
            right = right << 1 | u32::from(is_dark(&image, width, across, along));
            left = left << 1 | u32::from(is_dark(&image, width, along, across));
        }
        assert_eq!(
            (Some(right), Some(left)),
            (version.information(), version.information())
        );
    }
    // As the standard prints it: three rows above the lower finder pattern, and columns beside the right one.
    let mut image = bytes(BUFFER);
    let width = encode(None, &mut image, max_data_size(7, 0), &mut [0; BUFFER]).unwrap();
    assert_eq!(width, 45);
    for (row, modules) in [(34, "000010"), (35, "011110"), (36, "100110")] {
        for (column, module) in modules.bytes().enumerate() {
            assert_eq!(is_dark(&image, 45, column, row), module == b'1');
            assert_eq!(is_dark(&image, 45, row, column), module == b'1');
        }
    }
}

/// The four rules, told again, by whole rows and columns.
fn penalty(image: &[u8], width: usize) -> usize {
    let rows: Vec<Vec<bool>> = (0..width)
        .map(|y| (0..width).map(|x| is_dark(image, width, x, y)).collect())
        .collect();
    let columns = (0..width).map(|x| rows.iter().map(|row| row[x]).collect::<Vec<_>>());
    let mut sum = 0;
    for line in rows.iter().cloned().chain(columns) {
        for run in line.chunk_by(|a, b| a == b).filter(|run| run.len() >= 5) {
            sum += run.len() - 2;
        }
        let light = [false; 4];
        let framed = [&light[..], &line, &light].concat();
        let finder = [true, false, true, true, true, false, true];
        sum += framed
            .windows(11)
            .filter(|at| {
                **at == [&finder[..], &light].concat() || **at == [&light[..], &finder].concat()
            })
            .count()
            * 40;
    }
    for (above, below) in rows.iter().zip(&rows[1..]) {
        for x in 1..width {
            let square = [above[x - 1], above[x], below[x - 1], below[x]];
            sum += 3 * usize::from(square.iter().all(|dark| *dark == square[0]));
        }
    }
    let dark = rows.iter().flatten().filter(|dark| **dark).count();
    let percent = dark as f64 * 100.0 / (width * width) as f64;
    sum + ((percent - 50.0).abs() / 5.0) as usize * 10
}

#[test]
fn the_mask_is_the_one_with_the_least_penalty() {
    let mut masks = [0; 8];
    for len in [1, 17, 32, 60, 90, 150, 200, 300, 500, 1000] {
        // All alike, and all sorts.
        for data in [
            vec![b' '; len],
            vec![0xff; len],
            bytes(len),
            bytes(len + 1)[1..].to_vec(),
        ] {
            let mut image = vec![0; BUFFER];
            image[..len].copy_from_slice(&data);
            let width = encode(None, &mut image, len, &mut [0; BUFFER]).unwrap();
            let (meta, content) = read(&image, width, |_, _| false).unwrap();
            assert_eq!(content, data);
            masks[usize::from(meta.mask)] += 1;
            let version = Version::new(meta.version.0 as u8).unwrap();
            let level = Level::FROM_HIGHEST
                .into_iter()
                .find(|level| level.indicator() == u32::from(meta.ecc_level))
                .unwrap();
            let message = Message {
                url: None,
                data: &data,
            };
            let mut codewords = vec![0; version.codewords()];
            symbol::prepare(&message, version, level, &mut codewords).unwrap();
            let mut all = Vec::new();
            for mask in 0..8 {
                let mut other = vec![0; version.image_bytes()];
                let mut matrix = symbol::draw(version, level, &codewords, &mut other).unwrap();
                matrix.draw_masked(level, mask);
                let ours = matrix.penalty() as usize;
                assert_eq!(ours, penalty(&other, usize::from(width)), "mask {mask}");
                all.push((ours, u16::from(mask)));
                if u16::from(mask) == meta.mask {
                    assert_eq!(other, image[..other.len()]);
                }
            }
            assert_eq!(all.iter().min().unwrap().1, meta.mask);
        }
    }
    println!("masks that were chosen, from 0 to 7: {masks:?}");
    assert!(masks.iter().filter(|times| **times > 0).count() >= 4);
}

#[test]
fn what_cannot_be_encoded_gets_no_code() {
    let none = |url: Option<&[u8]>, size: usize, len: usize, tmp: usize| {
        assert_eq!(
            encode(url, &mut vec![b'x'; size], len, &mut vec![0; tmp]),
            None
        );
    };
    // Nothing to say; data that no code has room for, or that the buffer does not hold.
    none(None, BUFFER, 0, BUFFER);
    none(Some(b""), BUFFER, 0, BUFFER);
    none(None, BUFFER, 2954, BUFFER);
    none(None, BUFFER, BUFFER, BUFFER);
    none(None, BUFFER, BUFFER + 1, BUFFER);
    none(None, BUFFER, usize::MAX, BUFFER);
    none(Some(URL), BUFFER, 2953, BUFFER);
    none(Some(&[b'u'; 2954]), BUFFER, 0, BUFFER);
    none(Some(&[b'u'; 100_000]), BUFFER, 1, BUFFER);
    // Buffers that are smaller than the picture, or than the bytes of the code.
    none(None, 4070, 2953, 3706);
    none(None, 4071, 2953, 3705);
    none(None, 62, 17, BUFFER);
    none(None, 63, 17, 25);
    none(None, 0, 0, 0);
    let fits = |size, len, tmp| encode(None, &mut vec![b'x'; size], len, &mut vec![0; tmp]);
    assert_eq!(fits(4071, 2953, 3706), Some(177));
    assert_eq!(fits(63, 17, 26), Some(21));
}

#[test]
fn a_url_need_not_be_text() {
    let url = [0xff, 0xfe, b'/', 0x80, 1];
    let (_, _, content) = there_and_back(Some(&url), b"data").unwrap();
    assert_eq!(content[..5], url);
    assert_eq!(from_digits(&content[5..]), b"data");
    // One without data is a code as well.
    assert_eq!(there_and_back(Some(URL), b"").unwrap().2, URL);
}

#[test]
fn versions_that_there_are_not_have_no_room() {
    for version in [0, 41, 255] {
        for url in [0, 1, 50, usize::MAX] {
            assert_eq!(max_data_size(version, url), 0);
        }
    }
    for version in 1..=40 {
        assert_eq!(max_data_size(version, 2954), 0);
        assert_eq!(max_data_size(version, usize::MAX), 0);
        // Beside a URL there never is more than without.
        assert!(max_data_size(version, 1) < max_data_size(version, 0));
    }
}

#[test]
fn what_is_beside_the_picture_is_left_alone() {
    let mut image = vec![b'x'; BUFFER];
    let width = encode(None, &mut image, 100, &mut [0; BUFFER]).unwrap();
    let version = Version::all()
        .find(|version| version.width() == width)
        .unwrap();
    assert!(image[version.image_bytes()..]
        .iter()
        .all(|byte| *byte == b'x'));
    // The end of each row, too, is not drawn.
    let row = usize::from(width).div_ceil(8);
    for row in image[..version.image_bytes()].chunks(row) {
        assert_eq!(row[row.len() - 1] & (0xff >> (width % 8)), 0);
    }
}

/// What C draws: a dark screen with a light square, and in it the code, each module as many pixels as fit.
fn on_screen(image: &[u8], modules: usize) -> (usize, usize, Vec<u8>) {
    let (width, height) = (1024, 768);
    let canvas = modules + 8;
    let scale = 3 * height / 4 / canvas;
    assert!(scale >= 2, "C draws none that is smaller");
    let mut screen = vec![0; width * height];
    let (left, top) = ((width - canvas * scale) / 2, 30);
    for y in 0..canvas * scale {
        for x in 0..canvas * scale {
            let inside = |place: usize| (place / scale).checked_sub(4).filter(|at| *at < modules);
            let dark = match (inside(x), inside(y)) {
                (Some(column), Some(row)) => is_dark(image, modules, column, row),
                _ => false,
            };
            screen[(top + y) * width + left + x] = if dark { 0 } else { 255 };
        }
    }
    (width, height, screen)
}

#[test]
fn codes_are_found_on_a_screen() {
    for version in [1, 6, 7, 14, 21, 28, 35, 40] {
        let data = bytes(max_data_size(version, 0));
        let mut image = vec![0; BUFFER];
        image[..data.len()].copy_from_slice(&data);
        let modules = encode(None, &mut image, data.len(), &mut [0; BUFFER]).unwrap();
        let (width, height, screen) = on_screen(&image, usize::from(modules));
        let mut prepared = rqrr::PreparedImage::prepare_from_bitmap(width, height, |x, y| {
            screen[y * width + x] < 0x80
        });
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "version {version}");
        let mut content = Vec::new();
        grids[0].decode_to(&mut content).expect("it can be read");
        assert_eq!(content, data, "version {version}");
    }
}

/// Has the module's messages encoded, and read.
fn of_module(largest: u8) -> vectors::Outcome {
    let (mut image, mut tmp) = (vec![0; BUFFER], vec![0; BUFFER]);
    vectors::run(largest, &mut image, &mut tmp, |url, data, len, tmp| {
        let url = url.map(std::ffi::CStr::to_bytes);
        let before = data[..len].to_vec();
        let width = encode(url, data, len, tmp)?;
        let (_, content) = read(data, width, |_, _| false).expect("it can be read");
        match url {
            Some(url) => assert_eq!(from_digits(content.strip_prefix(url).unwrap()), before),
            None => assert_eq!(content, before),
        }
        Some(width)
    })
}

#[test]
fn the_script_knows_what_the_module_logs() {
    let script = include_str!("../exercise.sh");
    let whole = of_module(40);
    println!("the module's codes, all of which were read: {whole:?}");
    for (largest, outcome) in [(1, of_module(1)), (40, whole)] {
        assert_eq!(outcome.wrong, 0);
        let line = format!(
            "versions 1 to {largest}: {} codes, 0 of them wrong, digest {:08x}'",
            outcome.codes, outcome.digest
        );
        assert!(script.contains(&line), "the script does not have: {line}");
    }
    assert!(script.contains(&format!("after {} codes'", whole.codes)));
}

#[test]
fn the_module_notices_wrong_sizes() {
    let (mut image, mut tmp) = (vec![0; BUFFER], vec![0; BUFFER]);
    let outcome = vectors::run(2, &mut image, &mut tmp, |_, _, _, _| None);
    assert_eq!((outcome.codes, outcome.wrong), (0, 4));
    let outcome = vectors::run(40, &mut image, &mut tmp, |_, _, _, _| Some(177));
    assert!(outcome.wrong > 70 && outcome.codes > outcome.wrong);
}
