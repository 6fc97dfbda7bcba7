//! What the operating system says of a process: CPU time, memory, bytes written. Read from /proc, so Linux only.

use std::fs;
use std::io;
use std::path::Path;

/// Clock ticks a second in /proc/PID/stat (USER_HZ, the same 100 on every Linux architecture that the hub is built for).
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is measured.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident, bytes: with the pages of its binary and mapped files.
    pub resident: u64,
    /// Resident and its own (heap, stacks), bytes. What a session costs is counted in this.
    pub own: u64,
}

impl Process {
    /// CPU seconds since it began, user and system, all threads. From schedstat (nanoseconds) where every thread is still
    /// there; threads that have ended only stand in stat (to 10 ms), so the larger of both is taken.
    pub fn cpu_seconds(self) -> io::Result<f64> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold blanks; the fields after it are counted from its end (proc(5)).
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        let mut nanos = 0.0;
        for task in fs::read_dir(self.path("task"))? {
            let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanos += text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
        }
        Ok((ticks / TICKS_PER_SECOND).max(nanos / 1e9))
    }

    pub fn memory(self) -> io::Result<Memory> {
        let status = self.read("status")?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0) * 1024
        };
        Ok(Memory { resident: field("VmRSS:"), own: field("RssAnon:") })
    }

    /// Bytes that it has had written to storage.
    pub fn storage_written(self) -> io::Result<u64> {
        let io = self.read("io")?;
        let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap_or("0");
        Ok(line.trim().parse().unwrap_or(0))
    }

    fn path(self, file: &str) -> std::path::PathBuf {
        Path::new("/proc").join(self.0.to_string()).join(file)
    }

    fn read(self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.path(file))
    }
}

/// CPU time over a stretch of the run.
pub struct Meter {
    process: Process,
    cpu: f64,
}

impl Meter {
    pub fn start(process: Process) -> io::Result<Self> {
        Ok(Self { process, cpu: process.cpu_seconds()? })
    }

    /// CPU seconds since the start.
    pub fn cpu_seconds(&self) -> io::Result<f64> {
        Ok(self.process.cpu_seconds()? - self.cpu)
    }
}

/// Kernel memory in all TCP sockets of this machine, both ends, bytes. A page is 4 KiB on what the hub is built for.
pub fn tcp_memory() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/net/sockstat")?;
    let line = text.lines().find(|line| line.starts_with("TCP:")).unwrap_or_default();
    let pages =
        line.split_whitespace().skip_while(|word| *word != "mem").nth(1).and_then(|word| word.parse::<u64>().ok());
    Ok(pages.unwrap_or(0) * 4096)
}

/// As many open files as the system lets this process have.
pub fn raise_open_files() -> io::Result<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}

/// Keeps this process (the generator) on one core.
pub fn pin_to_core(core: usize) -> io::Result<()> {
    let mut set = rustix::thread::CpuSet::new();
    set.set(core);
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

/// Lets this process run on every core again.
pub fn unpin() -> io::Result<()> {
    let mut set = rustix::thread::CpuSet::new();
    for core in 0..std::thread::available_parallelism().map_or(1, usize::from).max(cores()) {
        set.set(core);
    }
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

/// Cores of the machine, whatever this process is pinned to.
pub fn cores() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines().filter(|line| line.starts_with("processor")).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_this_process() {
        let this = Process(std::process::id());
        let before = this.cpu_seconds().expect("stat");
        let mut sum = 0u64;
        while this.cpu_seconds().expect("stat") < before + 0.02 {
            sum = std::hint::black_box(sum.wrapping_mul(31) + 7);
        }
        let memory = this.memory().expect("status");
        assert!(memory.own > 0 && memory.resident >= memory.own, "{memory:?}");
    }
}
