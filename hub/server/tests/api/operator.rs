//! What an operator does beside the hub, with the program itself.

use std::path::Path;
use std::process::{Command, Output};

use rstest::rstest;
use tokio::task::spawn_blocking;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

pub async fn operator(does: &str, data: &Path, database: &str, to: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.env_clear().args([does, "--data"]).arg(data).args(to);
    if !database.is_empty() {
        command.env("DATABASE_URL", database);
    }
    spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The commands that need a database, as they are given.
const NEED_A_DATABASE: [(&str, &[&str]); 2] = [("reset-password", &["olga@example.com"]), ("restored", &[])];

fn refusal(refused: Output) -> String {
    assert!(!refused.status.success() && refused.stdout.is_empty());
    String::from_utf8(refused.stderr).unwrap()
}

#[tokio::test]
async fn a_folder_without_a_database_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    for (does, to) in NEED_A_DATABASE {
        let why = refusal(operator(does, data.path(), "", to).await);
        assert!(why.contains("there is no database in"), "{why}");
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

/// Whatever somebody came for, a mistyped database does not become a new deployment.
#[tokio::test]
async fn a_database_that_is_not_ours_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("mistyped.db");
    for database in [testkit::Postgres::shared().database().await, format!("sqlite:{}", file.display())] {
        for _ in 0..2 {
            let looked = operator("doctor", data.path(), &database, &[]).await;
            let found = String::from_utf8(looked.stdout).unwrap();
            assert!(found.contains("has no tables yet: the first start makes them"), "{found}");
            for (does, to) in NEED_A_DATABASE {
                let why = refusal(operator(does, data.path(), &database, to).await);
                assert!(why.contains("there are no tables of Switchboard in it"), "{why}");
            }
        }
    }
    assert!(!file.exists());
}

/// What it does to who comes back is with the sockets' tests.
#[rstest]
#[tokio::test]
async fn who_has_put_a_backup_back_is_told_what_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let config = &world.hub.app.config;
    let done = operator("restored", &config.data, config.database.url.expose(), &[]).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.contains("every client starts afresh") && said.contains("stop it and start it again"), "{said}");
}
