// SPDX-License-Identifier: GPL-2.0

//! Booting a kernel and judging its console log.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};

use crate::acpi;
use crate::guest::{self, Exercised};
use crate::kernel::{Arch, Kernel};
use crate::ktap::{self, Report};
use crate::run::{output, show, Progress};
use crate::tools;

/// How long a kernel may print nothing before it counts as hung.
const SILENCE: Duration = Duration::from_secs(180);

/// How long a machine may take to turn itself off once the guest is done.
const FAREWELL: Duration = Duration::from_secs(10);

/// What the guest prints when it has run all its scripts.
const DONE: &str = "@done";

/// Memory of QEMU's machine that its kernel leaves alone: the registers of devices in `devices.dts`.
const RESERVED: &str = "memmap=4M$0x70000000";

/// Has the kernel route interrupts by other tables than ACPI's, through which it would go each time that
/// a PCI device is enabled or disabled: a second, under KASAN.
const ROUTES: &str = "acpi=noirq";

/// Keeps C's driver from the GPU that Tyr takes: it is there for what it has Kconfig turn on.
pub(crate) const NOT_PANTHOR: &str = "initcall_blacklist=panthor_init";

/// How long a kernel may run in all, beside other work.
const LIMIT: Duration = Duration::from_secs(2700);

/// How a boot ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The guest ran all its scripts and turned itself off.
    Finished,
    /// The kernel panicked; the line that said so.
    Panicked(String),
    /// It printed nothing more, or did not come to an end; what was seen last.
    Hung(String),
    /// The machine stopped before the guest's scripts were done.
    Stopped,
}

/// What a boot gave.
pub(crate) struct Boot {
    pub(crate) end: End,
    /// KUnit's results; `None` when the log has no KTAP.
    pub(crate) kunit: Option<Report>,
    pub(crate) exercises: Vec<Exercised>,
    /// What the kernel's own checkers had to say.
    pub(crate) complaints: Vec<String>,
    /// What they had to say of C code, by why it is not counted.
    pub(crate) excused: BTreeMap<&'static str, usize>,
    /// The kernel's own checkers, and whether each was still on at the end.
    pub(crate) checkers: BTreeMap<String, bool>,
    pub(crate) console: String,
    pub(crate) log: PathBuf,
    pub(crate) seconds: f32,
    /// Whether KUnit's suites were to run.
    kunit_wanted: bool,
}

/// Extra arguments for the virtual machine and its kernel.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) machine: Vec<String>,
    pub(crate) kernel: Vec<String>,
    /// How long it may take beyond what any boot may.
    pub(crate) longer: Duration,
    /// The scripts that run, by what their names contain or, after a `=`, are, and then no suite of KUnit's;
    /// empty for all.
    pub(crate) only: Vec<String>,
}

impl Options {
    /// Has the scripts unbind and bind each device so often.
    pub(crate) fn with_cycles(mut self, cycles: u32) -> Self {
        // What the kernel does not know is the environment of its first process.
        self.kernel.push(format!("CYCLES={cycles}"));
        // A dozen devices, and slow machines.
        self.longer = Duration::from_secs(6) * cycles;
        self
    }

    /// Runs the scripts alone that one of the texts stands for.
    pub(crate) fn with_only(mut self, only: &[String]) -> Self {
        if !only.is_empty() {
            self.only = only.to_vec();
            self.kernel.push("kunit.enable=0".to_owned());
        }
        self
    }

    /// Whether the script of that name is to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits = |only: &String| match only.strip_prefix('=') {
            Some(whole) => name == whole,
            None => name.contains(only.as_str()),
        };
        self.only.is_empty() || self.only.iter().any(fits)
    }
}

/// Tells the kernel how fast a processor counts, for its delays. Measured at boot, that is wrong by up to a
/// hundred times where others share the processors. This is a clock of 5 GHz: no delay is too short on a
/// slower one.
pub(crate) fn speed(arch: Arch) -> String {
    let ticks_per_second = match arch {
        Arch::Um => 100,
        Arch::X86_64 => 250,
    };
    format!("lpj={}", 5_000_000_000_u64 / ticks_per_second)
}

