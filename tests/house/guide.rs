//! The guide to writing an adapter shows the example as it is.

use std::fs;

use crate::assert_clean;
use crate::source::root;

#[test]
fn the_guide_quotes_the_example() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a file of the repository");
    let (guide, example) = (read("docs/writing-an-adapter.md"), read("examples/custom_adapter.rs"));
    let blocks: Vec<&str> =
        guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 5, "the guide shows {} pieces of code", blocks.len());
    let strangers = blocks.iter().filter(|block| !example.contains(**block));
    let findings: Vec<String> =
        strangers.map(|block| format!("docs/writing-an-adapter.md:\n{block}")).collect();
    assert_clean(&findings, "copy these from examples/custom_adapter.rs as they stand there:");
}
