//! Running it: logs, metrics, health, upkeep, signals, the doctor, the way back in for an owner, and what a backup that was
//! put back needs.

mod database;
pub mod doctor;
pub mod health;
mod lines;
pub mod logs;
pub mod memory;
pub mod metrics;
pub mod reset_password;
pub mod restored;
pub mod signals;
pub mod upkeep;
