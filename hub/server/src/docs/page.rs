//! `/api/docs`: the OpenAPI document as a page to read. Made once at start from the document itself; no script, nothing
//! from elsewhere.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The page.
pub fn render(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Switchboard API</title>\
         <link rel=\"stylesheet\" href=\"/api/docs/docs.css\"></head><body><main><h1>Switchboard API</h1>",
    );
    for paragraph in text(&document["info"]["description"]).split("\n\n") {
        let _ = write!(page, "<p>{}</p>", prose(paragraph));
    }
    page.push_str(
        "<p>For programs: <a href=\"/api/openapi.json\">openapi.json</a>, \
         <a href=\"/api/asyncapi.json\">asyncapi.json</a> (the sockets).</p>",
    );
    let sections = sections(document);
    page.push_str("<nav aria-label=\"Sections\"><ul>");
    for (tag, _) in &sections {
        let _ = write!(page, "<li><a href=\"#{}\">{}</a></li>", anchor(tag), escape(tag));
    }
    page.push_str("<li><a href=\"#shapes\">shapes</a></li></ul></nav>");
    for (tag, operations) in &sections {
        let _ = write!(page, "<h2 id=\"{}\">{}</h2>", anchor(tag), escape(tag));
        operations.iter().for_each(|one| operation(&mut page, one));
    }
    shapes(&mut page, document);
    page.push_str("</main></body></html>");
    page
}

struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    note: &'a Value,
}

/// Operations by tag, both in the order of the routes.
fn sections(document: &Value) -> Vec<(&str, Vec<Operation<'_>>)> {
    let mut sections: Vec<(&str, Vec<Operation<'_>>)> = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, note) in object(methods) {
            let tag = text(&note["tags"][0]);
            let one = Operation { path, method, note };
            match sections.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, operations)) => operations.push(one),
                None => sections.push((tag, vec![one])),
            }
        }
    }
    sections
}

fn operation(page: &mut String, one: &Operation<'_>) {
    let _ = write!(
        page,
        "<details><summary><code><span class=\"method\">{}</span> {}</code> <span class=\"what\">{}</span></summary>\
         <div class=\"inside\">",
        one.method.to_uppercase(),
        escape(one.path),
        prose(text(&one.note["summary"]))
    );
    if let Some(description) = one.note["description"].as_str() {
        let _ = write!(page, "<p>{}</p>", prose(description));
    }
    let parameters = one.note["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        page.push_str("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>");
        for parameter in parameters {
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(text(&parameter["name"])),
                escape(text(&parameter["in"])),
                kind(&parameter["schema"]),
                prose(text(&parameter["description"]))
            );
        }
        page.push_str("</table>");
    }
    for content in object(&one.note["requestBody"]["content"]).values() {
        let _ = write!(page, "<p>Body: {}</p>", kind(&content["schema"]));
    }
    page.push_str("<table><tr><th>Status</th><th>Body</th><th></th></tr>");
    for (status, response) in object(&one.note["responses"]) {
        let body = object(&response["content"]).values().map(|content| kind(&content["schema"])).collect::<String>();
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{body}</td><td>{}</td></tr>",
            escape(status),
            prose(text(&response["description"]))
        );
    }
    page.push_str("</table></div></details>");
}

fn shapes(page: &mut String, document: &Value) {
    page.push_str("<h2 id=\"shapes\">Shapes</h2>");
    for (name, schema) in object(&document["components"]["schemas"]) {
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            page,
            "<details id=\"{0}\"><summary><code>{0}</code> <span class=\"what\">{1}</span></summary>\
             <div class=\"inside\"><pre>{2}</pre></div></details>",
            escape(name),
            prose(text(&schema["description"])),
            escape(&pretty)
        );
    }
}

/// A schema in a few words, with a link to its shape.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\"><code>{0}</code></a>", escape(name));
    }
    if let Some(some) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return some.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(|one| escape(text(one))).collect::<Vec<_>>().join(" or "),
        Value::String(one) if one == "array" => format!("list of {}", kind(&schema["items"])),
        other => escape(text(other)),
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn anchor(tag: &str) -> String {
    tag.replace(' ', "-")
}

/// Escaped, with `code` and **weight** as doc comments have them.
fn prose(words: &str) -> String {
    let escaped = escape(words);
    let marked = |text: &str, mark: &str, open: &str, close: &str| {
        let parts: Vec<_> = text.split(mark).collect();
        let mut out = String::new();
        for (place, part) in parts.iter().enumerate() {
            out.push_str(part);
            if place + 1 < parts.len() {
                out.push_str(if place % 2 == 0 { open } else { close });
            }
        }
        out
    };
    marked(&marked(&escaped, "`", "<code>", "</code>"), "**", "<strong>", "</strong>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
