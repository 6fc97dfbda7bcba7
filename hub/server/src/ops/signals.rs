//! What the operating system tells the hub.

/// Returns when the process is told to go: SIGTERM from a supervisor, SIGINT from a keyboard.
pub async fn told_to_go() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt => {}
                }
                return;
            }
            Err(error) => tracing::warn!(%error, "SIGTERM cannot be listened to"),
        }
    }
    if interrupt.await.is_err() {
        // Without any signal to wait for the hub runs until it is killed.
        std::future::pending::<()>().await;
    }
}
