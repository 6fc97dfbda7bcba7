//! One function per thing that happens. These are the only writers: HTTP handlers, sockets and automation all call them,
//! and everything else hears of it from the events that they emit.
//!
//! A command checks what it was given, decides by `switchboard_domain`, writes state and event in one operation
//! ([`crate::App::write`]), and returns what it made. Who may call it stands in its signature ([`crate::caller::May`]).
//! Deliberately not here: HTTP, frames, cookies.
