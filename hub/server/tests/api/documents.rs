use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::Engine::Sqlite;
use crate::world::World;

#[tokio::test]
async fn the_documents_refer_to_nothing_that_is_not_there() {
    let world = World::new(Sqlite).await;
    for path in ["/api/openapi.json", "/api/asyncapi.json"] {
        let document = world.nobody().get(path).await.ok();
        let mut references = BTreeSet::new();
        collect(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{path}: {reference}");
        }
    }
    let page = world.nobody().get("/api/docs").await.ok();
    assert!(page.as_str().unwrap().contains("/api/conversations/{id}/messages"));
}

#[tokio::test]
async fn every_endpoint_says_how_it_refuses() {
    let world = World::new(Sqlite).await;
    let document = world.nobody().get("/api/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 30);
    let mut ids = BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            for status in ["400", "401", "403", "404", "429", "503"] {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ErrorBody", "{method} {path} {status}");
            }
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        }
    }
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" => drop(into.insert(reference.clone())),
                    other => collect(other, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        _ => {}
    }
}
