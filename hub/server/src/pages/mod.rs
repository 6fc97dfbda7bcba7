//! The built pages.

use axum::Router;

use crate::app::{App, Shared};

pub fn routes(_: &App) -> Router<Shared> {
    Router::new()
}
