//! The replica under random trouble. See the module for what is promised.
