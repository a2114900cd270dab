//! The facade offers all there is, and says so in one place.
#![expect(clippy::panic, reason = "a check that cannot read the tree has to stop")]

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names under `pub use orion_core::{…}` or a list of local modules.
fn exported(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in text.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let list = statement.split_once('{').map_or_else(
            || statement.rsplit("::").next().unwrap_or_default(),
            |(_, list)| list.trim_end_matches('}'),
        );
        names.extend(list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
    }
    names
}

#[test]
fn the_facade_names_everything_the_core_offers() {
    let core = read("orion-core/src/lib.rs");
    let modules = core.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut offered = exported(&core);
    offered.extend(modules.map(str::to_owned));
    let facade = exported(&read("src/lib.rs"));
    let missing: Vec<&String> = offered.difference(&facade).collect();
    assert!(offered.len() > 50, "only {} names were found in the core", offered.len());
    assert!(missing.is_empty(), "add these to src/lib.rs: {missing:?}");
}

#[test]
fn the_readme_lists_every_feature_once() {
    let manifest = read("Cargo.toml");
    let features = manifest.split("\n[features]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let declared: Vec<&str> = features
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(" = [").map(|(name, _)| name))
        .filter(|name| *name != "default")
        .collect();
    assert!(declared.len() > 5, "only {declared:?} were found in the manifest");
    let readme = read("README.md");
    let rows: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(n, _)| n)
        .collect();
    for name in &declared {
        assert_eq!(rows.iter().filter(|row| *row == name).count(), 1, "feature `{name}` in README.md");
    }
}
