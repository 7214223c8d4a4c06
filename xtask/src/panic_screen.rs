// SPDX-License-Identifier: GPL-2.0

//! The panic screen: a kernel panics, and the QR code on its screen is read.
//!
//! Once with the tree's own encoder, and once with the one of `drivers/drm-panic-qr` in its place: its files
//! are copied into the build folder, where Kbuild looks before it looks into the source tree.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};

use crate::guest::{self, Exercise, Exercised};
use crate::kernel::Kernel;
use crate::run::show;
use crate::vm;

/// The files of our encoder that a kernel needs; the first is the root.
const FILES: [&str; 6] = [
    "drm_panic_qr.rs",
    "ecc.rs",
    "matrix.rs",
    "segment.rs",
    "symbol.rs",
    "version.rs",
];

/// Where the tree has its encoder.
const PLACE: &str = "drivers/gpu/drm";

/// Gives the screen time to get its mode, and has the kernel panic.
const SCRIPT: &str = "sleep 10\necho c >/proc/sysrq-trigger\nsleep 600\n";

/// How long a machine may take to panic.
const LIMIT: Duration = Duration::from_secs(300);

/// How often the screen is looked at, a second apart, until there is a code on it.
const LOOKS: usize = 20;

/// What a panic screen had.
struct Seen {
    encoder: &'static str,
    version: usize,
    level: &'static str,
    mask: u16,
    /// The bytes behind the URL as they were in the code, compressed or not.
    bytes: usize,
    lines: usize,
    picture: PathBuf,
}

/// Builds `kernel` with each encoder, has it panic, and reads its screen.
///
/// # Errors
///
/// When a machine does not panic, shows no code, or one that does not have the log of its console.
pub(crate) fn check(kernel: &Kernel<'_>) -> Result<String> {
    let ours = Overlay::new(kernel);
    // One that an earlier run left behind.
    ours.remove();
    kernel.build("Linux with the tree's own encoder", &["all"])?;
    ensure!(
        !is_built_of(kernel, "segment.rs")?,
        "the tree's own encoder was not built: what is in {}?",
        ours.folder.display()
    );
    let initramfs = pack(kernel)?;
    let theirs = look(kernel, &initramfs, "upstream")?;

    ours.write()?;
    kernel.build("Linux with our encoder", &["bzImage"])?;
    ensure!(
        is_built_of(kernel, "segment.rs")?,
        "Kbuild did not take our encoder from {}",
        ours.folder.display()
    );
    let seen = [theirs, look(kernel, &initramfs, "ours")?];
    let told: Vec<String> = seen.iter().map(Seen::to_string).collect();
    Ok(told.join("\n"))
}

/// What came of it for the tree's own encoder, as for the modules that scripts exercise.
pub(crate) fn exercised(result: &Result<String>) -> Exercised {
    let name = "drm_panic_qr".to_owned();
    match result {
        Ok(told) => Exercised {
            name,
            passed: true,
            // It is part of the kernel.
            loaded: true,
            summary: told.lines().next().unwrap_or_default().to_owned(),
            ..Exercised::default()
        },
        Err(error) => Exercised {
            name,
            checks: vec![(format!("{error:#}"), false)],
            ..Exercised::default()
        },
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: version {}, level {}, mask {}: {} bytes, {} lines, each of them on the console; {}",
            self.encoder,
            self.version,
            self.level,
            self.mask,
            self.bytes,
            self.lines,
            self.picture.display()
        )
    }
}

/// Our encoder in a build folder; it is removed in the end.
struct Overlay {
    source: PathBuf,
    folder: PathBuf,
}

impl Overlay {
    fn new(kernel: &Kernel<'_>) -> Self {
        Self {
            source: kernel.workspace.root.join("drivers/drm-panic-qr/src"),
            folder: kernel.out().join(PLACE),
        }
    }

    fn write(&self) -> Result<()> {
        for file in FILES {
            let from = self.source.join(file);
            fs::copy(&from, self.folder.join(file)).with_context(|| from.display().to_string())?;
        }
        Ok(())
    }

