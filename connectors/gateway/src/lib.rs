//! Any HTTP gateway that a configuration describes.
