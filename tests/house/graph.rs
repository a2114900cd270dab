//! Who may depend on whom, how much, and that `cargo test` leaves nothing out.

use std::process::Command;

use serde_json::Value;

use crate::assert_clean;
use crate::source::root;

const DIRECT_DEPENDENCIES: usize = 15;
const FACADE: &str = "orion-sdk";
/// Each library crate of the workspace, and the ones of ours it may stand on.
const MAY_DEPEND_ON: [(&str, &[&str]); 8] = [
    ("orion-core", &[]),
    ("orion-salesforce", &["orion-core"]),
    ("orion-quickbooks", &["orion-core"]),
    ("orion-slack", &["orion-core"]),
    ("orion-mapper", &["orion-core"]),
    ("orion-metrics", &["orion-core"]),
    ("orion-codegen", &["orion-core", "orion-mapper"]),
    (
        FACADE,
        &[
            "orion-core",
            "orion-salesforce",
            "orion-quickbooks",
            "orion-slack",
            "orion-mapper",
            "orion-metrics",
            "orion-codegen",
        ],
    ),
];

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata(&["--no-deps"]);
    let mut findings = Vec::new();
    let ours: Vec<&str> = list(&metadata["packages"]).iter().map(|package| text(&package["name"])).collect();
    for package in list(&metadata["packages"]) {
        let name = text(&package["name"]);
        // An application or a benchmark of the workspace may use every library; no library may use it.
        let allowed = MAY_DEPEND_ON.iter().find(|(known, _)| *known == name);
        let allowed: Vec<&str> = match allowed {
            Some((_, allowed)) => allowed.to_vec(),
            None => MAY_DEPEND_ON.iter().map(|(library, _)| *library).collect(),
        };
        for dependency in list(&package["dependencies"]) {
            let on = text(&dependency["name"]);
            if ours.contains(&on) && on != name && !allowed.contains(&on) {
                findings.push(format!("{}: depends on {on}", manifest(package)));
            }
        }
    }
    assert_clean(
        &findings,
        "connectors, mapper and metrics stand on core, codegen on core and mapper, the facade on all, core on none:",
    );
}

#[test]
fn every_library_crate_is_known_to_this_check() {
    let metadata = metadata(&["--no-deps"]);
    let findings: Vec<String> = list(&metadata["packages"])
        .iter()
        .filter(|package| !MAY_DEPEND_ON.iter().any(|(known, _)| *known == text(&package["name"])))
        .filter(|package| !["examples/", "benches/"].iter().any(|home| manifest(package).starts_with(home)))
        .map(manifest)
        .collect();
    assert_clean(&findings, "add these crates to MAY_DEPEND_ON, or move them under examples/ or benches/:");
}

#[test]
fn no_crate_has_more_than_15_direct_dependencies() {
    let metadata = metadata(&["--no-deps"]);
    let mut findings = Vec::new();
    for package in list(&metadata["packages"]) {
        let counts = |dependency: &&Value| dependency["kind"] != "dev" && dependency["optional"] == false;
        let count = list(&package["dependencies"]).iter().filter(counts).count();
        if count > DIRECT_DEPENDENCIES {
            findings.push(format!("{}: {count} non-optional dependencies", manifest(package)));
        }
    }
    assert_clean(&findings, "drop a dependency, or put it behind the feature that needs it (15 at most):");
}

#[test]
fn a_bare_cargo_command_covers_every_crate() {
    let metadata = metadata(&["--no-deps"]);
    let default = list(&metadata["workspace_default_members"]);
    let findings: Vec<String> = list(&metadata["workspace_members"])
        .iter()
        .filter(|member| !default.contains(member))
        .map(|member| format!("Cargo.toml: default-members lacks {}", text(member)))
        .collect();
    assert_clean(&findings, "name these in `default-members`:");
}

#[test]
fn cargo_test_turns_on_every_feature() {
    let host = host();
    let metadata = metadata(&["--filter-platform", &host]);
    let mut findings = Vec::new();
    for package in list(&metadata["packages"]).iter().filter(|package| package["source"].is_null()) {
        let node = list(&metadata["resolve"]["nodes"]).iter().find(|node| node["id"] == package["id"]);
        let on = node.map(|node| list(&node["features"])).unwrap_or_default();
        let declared = package["features"].as_object().expect("features are an object");
        let missing = declared.keys().filter(|feature| !on.iter().any(|other| text(other) == *feature));
        findings.extend(missing.map(|feature| format!("{}: feature `{feature}`", manifest(package))));
    }
    assert_clean(
        &findings,
        "a plain `cargo test` does not turn these on; add them to the features in the root package's dev-dependencies:",
    );
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let metadata = metadata(&["--no-deps"]);
    let mut findings = Vec::new();
    for package in list(&metadata["packages"]) {
        let path = root().join(manifest(package));
        let manifest_text = std::fs::read_to_string(&path).expect("a manifest is readable");
        let lines: Vec<&str> = manifest_text.lines().map(str::trim).collect();
        let inherits = lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"])
            || lines.contains(&"lints.workspace = true");
        if !inherits {
            findings.push(manifest(package));
        }
    }
    assert_clean(&findings, "add `[lints]` with `workspace = true` to these manifests:");
}

#[test]
fn undocumented_items_and_unsafe_code_do_not_compile() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest is readable");
    let wanted = [r#"missing_docs = "deny""#, r#"unsafe_code = "forbid""#];
    let findings: Vec<String> = wanted
        .iter()
        .filter(|lint| !text.lines().any(|line| line.trim() == **lint))
        .map(|lint| format!("Cargo.toml: {lint}"))
        .collect();
    assert_clean(&findings, "put these lints back into [workspace.lints.rust]:");
}

fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("cargo -vV names the host").to_owned()
}

fn manifest(package: &Value) -> String {
    let path = text(&package["manifest_path"]);
    path.strip_prefix(&format!("{}/", root().display())).unwrap_or(path).to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).expect("cargo metadata: an array")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("cargo metadata: a string")
}
