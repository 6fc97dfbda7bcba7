//! Mail: IMAP in, SMTP out, and raw MIME by HTTP.
