//! Gives memory back that was needed for a moment.

/// Blocks from this size on are mapped on their own and go back to the system when they are freed, bytes.
const MAPPED_FROM: std::ffi::c_int = 1024 * 1024;

/// Holds glibc's threshold where it begins. By itself it grows to the largest block ever freed: after the first password
/// (argon2 takes 19 MiB) each thread's heap keeps such a block for good. Measured over 20 sign-ups: 399 MB kept with the
/// growing threshold, 9 MB with a fixed one.
#[cfg(target_env = "gnu")]
pub fn give_back() {
    #[expect(unsafe_code, reason = "mallopt is a C function; called once, before any other thread runs")]
    // SAFETY: M_MMAP_THRESHOLD takes any non-negative number, and nothing else runs yet.
    let set = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM) };
    debug_assert_eq!(set, 1, "glibc has taken the threshold");
}

/// Other C libraries have no such habit.
#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}
