//! What waits for a connector: a row for each message that goes out on another channel than web chat, written in the
//! transaction of the message. Connectors, which take from it, are not here yet.
