// SPDX-License-Identifier: GPL-2.0

//! Reading KTAP, the kernel's test output (`Documentation/dev-tools/ktap.rst`), out of a console log.

use std::fmt;

/// How one test case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// One test case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The suites it lies in and its own name.
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// The diagnostics printed since the case before; for a skipped case its reason.
    pub(crate) notes: Vec<String>,
}

/// All test cases of a log.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) cases: Vec<Case>,
    /// Plans that promised more cases than were seen: the kernel stopped half-way.
    pub(crate) short: Vec<String>,
}

impl Report {
    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.cases
            .iter()
            .filter(|case| case.outcome == outcome)
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.count(Outcome::Passed),
            self.count(Outcome::Failed),
            self.count(Outcome::Skipped)
        )
    }
}

/// A suite that has begun and not ended.
struct Open {
    indent: usize,
    name: String,
    planned: Option<usize>,
    seen: usize,
}

/// Collects the cases in `log`; `None` when it holds no KTAP at all.
///
/// Suites nest by four spaces; a result line is a suite's own when a suite of its name has just
/// ended one level further in, and a case otherwise.
pub(crate) fn parse(log: &str) -> Option<Report> {
    let mut report = Report::default();
    let mut open: Vec<Open> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut any = false;

    for line in log.lines() {
        let line = line.trim_end();
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();

        if text.starts_with("KTAP version ") || text.starts_with("TAP version ") {
            any = true;
            open.retain(|suite| suite.indent < indent);
            open.push(Open {
                indent,
                name: String::new(),
                planned: None,
                seen: 0,
            });
        } else if let Some(name) = text.strip_prefix("# Subtest: ") {
            if let Some(suite) = open.iter_mut().find(|suite| suite.indent == indent) {
                name.clone_into(&mut suite.name);
            }
        } else if let Some(count) = text.strip_prefix("1..").and_then(|n| n.parse().ok()) {
            if let Some(suite) = open.iter_mut().find(|suite| suite.indent == indent) {
                suite.planned = Some(count);
            }
        } else if let Some((passed, name, directive)) = result(text) {
            let Some(at) = open.iter().position(|suite| suite.indent == indent) else {
                continue;
            };
            open[at].seen += 1;
            let inner: Vec<Open> = open.drain(at + 1..).collect();
            if let Some(suite) = inner.first() {
                for suite in inner
                    .iter()
                    .filter(|s| s.planned.is_some_and(|n| n > s.seen))
                {
                    report.short.push(suite.name.clone());
                }
                // The result of a suite repeats its cases', unless it failed in its own setup.
                let explained = report
                    .cases
                    .iter()
                    .rev()
                    .take(suite.seen)
                    .any(|case| case.outcome == Outcome::Failed);
                if passed || explained || suite.name != name {
                    notes.clear();
                    continue;
                }
            }
            let path: Vec<&str> = open
                .iter()
                .map(|suite| suite.name.as_str())
                .filter(|name| !name.is_empty())
                .chain([name])
                .collect();
            let skip = directive.and_then(|d| d.strip_prefix("SKIP"));
            if let Some(reason) = skip {
                notes.push(reason.trim().to_owned());
            }
            report.cases.push(Case {
                name: path.join(": "),
                outcome: match (passed, skip) {
                    (_, Some(_)) => Outcome::Skipped,
                    (true, None) => Outcome::Passed,
                    (false, None) => Outcome::Failed,
                },
                notes: std::mem::take(&mut notes),
            });
        } else if !open.is_empty() && !text.is_empty() {
            notes.push(text.to_owned());
        }
    }
    for suite in &open {
        if suite.planned.is_some_and(|planned| planned > suite.seen) {
            report.short.push(if suite.name.is_empty() {
                "the whole run".to_owned()
            } else {
                suite.name.clone()
            });
        }
    }
    any.then_some(report)
}

/// Splits `ok 3 name # directive`.
fn result(text: &str) -> Option<(bool, &str, Option<&str>)> {
    let (passed, rest) = match text.strip_prefix("ok ") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("not ok ")?),
    };
    let (number, rest) = rest.split_once(' ')?;
    number.parse::<usize>().ok()?;
    let rest = rest.strip_prefix("- ").unwrap_or(rest);
    Some(match rest.split_once(" # ") {
        Some((name, directive)) => (passed, name, Some(directive)),
        None => (passed, rest, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
Linux version 7.2
KTAP version 1
1..2
    KTAP version 1
    # Subtest: first
    # module: kernel
    1..3
    # a.location: x.rs:3
    ok 1 a
    # b: assertion failed
    not ok 2 b
    ok 3 c # SKIP no hardware
# first: pass:1 fail:1 skip:1 total:3
# Totals: pass:1 fail:1 skip:1 total:3
not ok 1 first
    KTAP version 1
    # Subtest: second
    1..1
    ok 1 a
ok 2 second
reboot: System halted
";

    #[test]
    fn counts_cases_and_not_suites() {
        let report = parse(LOG).unwrap();
        assert_eq!(report.to_string(), "2 passed, 1 failed, 1 skipped");
        assert!(report.short.is_empty());
        let names: Vec<&str> = report.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["first: a", "first: b", "first: c", "second: a"]);
        assert_eq!(report.cases[1].notes, ["# b: assertion failed"]);
        assert_eq!(report.cases[2].notes, ["no hardware"]);
    }

    #[test]
    fn a_log_that_ends_half_way_is_short() {
        let cut = LOG.find("    ok 3 c").unwrap();
        let report = parse(&LOG[..cut]).unwrap();
        assert_eq!(report.short, ["the whole run", "first"]);
    }

    #[test]
    fn a_suite_that_fails_by_itself_is_a_case() {
        let report = parse(
            "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n    1..1\n    ok 1 a\nnot ok 1 s\n",
        )
        .unwrap();
        assert_eq!(report.to_string(), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn no_ktap_is_told_from_no_tests() {
        assert!(parse("Linux version 7.2\nreboot\n").is_none());
        assert_eq!(parse("KTAP version 1\n1..0\n").unwrap().cases.len(), 0);
    }
}
