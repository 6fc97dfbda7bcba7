//! Running it: logs, metrics, health, upkeep, signals, the doctor, and the way back in for an owner.

pub mod doctor;
pub mod health;
mod lines;
pub mod logs;
pub mod memory;
pub mod metrics;
pub mod reset_password;
pub mod signals;
pub mod upkeep;