    fn remove(&self) {
        for file in FILES {
            let _ = fs::remove_file(self.folder.join(file));
        }
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Whether the encoder in the kernel was built of a file of that name.
fn is_built_of(kernel: &Kernel<'_>, file: &str) -> Result<bool> {
    let record = kernel.out().join(PLACE).join(".drm_panic_qr.o.cmd");
    let text = fs::read_to_string(&record).with_context(|| {
        format!(
            "{}: does the configuration have CONFIG_DRM_PANIC_SCREEN_QR_CODE?",
            record.display()
        )
    })?;
    Ok(text.contains(&format!("/{file}")))
}

/// The guest's root, whose script has the kernel panic.
fn pack(kernel: &Kernel<'_>) -> Result<PathBuf> {
    let script = kernel.out().join("panic.sh");
    fs::write(&script, SCRIPT).with_context(|| script.display().to_string())?;
    let exercise = Exercise {
        name: "panic".to_owned(),
        modules: Vec::new(),
        script,
    };
    guest::pack(kernel, &[exercise], &[])
}

/// Boots the kernel, waits for its panic, and reads its screen.
fn look(kernel: &Kernel<'_>, initramfs: &Path, encoder: &'static str) -> Result<Seen> {
    eprintln!("==> waiting for a panic ({}, {encoder})", kernel.name);
    let log = kernel.workspace.log(&format!("{}-{encoder}", kernel.name));
    let picture = log.with_extension("ppm");
    let machine = Machine::start(kernel, initramfs)?;
    let console = machine.console_of_panic();
    fs::write(
        &log,
        console
            .as_ref()
            .map_or_else(|error| error.to_string(), Clone::clone),
    )?;
    let console = console.with_context(|| format!("the console is in {}", log.display()))?;
    let mut monitor = machine.monitor()?;
    let mut last = None;
    for _ in 0..LOOKS {
        monitor.dump(&picture)?;
        let found = fs::read(&picture)
            .map_err(anyhow::Error::from)
            .and_then(|file| Picture::parse(&file)?.code());
        match found {
            Ok((meta, content)) => {
                let (bytes, text) = log_of(&content)?;
                let lines = compare(&text, &console)
                    .with_context(|| format!("see {} and {}", picture.display(), log.display()))?;
                return Ok(Seen {
                    encoder,
                    version: meta.version.0,
                    // The levels by their indicators.
                    level: ["M", "L", "H", "Q"][usize::from(meta.ecc_level & 3)],
                    mask: meta.mask,
                    bytes,
                    lines,
                    picture,
                });
            }
            Err(error) => last = Some(error),
        }
        thread::sleep(Duration::from_secs(1));
    }
    let why = last.map_or(String::new(), |error| format!("{error:#}"));
    bail!(
        "there is no code on the screen: {why}\n\
         hint: the picture is {}, the console {}; has a client of DRM set a mode before the panic?",
        picture.display(),
        log.display()
    );
}

/// A machine with a screen, which is stopped in the end.
struct Machine {
    child: Child,
    lines: mpsc::Receiver<String>,
    socket: PathBuf,
}

impl Machine {
    fn start(kernel: &Kernel<'_>, initramfs: &Path) -> Result<Self> {
        // A socket's path must be short.
        let socket = std::env::temp_dir().join(format!("panic-screen-{}.qmp", std::process::id()));
        let _ = fs::remove_file(&socket);
        let mut command = vm::qemu(kernel)?;
        command
            .args(["-m", "1024", "-device", "bochs-display"])
            .args(["-serial", "stdio", "-qmp"])
            .arg(format!("unix:{},server=on,wait=off", socket.display()))
            .arg("-initrd")
            .arg(initramfs)
            .arg("-append")
            // The console on the screen has a mode set.
            .arg(format!(
                "console=drm_log console=ttyS0 ignore_loglevel printk.time=1 panic=0 kunit.enable=0 \
                 {} {} drm.panic_screen=qr_code drm_client_lib.active=log",
                vm::NOT_PANTHOR,
                vm::speed(kernel.arch)
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("can't start `{}`", show(&command)))?;
        let console = child.stdout.take().context("its console is a pipe")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || send_lines(console, &sender));
        Ok(Self {
            child,
            lines,
            socket,
        })
    }

    /// What it prints up to the end of its panic.
    fn console_of_panic(&self) -> Result<String> {
        let start = Instant::now();
        let mut console = String::new();
        loop {
            let rest = LIMIT.saturating_sub(start.elapsed());
            match self.lines.recv_timeout(rest) {
                Ok(line) => {
                    console += &line;
                    if line.contains("---[ end Kernel panic") {
                        return Ok(console);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("no panic within {} s:\n{console}", LIMIT.as_secs())
                }
                Err(RecvTimeoutError::Disconnected) => bail!("QEMU ended, no panic:\n{console}"),
            }
        }
    }

    fn monitor(&self) -> Result<Monitor> {
        let stream = UnixStream::connect(&self.socket)
            .with_context(|| format!("QEMU's monitor at {}", self.socket.display()))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut monitor = Monitor {
            reader: BufReader::new(stream.try_clone()?),
            stream,
        };
        monitor.execute(&serde_json::json!({ "execute": "qmp_capabilities" }))?;
        Ok(monitor)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.socket);
    }
}

/// Sends each line that comes out of a console.
fn send_lines(console: impl Read, sender: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(console);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
        let line = String::from_utf8_lossy(&bytes).replace('\r', "");
        if sender.send(line).is_err() {
            return;
        }
        bytes.clear();
    }
}

/// QEMU's monitor, in QMP: a JSON object a line.
struct Monitor {
    reader: BufReader<UnixStream>,
    stream: UnixStream,
}

impl Monitor {
    /// Has QEMU write what is on the screen to a file.
    fn dump(&mut self, picture: &Path) -> Result<()> {
        let _ = fs::remove_file(picture);
        self.execute(&serde_json::json!({
            "execute": "screendump",
            "arguments": { "filename": picture },
        }))
    }

