//! Gateways as their settings describe them: of three kinds, so that it is the settings that make the difference.

mod check;
mod incoming;
mod nonsense;
mod sending;
mod world;
