//! The three files of a JSON Lines destination, and what of them is committed.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Seek, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result, StreamKey,
    sync::{Checkpoint, moved},
};

pub(super) struct Files {
    lines: File,
    rejected: File,
    sidecar: PathBuf,
    committed: Committed,
}

/// What is written to the sidecar, replaced as a whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Committed {
    version: u32,
    /// Bytes of the lines that are committed.
    lines: u64,
    /// Bytes of the dead letters that are committed.
    rejected: u64,
    streams: Vec<Position>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Position {
    stream: StreamKey,
    revision: u64,
    checkpoint: String,
}

const VERSION: u32 = 1;

/// What one batch adds.
pub(super) struct Step {
    pub(super) stream: StreamKey,
    pub(super) checkpoint: Checkpoint,
    pub(super) expected: u64,
    pub(super) lines: Vec<u8>,
    pub(super) rejected: Vec<u8>,
}

impl Files {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let beside = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        let (lines, rejected) = (open(path)?, open(&beside(".rejected"))?);
        match lines.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("another process has {} open; let it finish", path.display());
                return Err(Error::new(ErrorKind::Conflict, message));
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock", path, source)),
        }
        let sidecar = beside(".checkpoint");
        let committed = read(&sidecar)?;
        let fresh = committed.is_none();
        let mut files = Self { lines, rejected, sidecar, committed: committed.unwrap_or_default() };
        files.check(path, fresh)?;
        if fresh {
            files.committed.version = VERSION;
            files.replace(&files.committed)?;
        }
        files.cut()?;
        Ok(files)
    }

    /// Refuses files that do not belong to the sidecar, before anything is cut off.
    fn check(&self, path: &Path, fresh: bool) -> Result<()> {
        let length = |file: &File| {
            file.metadata().map(|data| data.len()).map_err(|source| failed("read", path, source))
        };
        let (lines, rejected) = (length(&self.lines)?, length(&self.rejected)?);
        let name = path.display();
        if fresh && lines + rejected > 0 {
            let message = format!(
                "{name} holds lines, but no checkpoint stands beside it; move it away, or name another"
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        if lines < self.committed.lines || rejected < self.committed.rejected {
            let message = format!(
                "{name} is shorter than what was committed; restore it, or move it and its checkpoint away"
            );
            return Err(Error::new(ErrorKind::Storage, message));
        }
        Ok(())
    }

    pub(super) fn checkpoint(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        let position = self.committed.streams.iter().find(|position| position.stream == *stream);
        position.map(|position| Checkpoint::decode(&position.checkpoint)).transpose()
    }

    /// Appends a batch. It counts once the sidecar names the new lengths; a failure before that leaves what the next step cuts off.
    pub(super) fn commit(&mut self, step: Step) -> Result<()> {
        let mut next = self.committed.clone();
        let found = next.streams.iter().position(|position| position.stream == step.stream);
        let revision = found.map_or(0, |at| next.streams[at].revision);
        if revision != step.expected {
            return Err(moved(&step.stream));
        }
        let position = Position {
            checkpoint: step.checkpoint.encode()?,
            revision: step.checkpoint.revision,
            stream: step.stream,
        };
        match found {
            Some(at) => next.streams[at] = position,
            None => next.streams.push(position),
        }
        next.lines += step.lines.len() as u64;
        next.rejected += step.rejected.len() as u64;
        let written = self
            .cut()
            .and_then(|()| append(&mut self.lines, &step.lines, &self.sidecar))
            .and_then(|()| append(&mut self.rejected, &step.rejected, &self.sidecar));
        written.and_then(|()| self.replace(&next))?;
        self.committed = next;
        Ok(())
    }

    /// Cuts off what is not committed.
    fn cut(&mut self) -> Result<()> {
        let cut = |file: &mut File, length: u64| {
            file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)).map(drop))
        };
        cut(&mut self.lines, self.committed.lines)
            .and_then(|()| cut(&mut self.rejected, self.committed.rejected))
            .map_err(|source| failed("write", &self.sidecar, source))
    }

    /// Writes the sidecar beside itself and puts it in place in one step.
    fn replace(&self, committed: &Committed) -> Result<()> {
        let fresh = self.sidecar.with_extension("checkpoint.new");
        let text = serde_json::to_string(committed).map_err(io::Error::other);
        text.and_then(|text| {
            let mut file = File::create(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &self.sidecar)?;
            sync_folder(&self.sidecar)
        })
        .map_err(|source| failed("write", &self.sidecar, source))
    }
}

/// Makes a rename durable, where the platform lets a folder be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn append(file: &mut File, bytes: &[u8], path: &Path) -> Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|source| failed("write", path, source))
}

fn open(path: &Path) -> Result<File> {
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    options.map_err(|source| failed("open", path, source))
}

fn read(sidecar: &Path) -> Result<Option<Committed>> {
    let text = match fs::read_to_string(sidecar) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed("read", sidecar, source)),
    };
    let committed: Committed = serde_json::from_str(&text).map_err(|source| {
        let name = sidecar.display();
        let message = format!(
            "{name} is damaged; restore it, or move it and the lines away to sync again from the start"
        );
        Error::new(ErrorKind::Storage, message).with_source(source)
    })?;
    if committed.version > VERSION {
        let message = format!("{} was written by a newer Orion; upgrade this program", sidecar.display());
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(Some(committed))
}

fn failed(what: &str, path: &Path, source: io::Error) -> Error {
    let message =
        format!("cannot {what} {}: see that its folder exists, is writable and has room", path.display());
    Error::new(ErrorKind::Storage, message).with_source(source)
}
