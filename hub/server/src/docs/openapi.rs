//! The OpenAPI document. Paths and bodies come from the handlers' own notes; here stands what they have in common.

use std::collections::BTreeMap;

use switchboard_protocol::agent::AgentEventFrame;
use switchboard_protocol::error::ErrorBody;
use switchboard_protocol::model::{Channel, Priority, Status};
use switchboard_protocol::rest::{Folder, Sort};
use switchboard_protocol::views::SpokeLast;
use switchboard_protocol::{
    AgentId, AttachmentId, ContactId, ConversationId, InboxId, SessionId, TeamId, TemplateId, TokenId, ViewId,
};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, ServerBuilder,
};
use utoipa::{IntoResponses, ToSchema};

use crate::http::auth::COOKIE;

/// Every way in which an endpoint can refuse: one shape, told apart by `error.code`.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let all = [
            ("400", "`malformed`: it cannot be read as what it should be."),
            ("401", "`unauthenticated`: not signed in, or no longer."),
            ("403", "`forbidden`, `wrong_origin`: this caller or page may not."),
            ("404", "`not_found`: there is no such thing, or it is not the caller's to see."),
            (
                "409",
                "`conflict`, `reply_unseen`, `conversation_closed`, `conversation_merged`, `cannot_move`, `being_sent`: it stands against what is so now.",
            ),
            ("413", "`too_large`: above the bound that the sentence names."),
            ("415", "`unsupported_file`: not what may be sent."),
            ("422", "`invalid`, `key_reused`: it can be read, but a field is not acceptable; see `fields`."),
            ("429", "`rate_limited`: too often; `retry_after_ms` says when to come again."),
            ("500", "`internal`: a fault of the hub; `request_id` finds it in the log."),
            ("503", "`overloaded`, `unavailable`: nothing was kept; try again."),
        ];
        all.into_iter()
            .map(|(status, sentence)| {
                let schema = Ref::from_schema_name(ErrorBody::name());
                let content = ContentBuilder::new().schema(Some(schema)).build();
                let response = ResponseBuilder::new().description(sentence).content("application/json", content);
                (status.to_owned(), response.build().into())
            })
            .collect()
    }
}

/// The document without its paths, which the routes add.
pub fn outline() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Switchboard")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("introduction.md")))
        .license(Some(utoipa::openapi::LicenseBuilder::new().name("MIT OR Apache-2.0").build()));
    OpenApiBuilder::new().info(info.build()).build()
}

/// The document with its paths, made whole.
pub fn finished(mut document: OpenApi) -> OpenApi {
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(shared_schemas());
    let bearer = |sentence: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(sentence)).build())
    };
    let cookie = ApiKeyValue::with_description(COOKIE, "A signed-in browser.");
    components.security_schemes.extend([
        ("session".to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        ("token".to_owned(), bearer("An API token.")),
        ("visitor".to_owned(), bearer("A visitor's token, from `POST /api/visitor/session`.")),
    ]);
    let none: [String; 0] = [];
    name_operations(&mut document);
    document.security =
        Some(vec![SecurityRequirement::new("token", none.clone()), SecurityRequirement::new("session", none)]);
    document
}

/// Shapes that the routes' own notes refer to without bringing them along: the error, and the words of parameters.
fn shared_schemas() -> Vec<(String, RefOr<Schema>)> {
    fn add<T: ToSchema>(into: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(into);
        into.push((T::name().into_owned(), T::schema()));
    }
    let mut schemas = Vec::new();
    add::<ErrorBody>(&mut schemas);
    add::<Folder>(&mut schemas);
    add::<Sort>(&mut schemas);
    add::<Status>(&mut schemas);
    add::<Channel>(&mut schemas);
    add::<Priority>(&mut schemas);
    add::<SpokeLast>(&mut schemas);
    add::<AgentEventFrame>(&mut schemas);
    add::<AgentId>(&mut schemas);
    add::<AttachmentId>(&mut schemas);
    add::<ContactId>(&mut schemas);
    add::<ConversationId>(&mut schemas);
    add::<InboxId>(&mut schemas);
    add::<SessionId>(&mut schemas);
    add::<TeamId>(&mut schemas);
    add::<TemplateId>(&mut schemas);
    add::<ViewId>(&mut schemas);
    add::<TokenId>(&mut schemas);
    schemas
}

/// Ids that no two operations share: `get_inboxes_id_access`. Handlers are named within their file, which is not enough.
fn name_operations(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<_> = path.split(['/', '{', '}']).filter(|word| !word.is_empty() && *word != "api").collect();
        let words = words.join("_");
        let methods = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{words}"));
            }
        }
    }
}
