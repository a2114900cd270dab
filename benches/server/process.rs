//! The server as a child process of a Rust benchmark: the same executable, started again.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

const FLAG: &str = "--serve-pages";

/// A running server. It stops when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) port: u16,
}

impl Process {
    /// Whether this process was started by [`Process::start`] and should call [`super::serve`].
    pub(crate) fn is_this() -> bool {
        std::env::args().any(|argument| argument == FLAG)
    }

    pub(crate) fn start(records: usize) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([FLAG, "--records", &records.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?).read_line(&mut line)?;
        let port = line.strip_prefix(r#"{"port":"#).and_then(|rest| rest.split(',').next()?.parse().ok());
        let port = port.ok_or_else(|| io::Error::other(format!("the server printed {line:?}")))?;
        Ok(Self { input: child.stdin.take(), child, port })
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ended = self.child.wait();
    }
}
