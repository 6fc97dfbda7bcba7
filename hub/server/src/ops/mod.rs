//! Running it: logs, metrics, health, upkeep, signals, and the doctor.

pub mod doctor;
pub mod health;
pub mod logs;
pub mod memory;
pub mod metrics;
pub mod signals;
pub mod upkeep;
