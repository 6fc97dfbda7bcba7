//! Hands a file out. Pictures may be shown in a page; everything else is saved to disk by the browser, and nothing of it
//! runs with our origin's rights, whatever it turns out to be.

use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use switchboard_protocol::model::Attachment;

/// The answer that carries `bytes`, those of `attachment`.
pub fn respond<E: Into<BoxError> + 'static>(
    attachment: &Attachment,
    bytes: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Response {
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    let kind = if attachment.picture { attachment.media_type.as_str() } else { download_type(&attachment.media_type) };
    let way = if attachment.picture { "inline" } else { "attachment" };
    let set = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_LENGTH, attachment.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(way, &attachment.name)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    for (name, value) in set {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Types that a browser would render are handed out as bytes.
fn download_type(media_type: &str) -> &str {
    let renders = media_type.starts_with("text/") || media_type.contains("xml") || media_type.contains("html");
    if renders { "application/octet-stream" } else { media_type }
}

/// RFC 6266 with the name in RFC 8187's encoding, and a plain one for what does not know that.
fn disposition(way: &str, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\;%".contains(c) || c == ' ' { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_and_break_nothing() {
        assert_eq!(
            disposition("attachment", "naïve\r\n\"x\".pdf"),
            "attachment; filename=\"na_ve___x_.pdf\"; filename*=UTF-8''na%C3%AFve%0D%0A%22x%22.pdf"
        );
    }
}
