//! The HTTP door: one endpoint or one small resource, one file. What they have in common (who asks, bodies, errors,
//! headers) is in `auth`, `extract`, `layers` and `crate::error`; the documents at `/api/openapi.json` are made from the
//! very routes below, so an endpoint cannot be forgotten there.

pub mod accept;
pub mod agents;
pub mod attachments;
pub mod auth;
pub mod bot_api;
pub mod bots;
pub mod channels;
pub mod contact_forms;
pub mod contacts;
pub mod conversations;
pub mod cookie;
pub mod counts;
pub mod customer_whole;
pub mod entry_links;
pub mod extract;
pub mod feed;
pub mod forms;
pub mod hooks;
pub mod hours;
pub mod identity_secrets;
pub mod inboxes;
pub mod invitations;
pub mod layers;
mod leftover;
pub mod mail_frame;
pub mod me;
pub mod messages;
pub mod notifications;
pub mod outside_cards;
pub mod password;
pub mod retention;
pub mod search;
pub mod session;
pub mod sessions;
pub mod setup;
mod silent;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod tokens;
pub mod views;
pub mod visitor;
pub mod visitors;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use switchboard_protocol::error::{ApiError, ErrorCode};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, Shared};
use crate::channels::media;
use crate::error::Problem;
use crate::{docs, ops, pages, ws};

/// Everything that the hub answers.
pub fn router(app: Arc<App>) -> Router {
    let (api, document) = api().split_for_parts();
    Router::new()
        .merge(api)
        .merge(docs::routes(document))
        .merge(ws::routes())
        .merge(pages::routes(&app))
        .merge(forms::routes())
        .merge(bot_api::routes())
        .route("/media/{token}", get(media::show).layer(from_fn(layers::in_time_for_uploads)))
        .route("/hooks/{key}", any(hooks::call))
        .route("/hooks/{key}/{*rest}", any(hooks::call))
        .route("/healthz", get(ops::health::alive))
        .route("/readyz", get(ops::health::ready))
        .route("/metrics", get(ops::metrics::page))
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(app.clone(), layers::observe))
        .layer(from_fn(layers::guard))
        .layer(from_fn(leftover::read))
        .with_state(app)
}

/// The API, with its document.
pub fn api() -> OpenApiRouter<Shared> {
    let quick = OpenApiRouter::with_openapi(docs::openapi::outline())
        .routes(routes!(setup::set_up))
        .routes(routes!(session::open, session::show, session::close))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(password::change))
        .routes(routes!(password::set))
        .routes(routes!(entry_links::show))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::remove))
        .routes(routes!(agents::list, agents::invite))
        .routes(routes!(agents::change))
        .routes(routes!(agents::withdraw))
        .routes(routes!(agents::make_password_link))
        .routes(routes!(invitations::accept))
        .routes(routes!(teams::list, teams::create))
        .routes(routes!(teams::save, teams::remove))
        .routes(routes!(views::list, views::create, views::order))
        .routes(routes!(views::save, views::remove))
        .routes(routes!(retention::show, retention::set))
        .routes(routes!(templates::list, templates::create))
        .routes(routes!(templates::save, templates::remove))
        .routes(routes!(templates::restore))
        .routes(routes!(tags::list, tags::save))
        .routes(routes!(tags::rename))
        .routes(routes!(tags::remove))
        .routes(routes!(inboxes::list, inboxes::create))
        .routes(routes!(inboxes::change, inboxes::remove))
        .routes(routes!(inboxes::show_access, inboxes::set_access))
        .routes(routes!(inboxes::agents))
        .routes(routes!(hours::show, hours::save))
        .routes(routes!(identity_secrets::show, identity_secrets::renew, identity_secrets::remove))
        .routes(routes!(bots::list, bots::create))
        .routes(routes!(bots::change, bots::remove))
        .routes(routes!(bots::rotate, bots::revoke))
        .routes(routes!(bots::open_console, bots::show_console))
        .routes(routes!(bots::show_log))
        .routes(routes!(bots::show_rules, bots::save_rules))
        .routes(routes!(bots::set_order))
        .routes(routes!(bots::of_conversation))
        .routes(routes!(bots::block, bots::unblock))
        .routes(routes!(bots::run_now))
        .routes(routes!(channels::show, channels::save))
        .routes(routes!(channels::try_out))
        .routes(routes!(channels::held))
        .routes(routes!(channels::health))
        .routes(routes!(contact_forms::show, contact_forms::save))
        .routes(routes!(messages::body))
        .routes(routes!(mail_frame::frame))
        .routes(routes!(messages::send_again))
        .routes(routes!(conversations::list::page, conversations::start::start))
        .routes(routes!(conversations::many::change))
        .routes(routes!(conversations::many::undo))
        .routes(routes!(conversations::many::read))
        .routes(routes!(conversations::delete_forever::many))
        .routes(routes!(conversations::delete_forever::all))
        .routes(routes!(conversations::detail::show, conversations::change::change, conversations::delete_forever::one))
        .routes(routes!(conversations::messages::page, conversations::messages::write))
        .routes(routes!(conversations::read::mark))
        .routes(routes!(conversations::moving::split))
        .routes(routes!(conversations::moving::merge, conversations::moving::separate))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::choose))
        .routes(routes!(counts::show))
        .routes(routes!(search::page))
        .routes(routes!(contacts::list, contacts::make))
        .routes(routes!(contacts::show, contacts::change))
        .routes(routes!(contacts::suggestions))
        .routes(routes!(contacts::merge, contacts::separate))
        .routes(routes!(contacts::tell_apart, contacts::doubt))
        .routes(routes!(outside_cards::list))
        .routes(routes!(outside_cards::save, outside_cards::remove))
        .routes(routes!(outside_cards::save_found, outside_cards::remove_found))
        .routes(routes!(visitors::list))
        .routes(routes!(feed::page))
        .routes(routes!(visitor::session::open))
        .routes(routes!(visitor::history::show))
        .layer(from_fn(layers::proved_anew))
        .layer(from_fn(layers::in_time));
    let slow = OpenApiRouter::new()
        .routes(routes!(attachments::upload))
        .routes(routes!(attachments::download))
        .routes(routes!(templates::copy_files))
        .routes(routes!(customer_whole::export))
        .routes(routes!(customer_whole::erase))
        .routes(routes!(visitor::attachments::upload))
        .routes(routes!(visitor::attachments::download))
        .layer(from_fn(layers::in_time_for_uploads));
    quick.merge(slow)
}

async fn wrong_method() -> (axum::http::StatusCode, Problem) {
    let sentence = "This address does not take this method; see /api/docs.";
    (axum::http::StatusCode::METHOD_NOT_ALLOWED, ApiError::new(ErrorCode::Unknown, sentence).into())
}
