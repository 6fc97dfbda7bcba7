//! Updates: a queue, long polling over it, and the webhook that empties it instead.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Outcome, Params, refuse};
use super::{Hook, State};

/// Between two calls of a webhook that did not take an update.
const AGAIN: Duration = Duration::from_millis(50);

impl State {
    pub fn update(&self, kind: &str, object: Value) {
        let mut world = self.world.lock();
        if world.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == kind)) {
            return;
        }
        world.last_update += 1;
        let id = world.last_update;
        world.updates.push_back((id, json!({"update_id": id, kind: object})));
        drop(world);
        self.news.notify_waiters();
    }
}

pub async fn get_updates(state: &Arc<State>, params: &Params) -> Outcome {
    let limit = params.int("limit").unwrap_or(100).clamp(1, 100) as usize;
    let wait = Duration::from_secs(params.int("timeout").unwrap_or(0).clamp(0, 50) as u64);
    let mine = {
        let mut world = state.world.lock();
        if world.webhook.is_some() {
            let why = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
            return Err(refuse(409, why));
        }
        remember_allowed(&mut world.allowed, params);
        let offset = params.int("offset").unwrap_or(0);
        if offset < 0 {
            let keep = world.updates.len().min(offset.unsigned_abs() as usize);
            let gone = world.updates.len() - keep;
            world.updates.drain(..gone);
        } else if offset > 0 && offset <= i64::from(world.last_update) + 10 {
            // An offset further in the future is as good as none.
            world.updates.retain(|(id, _)| i64::from(*id) >= offset);
        }
        world.poller += 1;
        world.poller
    };
    state.news.notify_waiters();
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let news = state.news.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        {
            let world = state.world.lock();
            if world.poller != mine {
                let why =
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                return Err(refuse(409, why));
            }
            if !world.updates.is_empty() || tokio::time::Instant::now() >= deadline {
                return Ok(world.updates.iter().take(limit).map(|(_, update)| update.clone()).collect());
            }
        }
        let _ = tokio::time::timeout_at(deadline, news).await;
    }
}

fn remember_allowed(allowed: &mut Option<Vec<String>>, params: &Params) {
    if let Some(list) = params.json("allowed_updates") {
        let names: Vec<String> = serde_json::from_value(list).unwrap_or_default();
        *allowed = Some(names).filter(|names| !names.is_empty());
    }
}

pub fn set_webhook(state: &Arc<State>, params: &Params) -> Outcome {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete_webhook(state, params);
    }
    // As a server in local mode, which calls plain addresses too.
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1") {
        return Err(refuse(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token");
    if secret.as_ref().is_some_and(|secret| {
        secret.is_empty()
            || secret.len() > 256
            || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    }) {
        return Err(refuse(400, "Bad Request: secret token contains unallowed characters"));
    }
    let mut world = state.world.lock();
    remember_allowed(&mut world.allowed, params);
    let max_connections = params.int("max_connections").unwrap_or(40);
    world.webhook = Some(Hook { url, secret, max_connections, last_error: None });
    drop(world);
    state.news.notify_waiters();
    Ok(json!(true))
}

pub fn delete_webhook(state: &Arc<State>, params: &Params) -> Outcome {
    let mut world = state.world.lock();
    world.webhook = None;
    if params.json("drop_pending_updates") == Some(json!(true)) {
        world.updates.clear();
    }
    Ok(json!(true))
}

pub fn webhook_info(state: &Arc<State>) -> Value {
    let world = state.world.lock();
    let mut info = json!({"url": "", "has_custom_certificate": false, "pending_update_count": world.updates.len()});
    if let Some(hook) = &world.webhook {
        info["url"] = json!(hook.url);
        info["max_connections"] = json!(hook.max_connections);
        if let Some(allowed) = &world.allowed {
            info["allowed_updates"] = json!(allowed);
        }
        if let Some((date, message)) = &hook.last_error {
            info["last_error_date"] = json!(date);
            info["last_error_message"] = json!(message);
        }
    }
    info
}

/// Calls the webhook with the first update until it answers 2xx, then with the next.
pub async fn call_webhook(state: Arc<State>) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    loop {
        let news = state.news.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        let next = {
            let world = state.world.lock();
            world.webhook.clone().zip(world.updates.front().cloned())
        };
        let Some((hook, (id, update))) = next else {
            news.await;
            continue;
        };
        let mut request = http.post(&hook.url).json(&update);
        if let Some(secret) = &hook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let error = match request.send().await {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("Wrong response from the webhook: {}", answer.status())),
            Err(_) => Some("Connection refused".to_owned()),
        };
        let failed = error.is_some();
        {
            let mut world = state.world.lock();
            match error {
                None => world.updates.retain(|(known, _)| *known != id),
                Some(error) => {
                    let at = world.tick();
                    if let Some(hook) = &mut world.webhook {
                        hook.last_error = Some((at, error));
                    }
                }
            }
        }
        if failed {
            tokio::time::sleep(AGAIN).await;
        }
    }
}
