//! Single values of the deployment: the key that signs visitor tokens, the set-up token's hash, the demo flag.
use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

pub async fn find(_store: &Store, _key: &str) -> Result<Option<String>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _key: &str) -> Result<Option<String>, ReadError> {
    todo!()
}
pub async fn set(_tx: &mut Tx, _key: &str, _value: &str) -> Result<(), ChangeError> {
    todo!()
}
/// Keeps `value` unless there is one already; the one that holds.
pub async fn set_once(_tx: &mut Tx, _key: &str, _value: &str) -> Result<String, ChangeError> {
    todo!()
}
/// Whether there was one.
pub async fn remove(_tx: &mut Tx, _key: &str) -> Result<bool, ChangeError> {
    todo!()
}
