//! The AsyncAPI 3.0 document of the two sockets. Channels and operations are few and stand here; what the frames are made
//! of comes from the wire types' own schemas, so that a new frame is in the document as soon as it exists.

use serde_json::{Map, Value, json};
use switchboard_protocol::agent::{AgentFrame, AgentServerFrame};
use switchboard_protocol::visitor::{VisitorFrame, VisitorServerFrame};
use switchboard_protocol::{SUBPROTOCOL, limits};
use utoipa::{PartialSchema, ToSchema};

/// The document.
pub fn document() -> Value {
    let mut schemas = Map::new();
    let mut messages = Map::new();
    add::<AgentFrame>(&mut schemas, &mut messages, "What an agent's client sends.");
    add::<AgentServerFrame>(&mut schemas, &mut messages, "What the hub sends to an agent's client.");
    add::<VisitorFrame>(&mut schemas, &mut messages, "What a visitor's client sends.");
    add::<VisitorServerFrame>(&mut schemas, &mut messages, "What the hub sends to a visitor's client.");
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchboard sockets",
            "version": env!("CARGO_PKG_VERSION"),
            "description": introduction(),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "hub": { "host": "localhost:8080", "protocol": "ws", "description": "Wherever the hub runs; wss:// behind TLS." } },
        "channels": {
            "agent": channel("/ws/agent", "The team's socket.", ["AgentFrame", "AgentServerFrame"]),
            "visitor": channel("/ws/visitor", "The chat panel's socket.", ["VisitorFrame", "VisitorServerFrame"]),
        },
        // Seen from the hub, as AsyncAPI describes an application: it receives what clients send.
        "operations": {
            "fromAgent": operation("receive", "agent", "AgentFrame"),
            "toAgent": operation("send", "agent", "AgentServerFrame"),
            "fromVisitor": operation("receive", "visitor", "VisitorFrame"),
            "toVisitor": operation("send", "visitor", "VisitorServerFrame"),
        },
        "components": { "schemas": schemas, "messages": messages },
    })
}

fn introduction() -> String {
    format!(
        "JSON text frames over WebSocket, subprotocol `{SUBPROTOCOL}`, at most {} bytes from a client. A **command** \
         carries the client's own id and is answered by a **reply** with that id; the same id again is the same command. \
         An **event** is committed, has a position and is never lost: say the last position you saw and you get exactly \
         what came after, or a `reset`. A **signal** is true now, has no position, and may be lost. Answer each `ping` \
         with a `pong`; who hears nothing for twice `heartbeat_ms` connects again.",
        limits::CLIENT_FRAME_BYTES
    )
}

fn add<T: ToSchema + PartialSchema>(
    schemas: &mut Map<String, Value>,
    messages: &mut Map<String, Value>,
    summary: &str,
) {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    parts.push((T::name().into_owned(), T::schema()));
    for (name, schema) in parts {
        schemas.insert(name, serde_json::to_value(schema).expect("a schema is plain data"));
    }
    let name = T::name();
    let payload = json!({ "$ref": format!("#/components/schemas/{name}") });
    messages.insert(name.into_owned(), json!({ "summary": summary, "payload": payload }));
}

fn channel(address: &str, description: &str, frames: [&str; 2]) -> Value {
    let messages: Map<String, Value> = frames
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    let bindings = json!({ "ws": { "method": "GET", "bindingVersion": "0.1.0" } });
    json!({ "address": address, "description": description, "messages": messages, "bindings": bindings })
}

fn operation(action: &str, channel: &str, frame: &str) -> Value {
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{frame}") }],
    })
}
