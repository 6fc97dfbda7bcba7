//! One scenario a file: what it sets up, what it does, what it measures.

pub mod fanout;
