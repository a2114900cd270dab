//! The house rules, one test each. A failure names the place and what to do about it.
#![expect(clippy::expect_used, clippy::panic, reason = "a house check that cannot read the tree has to stop")]

mod graph;
mod guide;
mod lengths;
mod source;
mod words;

/// Fails with one line per finding, under a sentence that says what to do.
fn assert_clean(findings: &[String], advice: &str) {
    assert!(findings.is_empty(), "{advice}\n  {}\n", findings.join("\n  "));
}