/// Boots `kernel` with `initramfs` and reads what comes out.
pub(crate) fn boot(
    kernel: &Kernel<'_>,
    initramfs: &Path,
    options: &Options,
    label: &str,
) -> Result<Boot> {
    let image = kernel.image();
    if !image.exists() {
        bail!("{} is missing: build the kernel first", image.display());
    }
    let devices = device_tree(kernel)?;
    let mut command = match kernel.arch {
        Arch::Um => {
            // It runs one thread at a time, on and off as its processes call it: to have them on two
            // processors costs the more the less there is to do.
            let mut command = Command::new("taskset");
            command
                .args(["--cpu-list", &processor()?])
                .arg(&image)
                .args(["mem=512M", "con=null", "con0=null,fd:1", "panic=-1"])
                .arg(speed(kernel.arch))
                .arg(format!("initrd={}", initramfs.display()));
            if let Some(devices) = &devices {
                command.arg(format!("dtb={}", devices.display()));
            }
            command
        }
        Arch::X86_64 => {
            let mut command = qemu(kernel)?;
            command
                .args(["-m", "2048"])
                // The kernel writes into the middle of what others print to the port of its console.
                .args(["-serial", "stdio", "-serial", "file:/dev/stderr"])
                .args(["-device", "pci-testdev"])
                // The bits that DMA addresses may have, as QEMU's default is fewer than memory needs.
                .args(["-device", "edu,dma_mask=0xffffffff"])
                .arg("-acpitable")
                .arg(format!("file={}", tables(kernel)?.display()))
                .args(&options.machine)
                .arg("-initrd")
                .arg(initramfs)
                .arg("-append")
                .arg(format!(
                    "console=ttyS0 REPORTS=/dev/ttyS1 panic=-1 {RESERVED} {ROUTES} {NOT_PANTHOR} {} {}",
                    speed(kernel.arch),
                    options.kernel.join(" ")
                ));
            if let Some(devices) = &devices {
                command.arg("-dtb").arg(devices);
            }
            command
        }
    };
    if kernel.arch == Arch::Um {
        command.args(&options.kernel);
    }
    let log = kernel.workspace.log(&format!("{}-{label}", kernel.name));
    let start = Instant::now();
    let (console, hung) = watch(
        &format!("booting under {} ({label})", kernel.arch.machine()),
        &mut command,
        &log,
        LIMIT + options.longer,
    )?;
    let mut boot = judge(console, hung, log, start.elapsed().as_secs_f32());
    boot.kunit_wanted = options.only.is_empty();
    if !boot.kunit_wanted {
        // The heads of a report of nothing.
        boot.kunit = None;
    }
    Ok(boot)
}

/// A QEMU that boots `kernel`, without the screen that would be the first of its graphics devices.
pub(crate) fn qemu(kernel: &Kernel<'_>) -> Result<Command> {
    let mut command = Command::new(tools::qemu(kernel.workspace)?);
    command
        // Page tables of five levels are slow to walk.
        .args(["-machine", "q35", "-accel", "tcg", "-cpu", "max,la57=off"])
        .args(["-smp", "2", "-vga", "none", "-display", "none"])
        .args(["-no-reboot", "-monitor", "none"])
        .arg("-kernel")
        .arg(kernel.image());
    Ok(command)
}

/// The last of the processors that this process may use.
fn processor() -> Result<String> {
    let path = "/proc/self/status";
    let status = fs::read_to_string(path).context(path)?;
    last_processor(&status)
        .map(str::to_owned)
        .with_context(|| format!("{path} does not say which processors may be used"))
}

fn last_processor(status: &str) -> Option<&str> {
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    list.trim().rsplit([',', '-']).next()
}

/// Compiles the tree of the devices that the machine itself does not have.
///
/// None when the configuration has no device trees.
fn device_tree(kernel: &Kernel<'_>) -> Result<Option<PathBuf>> {
    let source = kernel.workspace.root.join("xtask/guest/devices.dts");
    let blob = kernel.out().join("devices.dtb");
    // The kernel's own compiler, which is built where there is a use for it.
    let compiler = kernel.out().join("scripts/dtc/dtc");
    if !compiler.is_file() {
        return Ok(None);
    }
    output(
        Command::new(&compiler)
            .args(["-I", "dts", "-O", "dtb", "-o"])
            .arg(&blob)
            .arg(&source),
    )?;
    Ok(Some(blob))
}

/// Writes the ACPI table of the devices that the machine itself does not have.
fn tables(kernel: &Kernel<'_>) -> Result<PathBuf> {
    let table = kernel.out().join("devices.aml");
    fs::write(&table, acpi::devices()).with_context(|| table.display().to_string())?;
    Ok(table)
}

