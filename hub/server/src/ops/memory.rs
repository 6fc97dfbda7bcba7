//! Gives memory back that was needed for a moment.

#[cfg(target_env = "gnu")]
use std::time::Duration;

/// How often it is looked whether much has become free.
#[cfg(target_env = "gnu")]
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What may be added to what the hub came down to the last time before its heaps are trimmed again: a quarter, and this,
/// bytes. A hub that needs what it holds is so left alone.
#[cfg(target_env = "gnu")]
const GROWTH_BYTES: u64 = 4 * 1024 * 1024;
/// What it holds stands still if it is the same from one look to the next, to this part.
#[cfg(target_env = "gnu")]
const STILL: u64 = 16;

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

/// After a burst glibc keeps the pages that thousands of commands needed at once, for what lives on lies between them:
/// free pages inside its heaps go back only when it is told to trim. That is done once the burst is over, which shows in
/// that no more is asked for. Measured with 10,000 visitors who have each written once: a trim a quarter of a minute after
/// the burst brought 197 MB down to 123; one right behind it finds little free yet.
#[cfg(target_env = "gnu")]
pub async fn trim() {
    let (mut least, mut before, mut owed) = (resident(), 0, false);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = resident();
        owed |= now > least + least / 4 + GROWTH_BYTES;
        if owed && now.abs_diff(before) < now / STILL {
            // It walks all heaps, locking one at a time: some milliseconds, on a thread that nobody waits for.
            let trimmed = tokio::task::spawn_blocking(|| {
                #[expect(unsafe_code, reason = "malloc_trim is a C function; any thread may call it at any time")]
                // SAFETY: it is MT-safe (malloc_trim(3)) and touches free memory only.
                unsafe {
                    libc::malloc_trim(0)
                }
            });
            // Only a hub that ends cancels it.
            let _ = trimmed.await;
            (least, owed) = (resident(), false);
        }
        before = now;
        least = least.min(now);
    }
}

/// What this process holds in memory, bytes; 0 where the system does not say.
#[cfg(target_env = "gnu")]
fn resident() -> u64 {
    // proc_pid_status(5): "VmRSS:      29312 kB".
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Other C libraries have no such habits.
#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}

#[cfg(not(target_env = "gnu"))]
pub async fn trim() {}
