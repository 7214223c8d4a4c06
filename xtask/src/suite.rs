// SPDX-License-Identifier: GPL-2.0

//! The parts of `cargo xtask test`, one after the other, and what came of them.

use std::time::Instant;

use anyhow::Result;

/// A run of some or all parts.
pub(crate) struct Suite<'a> {
    only: &'a [String],
    done: Vec<Part>,
    skipped: usize,
}

/// What came of one part.
struct Part {
    name: String,
    result: Result<String>,
    seconds: u64,
}

impl<'a> Suite<'a> {
    /// Runs all parts, or those whose names contain one of the texts `only`.
    pub(crate) fn new(only: &'a [String]) -> Self {
        Self {
            only,
            done: Vec::new(),
            skipped: 0,
        }
    }

    /// Whether the part is to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| name.contains(only.as_str()))
    }

    /// Runs a part. One that fails does not keep the others from running.
    pub(crate) fn part(&mut self, name: &str, run: impl FnOnce() -> Result<String>) {
        if !self.wants(name) {
            self.skipped += 1;
            return;
        }
        let start = Instant::now();
        let result = run();
        match &result {
            Ok(summary) => eprintln!("==> {name}: {summary}"),
            Err(error) => eprintln!("==> {name}: FAILED: {error:#}"),
        }
        self.done.push(Part {
            name: name.to_owned(),
            result,
            seconds: start.elapsed().as_secs(),
        });
    }

    /// Prints what came of the parts, and says whether all passed.
    pub(crate) fn finish(self) -> bool {
        println!();
        let failed = self.done.iter().filter(|part| part.result.is_err());
        let failed = failed.count();
        for Part {
            name,
            result,
            seconds,
        } in &self.done
        {
            match result {
                Ok(summary) => println!("ok      {seconds:>5} s  {name}: {summary}"),
                Err(error) => println!("FAILED  {seconds:>5} s  {name}: {error:#}"),
            }
        }
        println!("\n{} passed, {failed} failed", self.done.len() - failed);
        if self.skipped > 0 {
            println!("{} skipped: --only asks for others", self.skipped);
        }
        if self.done.is_empty() {
            println!("no part is called that");
        }
        failed == 0 && !self.done.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_fails_fails_the_run_and_keeps_no_other_from_running() {
        let mut suite = Suite::new(&[]);
        suite.part("first", || anyhow::bail!("no"));
        suite.part("second", || Ok("yes".to_owned()));
        assert_eq!(suite.done.len(), 2);
        assert!(!suite.finish());
    }

    #[test]
    fn only_what_is_asked_for_runs() {
        let only = ["back".to_owned()];
        let mut suite = Suite::new(&only);
        suite.part("first", || anyhow::bail!("no"));
        suite.part("there and back", || Ok("yes".to_owned()));
        assert_eq!((suite.done.len(), suite.skipped), (1, 1));
        assert!(suite.finish());

        let mut none = Suite::new(&only);
        none.part("first", || Ok("yes".to_owned()));
        assert!(!none.finish());
    }
}