/// Runs a machine until it ends or hangs, and returns its console and why it was stopped, if it was.
fn watch(
    name: &str,
    command: &mut Command,
    log: &Path,
    limit: Duration,
) -> Result<(String, Option<String>)> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = File::create(log).with_context(|| log.display().to_string())?;
    writeln!(file, "$ {}", show(command))?;
    let mut progress = Progress::new(name);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;

    // Each pipe has whole lines, which come out in about the order in which they went in.
    let (sender, lines) = mpsc::channel();
    if let Some(console) = child.stdout.take() {
        send_lines(console, sender.clone());
    }
    if let Some(reports) = child.stderr.take() {
        send_lines(reports, sender);
    }

    let start = Instant::now();
    let mut console = String::new();
    let mut hung = None;
    let mut done = false;
    loop {
        match lines.recv_timeout(if done { FAREWELL } else { SILENCE }) {
            Ok(line) => {
                done |= line.trim() == DONE;
                if line.starts_with("@begin ") {
                    writeln!(file, "# after {} s:", start.elapsed().as_secs())?;
                }
                file.write_all(line.as_bytes())?;
                progress.line(&line);
                console += &line;
                if start.elapsed() > limit {
                    hung = Some(format!("no end after {} s", limit.as_secs()));
                    break;
                }
            }
            // Not every machine can turn itself off.
            Err(RecvTimeoutError::Timeout) if done => break,
            Err(RecvTimeoutError::Timeout) => {
                hung = Some(format!("no output for {} s", SILENCE.as_secs()));
                break;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // User-mode Linux also leaves helper processes behind.
    kill_group(&child);
    child.wait()?;
    progress.done(if hung.is_some() { "hung" } else { "ended" });
    Ok((console, hung))
}

/// Sends each line of `pipe`, in a thread of its own.
fn send_lines(pipe: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let line = String::from_utf8_lossy(&bytes).replace('\r', "");
            if sender.send(line).is_err() {
                break;
            }
            bytes.clear();
        }
    });
}

fn kill_group(child: &Child) {
    let _ = Command::new("kill")
        .args(["-9", "--", &format!("-{}", child.id())])
        .stderr(Stdio::null())
        .status();
}

/// Makes sense of a console log.
fn judge(console: String, hung: Option<String>, log: PathBuf, seconds: f32) -> Boot {
    let panic = console
        .lines()
        .find(|line| line.contains("Kernel panic - not syncing"))
        .map(str::to_owned);
    let end = match (panic, hung) {
        (Some(line), _) => End::Panicked(line),
        (None, Some(why)) => {
            let last = console.lines().last().unwrap_or_default();
            End::Hung(format!("{why}; its last line: {last}"))
        }
        (None, None) if console.lines().any(|line| line.trim() == DONE) => End::Finished,
        (None, None) => End::Stopped,
    };
    let mut checkers: BTreeMap<String, bool> = console
        .lines()
        .filter_map(|line| line.trim().strip_prefix("@checker ")?.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value == "1"))
        .collect();
    if console.contains("KernelAddressSanitizer initialized") {
        // It has no switch.
        checkers.insert("KASAN".to_owned(), true);
    }
    let (complaints, excused) = complaints(&console);
    Boot {
        end,
        kunit: ktap::parse(&console),
        exercises: guest::reports(&console),
        complaints,
        excused,
        checkers,
        seconds,
        kunit_wanted: true,
        log,
        console,
    }
}

/// What C complains of in its own code, by all that the line has in it, and why nobody here can help it.
const EXCUSES: &[(&[&str], &str)] = &[(
    &["at remove_proc_entry+", " every-site/"],
    "C removes an interrupt's files in /proc, of which it could not make all when allocations failed",
)];

/// Lines in which one of the kernel's checkers reports something, and how many are excused, by the reason.
fn complaints(console: &str) -> (Vec<String>, BTreeMap<&'static str, usize>) {
    const SIGNS: &[&str] = &[
        "BUG: ",
        "WARNING: ",
        "INFO: possible ",
        "INFO: trying to register non-static key",
        "INFO: rcu",
        "INFO: task ",
        "Oops",
        "general protection fault",
        "kernel BUG at",
        "rust_kernel: panicked at",
        "DEBUG_LOCKS_WARN_ON",
        "suspicious RCU usage",
        "refcount_t: ",
        "unreferenced object",
        "Unknown symbol",
        "Unknown rela relocation",
        "list_add corruption",
        "list_del corruption",
    ];
    let mut complaints = Vec::new();
    let mut excused = BTreeMap::new();
    for line in console
        .lines()
        .filter(|line| SIGNS.iter().any(|sign| line.contains(sign)))
    {
        let mut excuses = EXCUSES.iter();
        match excuses.find(|(signs, _)| signs.iter().all(|sign| line.contains(sign))) {
            Some((_, why)) => *excused.entry(*why).or_default() += 1,
            None => complaints.push(line.to_owned()),
        }
    }
    (complaints, excused)
}

