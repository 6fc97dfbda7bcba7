//! What a file is, from its first bytes. Its name and what the sender says of it are only held against that.

use switchboard_protocol::error::{ApiError, ErrorCode};

/// How much of a file is looked at, bytes.
pub const HEAD_BYTES: usize = 8 * 1024;

/// What the content says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub media_type: String,
    /// Of a kind that a browser shows without running anything.
    pub picture: bool,
}

/// The only types that are ever shown in a page.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Says what it is of a file that has come already, by mail or another channel, and cannot be refused any more: what
/// [`judge`] would refuse is bytes, which nobody's browser opens.
pub fn describe(head: &[u8], name: &str) -> Kind {
    judge(head, name).unwrap_or(Kind { media_type: "application/octet-stream".to_owned(), picture: false })
}

/// Says what it is, or refuses: programs under any name, and content that is not what the name says.
pub fn judge(head: &[u8], name: &str) -> Result<Kind, ApiError> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    let found = infer::get(head);
    if infer::app::is_exe(head)
        || head.starts_with(b"\x7fELF")
        || infer::app::is_mach(head)
        || infer::app::is_wasm(head)
    {
        return Err(refused("Programs cannot be sent."));
    }
    let promised = mime_guess::from_path(name).first_raw();
    if let Some(promised) = promised.filter(|promised| needs_proof(promised)) {
        let kept = found.is_some_and(|found| same_family(found.mime_type(), promised));
        if !kept {
            return Err(refused("The file's content is not what its name says."));
        }
    }
    let media_type = match found {
        // infer takes some marked-up texts for pages; what is text is decided below, by the name.
        Some(found) if !found.mime_type().starts_with("text/") => found.mime_type(),
        _ if is_text(head) => promised.filter(|promised| textual(promised)).unwrap_or("text/plain"),
        _ => "application/octet-stream",
    };
    Ok(Kind { media_type: media_type.to_owned(), picture: PICTURES.contains(&media_type) })
}

fn refused(sentence: &str) -> ApiError {
    ApiError::new(ErrorCode::UnsupportedFile, sentence)
}

/// Names that make people or programs open a file without a second thought.
fn needs_proof(promised: &str) -> bool {
    PICTURES.contains(&promised) || promised == "application/pdf"
}

/// A JPEG called .png is somebody's slip, not an attack: one picture is as harmless as another.
fn same_family(found: &str, promised: &str) -> bool {
    found == promised || (PICTURES.contains(&found) && PICTURES.contains(&promised))
}

fn textual(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || ["application/json", "application/xml", "image/svg+xml", "application/xhtml+xml"].contains(&media_type)
}

fn is_text(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(text) => !text.contains('\0'),
        // The head may have cut the last character in two.
        Err(error) => error.error_len().is_none() && !head.contains(&0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff";

    fn kind(head: &[u8], name: &str) -> Result<(String, bool), ErrorCode> {
        judge(head, name).map(|kind| (kind.media_type, kind.picture)).map_err(|error| error.code)
    }

    #[test]
    fn the_content_decides() {
        assert_eq!(kind(PNG, "a.png"), Ok(("image/png".into(), true)));
        assert_eq!(kind(PNG, "a.jpg"), Ok(("image/png".into(), true)));
        assert_eq!(kind(PNG, "a.bin"), Ok(("image/png".into(), true)));
        assert_eq!(kind(b"%PDF-1.7\n", "a.pdf"), Ok(("application/pdf".into(), false)));
        assert_eq!(kind(b"a,b\n1,2\n", "a.csv"), Ok(("text/csv".into(), false)));
        assert_eq!(kind("é".as_bytes(), "a"), Ok(("text/plain".into(), false)));
        assert_eq!(kind(&[0xc3, 0x28, 0, 1], "a"), Ok(("application/octet-stream".into(), false)));
    }

    #[test]
    fn what_has_come_already_is_bytes_rather_than_refused() {
        for (head, name) in [(EXE, "a.png"), (EXE, "a.exe"), (b"hello", "a.pdf")] {
            assert_eq!(describe(head, name), Kind { media_type: "application/octet-stream".into(), picture: false });
        }
        assert!(describe(PNG, "a.png").picture);
    }

    #[test]
    fn what_could_run_is_never_a_picture() {
        for (head, name) in [
            (&b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"[..], "a.svg"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "a.html"),
            (b"<?xml version=\"1.0\"?><svg/>", "a.xml"),
        ] {
            assert!(!judge(head, name).unwrap().picture, "{name}");
        }
    }

    #[test]
    fn lies_and_programs_are_refused() {
        for (head, name) in [(EXE, "a.png"), (EXE, "a.exe"), (b"\x7fELF\x02\x01\x01\0", "a"), (b"hello", "a.png")] {
            assert_eq!(kind(head, name), Err(ErrorCode::UnsupportedFile), "{name}");
        }
        assert_eq!(kind(b"<svg/>", "a.png"), Err(ErrorCode::UnsupportedFile));
        assert_eq!(kind(b"<html>", "a.pdf"), Err(ErrorCode::UnsupportedFile));
    }
}