    fn execute(&mut self, command: &serde_json::Value) -> Result<()> {
        writeln!(self.stream, "{command}")?;
        loop {
            let mut line = String::new();
            let count = self.reader.read_line(&mut line).context("QEMU's monitor")?;
            ensure!(count > 0, "QEMU's monitor was closed, at {command}");
            let answer: serde_json::Value = serde_json::from_str(&line)?;
            if answer.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = answer.get("error") {
                bail!("QEMU refused {command}: {error}");
            }
            // Its greeting, and events.
        }
    }
}

/// A picture as brightness, pixel by pixel.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads a binary PPM.
    fn parse(file: &[u8]) -> Result<Self> {
        // Four words, then a single space, then the pixels.
        let mut words = Vec::new();
        let mut rest = file;
        while words.len() < 4 {
            let start = rest.iter().position(|byte| !byte.is_ascii_whitespace());
            rest = &rest[start.context("the picture is cut off")?..];
            let end = rest.iter().position(u8::is_ascii_whitespace);
            let (word, after) = rest.split_at(end.context("the picture is cut off")?);
            words.push(std::str::from_utf8(word)?);
            rest = after;
        }
        let numbers: Vec<usize> = words[1..]
            .iter()
            .map(|word| word.parse())
            .collect::<Result<_, _>>()?;
        let [width, height, most] = numbers[..] else {
            bail!("the picture has no size");
        };
        ensure!(
            words[0] == "P6" && most == 255,
            "the picture is no PPM with bytes"
        );
        let pixels: Vec<u8> = rest[1..]
            .chunks_exact(3)
            .map(|pixel| pixel.iter().copied().max().unwrap_or(0))
            .collect();
        ensure!(
            pixels.len() == width * height && !pixels.is_empty(),
            "the picture has {} pixels of {width} by {height}",
            pixels.len()
        );
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// The code on it, and what it says.
    fn code(&self) -> Result<(rqrr::MetaData, Vec<u8>)> {
        let mut prepared =
            rqrr::PreparedImage::prepare_from_bitmap(self.width, self.height, |x, y| {
                self.pixels[y * self.width + x] < 0x80
            });
        let mut why = format!(
            "nothing on {} by {} looks like one",
            self.width, self.height
        );
        for grid in prepared.detect_grids() {
            let mut content = Vec::new();
            match grid.decode_to(&mut content) {
                Ok(meta) => return Ok((meta, content)),
                Err(error) => why = format!("it can't be read: {error}"),
            }
        }
        bail!(why)
    }
}

/// The log that a code has: as it is, or compressed and as a number behind a URL. And how many bytes of the
/// code it was.
fn log_of(content: &[u8]) -> Result<(usize, String)> {
    const MARK: &[u8] = b"&z=";
    let mark = content
        .windows(MARK.len())
        .position(|at| at == MARK)
        .filter(|_| content.starts_with(b"http"));
    let Some(mark) = mark else {
        return Ok((content.len(), String::from_utf8_lossy(content).into_owned()));
    };
    let compressed = from_digits(&content[mark + MARK.len()..])?;
    let log = miniz_oxide::inflate::decompress_to_vec_zlib(&compressed)
        .map_err(|error| anyhow::anyhow!("what is behind the URL does not inflate: {error:?}"))?;
    Ok((compressed.len(), String::from_utf8_lossy(&log).into_owned()))
}

/// The bytes that digits stand for: 17 for each 7, the lowest byte first, and fewer in the end.
fn from_digits(digits: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in digits.chunks(17) {
        let count = [3, 5, 8, 10, 13, 15, 17]
            .iter()
            .position(|digits| *digits == chunk.len())
            .with_context(|| format!("{} digits in the end stand for no bytes", chunk.len()))?
            + 1;
        let number: u64 = std::str::from_utf8(chunk)?
            .parse()
            .context("what is behind the URL is no number")?;
        bytes.extend_from_slice(&number.to_le_bytes()[..count]);
    }
    Ok(bytes)
}

/// How many lines a log has, each of which must be on the console, and one of which tells of the panic.
fn compare(log: &str, console: &str) -> Result<usize> {
    let printed: HashSet<&str> = console.lines().map(str::trim_end).collect();
    let lines: Vec<&str> = log
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    if let Some(line) = lines.iter().find(|line| !printed.contains(**line)) {
        bail!("the code has a line that the console does not have: {line}");
    }
    ensure!(
        lines.iter().any(|line| line.contains("Kernel panic")),
        "of the {} lines in the code none tells of the panic",
        lines.len()
    );
    Ok(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_again() {
        assert_eq!(from_digits(b"").unwrap(), b"");
        assert_eq!(from_digits(b"255").unwrap(), [255]);
        // 1 + 2 · 256.
        assert_eq!(from_digits(b"00513").unwrap(), [1, 2]);
        let nine = from_digits(b"0000000000000000100002").unwrap();
        assert_eq!(nine, [1, 0, 0, 0, 0, 0, 0, 2, 0]);
        assert!(from_digits(b"12").is_err());
        assert!(from_digits(b"1x3").is_err());
    }

    #[test]
    fn a_log_is_found_in_a_code() {
        assert_eq!(
            log_of(b"[1] a line\n").unwrap(),
            (11, "[1] a line\n".to_owned())
        );
        let log = "[1] a line\n".repeat(20);
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(log.as_bytes(), 6);
        let mut content = b"https://a.invalid/?a=x86_64&v=7.2&z=".to_vec();
        for chunk in compressed.chunks(7) {
            let mut number = [0; 8];
            number[..chunk.len()].copy_from_slice(chunk);
            let width = [0, 3, 5, 8, 10, 13, 15, 17][chunk.len()];
            let digits = format!("{:0width$}", u64::from_le_bytes(number));
            content.extend_from_slice(digits.as_bytes());
        }
        assert_eq!(log_of(&content).unwrap(), (compressed.len(), log));
        content.truncate(content.len() / 2);
        assert!(log_of(&content).is_err());
    }

    #[test]
    fn each_line_has_to_be_on_the_console() {
        let console = "[0] first\n[1] Kernel panic - not syncing: x\n[2] last\n";
        assert_eq!(
            compare("[1] Kernel panic - not syncing: x\n", console).unwrap(),
            1
        );
        let other = compare("[0] second\n[1] Kernel panic - not syncing: x", console);
        assert!(other.unwrap_err().to_string().contains("[0] second"));
        assert!(compare("[0] first\n", console).is_err());
        assert!(compare("", console).is_err());
    }

    #[test]
    fn pictures_are_read() {
        let picture = Picture::parse(b"P6\n2 1\n255\n\x00\x10\x00\xff\x00\n").unwrap();
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixels, [0x10, 0xff]);
        assert!(picture.code().is_err());
        for bad in [
            &b""[..],
            b"P6 2 1",
            b"P5 1 1 255 x",
            b"P6 2 2 255 xxx",
            b"P6 a 1 255 x",
        ] {
            assert!(Picture::parse(bad).is_err());
        }
    }
}
