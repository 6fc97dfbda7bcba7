//! A release without its pages would be a hub that shows nobody anything: it does not build. A debug build does, and says
//! on its pages how to get them.

use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script everything through the environment")]
fn main() {
    // Asked for when it runs: a script built in another clone that shares the target folder would look there.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package lies");
    let root = Path::new(&here).join("../..");
    let pages = [root.join("hub/dashboard/dist/index.html"), root.join("widget/dist/widget.js")];
    for page in &pages {
        println!("cargo:rerun-if-changed={}", page.display());
    }
    println!("cargo:rerun-if-env-changed=SWITCHBOARD_WITHOUT_PAGES");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let waived = std::env::var_os("SWITCHBOARD_WITHOUT_PAGES").is_some();
    let missing: Vec<_> = pages.iter().filter(|page| !page.is_file()).collect();
    if release && !waived && !missing.is_empty() {
        panic!(
            "the pages are not built ({} is missing). Run `npm ci && npm run build` first, or set \
             SWITCHBOARD_WITHOUT_PAGES=1 for a hub that serves its API only.",
            missing[0].display()
        );
    }
}