impl Boot {
    /// Why this boot does not count as a success; empty when it does.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match &self.end {
            End::Finished => {}
            End::Panicked(line) => faults.push(format!("the kernel panicked: {line}")),
            End::Hung(why) => faults.push(format!("the kernel hung: {why}")),
            End::Stopped => {
                faults.push("the machine stopped before its scripts were done".to_owned())
            }
        }
        match &self.kunit {
            None if !self.kunit_wanted => {}
            None => faults
                .push("the kernel printed no KTAP: were the KUnit suites built in?".to_owned()),
            Some(report) => {
                for case in &report.cases {
                    if case.outcome == ktap::Outcome::Failed {
                        faults.push(format!(
                            "failed: {}\n  {}",
                            case.name,
                            case.notes.join("\n  ")
                        ));
                    }
                }
                for suite in &report.short {
                    faults.push(format!("KUnit did not finish: {suite}"));
                }
            }
        }
        for exercise in &self.exercises {
            if !exercise.passed && exercise.skipped.is_none() {
                let failed: Vec<&str> = exercise
                    .checks
                    .iter()
                    .filter(|(_, ok)| !ok)
                    .map(|(what, _)| what.as_str())
                    .collect();
                faults.push(match failed.as_slice() {
                    [] => format!("{}: the script did not come to its end", exercise.name),
                    failed => format!("{}: not so: {}", exercise.name, failed.join("; ")),
                });
            }
        }
        faults.extend(
            self.complaints
                .iter()
                .map(|line| format!("the kernel complained: {line}")),
        );
        let off = self.checkers.iter().filter(|(_, on)| !**on);
        faults.extend(off.map(|(name, _)| format!("{name} turned itself off")));
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(console: &str, hung: Option<&str>) -> Boot {
        judge(
            console.to_owned(),
            hung.map(str::to_owned),
            PathBuf::new(),
            0.0,
        )
    }

    const GOOD: &str = "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n    1..1\n    ok 1 a\nok 1 s\n\
                        @begin m\n@loaded\n@check ok it works\n@end 0\n@checker lockdep 1\n@done\n";

    #[test]
    fn a_good_boot_has_no_faults() {
        assert_eq!(judged(GOOD, None).faults(), Vec::<String>::new());
    }

    #[test]
    fn a_script_is_meant_by_a_part_of_its_name_or_all_of_it() {
        let options = |only: &str| Options::default().with_only(&[only.to_owned()]);
        assert!(Options::default().wants("rnull"));
        assert!(options("null").wants("rnull") && options("rnull").wants("rnull_mod"));
        assert!(options("=rnull").wants("rnull") && !options("=rnull").wants("rnull_mod"));
        assert!(!options("nova").wants("rnull"));
    }

    #[test]
    fn a_panic_a_hang_and_a_missing_ktap_are_told_apart() {
        let panicked = judged("Kernel panic - not syncing: VFS\n", None);
        assert!(matches!(panicked.end, End::Panicked(_)));
        let faults = panicked.faults().join("\n");
        assert!(
            faults.contains("panicked: Kernel panic - not syncing: VFS"),
            "{faults}"
        );
        assert!(faults.contains("printed no KTAP"), "{faults}");

        let hung = judged("loading\n", Some("no output for 180 s"))
            .faults()
            .join("\n");
        assert!(
            hung.contains("hung: no output for 180 s; its last line: loading"),
            "{hung}"
        );

        assert_eq!(judged("KTAP version 1\n1..0\n", None).end, End::Stopped);
    }

    #[test]
    fn what_checkers_print_is_a_fault() {
        let log = format!("{GOOD}BUG: sleeping function called from invalid context at x.c:1\n");
        assert!(judged(&log, None).faults()[0].contains("sleeping function"));
        let of_proc = "WARNING: fs/proc/generic.c:741 at remove_proc_entry+0x1f9/0x370, CPU#0:";
        let excused = judged(&format!("{GOOD}{of_proc} every-site/4466\n"), None);
        assert_eq!(excused.faults(), Vec::<String>::new());
        assert_eq!(excused.excused.into_values().collect::<Vec<_>>(), [1]);
        // Where no allocation was made to fail, it counts.
        let counted = judged(&format!("{GOOD}{of_proc} rmmod/12\n"), None);
        assert_eq!(counted.faults().len(), 1);
        let off = GOOD.replace("@checker lockdep 1", "@checker lockdep 0");
        assert_eq!(judged(&off, None).faults(), ["lockdep turned itself off"]);
    }

    #[test]
    fn the_last_processor_is_the_last_of_the_last_range() {
        for (list, last) in [("0", "0"), ("0-1", "1"), ("0-3,8,10-11", "11")] {
            let status = format!("Name:\tx\nCpus_allowed_list:\t{list}\nMems_allowed:\t1\n");
            assert_eq!(last_processor(&status), Some(last));
        }
        assert_eq!(last_processor("Name:\tx\n"), None);
    }

    #[test]
    fn a_machine_that_says_nothing_more_is_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("console.log");
        let (console, hung) =
            watch("echo", Command::new("echo").arg("one line"), &log, LIMIT).unwrap();
        assert_eq!((console.as_str(), hung), ("one line\n", None));
        assert!(fs::read_to_string(&log).unwrap().ends_with("one line\n"));
    }
}
