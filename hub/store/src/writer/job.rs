//! What waits in the writer's queue, and what becomes of it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use switchboard_protocol::Position;
use tokio::sync::oneshot;

use super::Tx;
use super::queue::Written;
use crate::BoxFuture;
use crate::append::{Append, AppendedAt};
use crate::error::{AppendError, Unavailable, WriteError};

pub(super) enum Job {
    Append(Box<AppendJob>),
    Operation(OperationJob),
    Close(oneshot::Sender<()>),
}

pub(super) struct AppendJob {
    pub append: Append,
    pub result: Option<Result<AppendedAt, AppendError>>,
    pub reply: oneshot::Sender<Result<AppendedAt, AppendError>>,
}

impl AppendJob {
    pub fn committed(self) {
        if let Some(result) = self.result {
            let _caller_gone = self.reply.send(result);
        }
    }

    pub fn lost(self, unavailable: &Unavailable) {
        let _caller_gone = self.reply.send(Err(unavailable.clone().into()));
    }
}

pub(super) struct OperationJob {
    operation: Box<dyn Operation>,
    pub position: Option<Position>,
    /// Why it could not be kept although it wanted to be.
    pub failed: Option<Unavailable>,
}

impl OperationJob {
    pub fn new<T, E, F>(op: F, reply: oneshot::Sender<Result<Written<T>, WriteError<E>>>) -> Self
    where
        T: Send + 'static,
        E: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let operation = Box::new(Pending { op: Some(op), result: None, reply });
        Self { operation, position: None, failed: None }
    }

    /// Whether it wants to be kept. One that panics does not.
    pub async fn run(&mut self, tx: &mut Tx) -> bool {
        let kept = caught(self.operation.run(tx)).await;
        kept.unwrap_or_else(|| {
            self.failed = Some(Unavailable::panicked("finish an operation: it panicked"));
            false
        })
    }

    pub fn finish(self, committed: Result<(), Unavailable>) {
        let outcome = match (committed, self.failed) {
            (Err(unavailable), _) | (Ok(()), Some(unavailable)) => Err(unavailable),
            (Ok(()), None) => Ok(self.position),
        };
        self.operation.finish(outcome);
    }
}

/// What a future gives, and nothing if it panics. The panic itself is told by the process's hook.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Err(_panic) => Poll::Ready(None),
    })
    .await
}

/// An operation without its types.
trait Operation: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;
    fn finish(self: Box<Self>, committed: Result<Option<Position>, Unavailable>);
}

struct Pending<F, T, E> {
    op: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<Written<T>, WriteError<E>>>,
}

impl<T, E, F> Operation for Pending<F, T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let Some(op) = self.op.take() else { return false };
            let result = op(tx).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn finish(self: Box<Self>, committed: Result<Option<Position>, Unavailable>) {
        let answer = match (committed, self.result) {
            (Err(unavailable), _) => Err(WriteError::Unavailable(unavailable)),
            (Ok(position), Some(Ok(value))) => Ok(Written { value, position }),
            (Ok(_), Some(Err(error))) => Err(WriteError::Refused(error)),
            (Ok(_), None) => Err(Unavailable::without_cause("run an operation").into()),
        };
        let _caller_gone = self.reply.send(answer);
    }
}
