//! What the operating system tells the hub.

/// Listens from now on, so that nothing is missed that is told while the hub starts. Ready when the process is told to go:
/// SIGTERM from a supervisor, SIGINT from a keyboard.
#[cfg(unix)]
pub fn told_to_go() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind: SignalKind, name: &str| {
        signal(kind).inspect_err(|error| tracing::warn!(%error, "{name} cannot be listened to")).ok()
    };
    let terminate = listen(SignalKind::terminate(), "SIGTERM");
    let interrupt = listen(SignalKind::interrupt(), "SIGINT");
    async move {
        let heard = async |listening: Option<tokio::signal::unix::Signal>| match listening {
            Some(mut listening) => drop(listening.recv().await),
            // Without any signal to wait for the hub runs until it is killed.
            None => std::future::pending::<()>().await,
        };
        tokio::select! {
            () = heard(terminate) => {}
            () = heard(interrupt) => {}
        }
    }
}

/// Ready when the process is told to go, by a keyboard.
#[cfg(not(unix))]
pub async fn told_to_go() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without any signal to wait for the hub runs until it is killed.
        std::future::pending::<()>().await;
    }
}
