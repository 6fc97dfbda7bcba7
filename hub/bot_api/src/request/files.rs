//! Files of a call ("Sending files"): uploaded with it, by the id of one that the server has, or by an address.

use bytes::Bytes;

use super::Call;

/// A file that came with the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The part's name: the parameter itself, or what `attach://` says.
    pub at: String,
    /// As it is called where it comes from; may be empty.
    pub name: String,
    pub bytes: Bytes,
}

/// Where a file is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    Upload(&'a File),
    /// "file_id".
    Id(&'a str),
    /// `http:` or `https:`.
    Address(&'a str),
    /// Nothing was given, or an `attach://` of something that did not come.
    Missing,
}

impl Call {
    /// Which file a parameter means.
    pub fn source<'a>(&'a self, parameter: &str) -> Source<'a> {
        match (self.uploaded(parameter), self.text(parameter)) {
            (Some(file), _) => Source::Upload(file),
            (None, Some(text)) => self.source_named(text),
            (None, None) => Source::Missing,
        }
    }

    /// Which file a text means that stands somewhere inside a parameter ("InputMedia").
    pub fn source_named<'a>(&'a self, text: &'a str) -> Source<'a> {
        if let Some(at) = text.strip_prefix("attach://") {
            return self.uploaded(at).map_or(Source::Missing, Source::Upload);
        }
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            return Source::Address(text);
        }
        if text.trim().is_empty() { Source::Missing } else { Source::Id(text.trim()) }
    }

    fn uploaded(&self, at: &str) -> Option<&File> {
        self.files.iter().find(|file| file.at == at)
    }
}
