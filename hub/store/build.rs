//! Migrations are taken into the binary: a new one must make it anew.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
