//! Tokens in one encrypted file.

mod book;

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use secrecy::SecretSlice;
use tokio::task::spawn_blocking;

use self::book::Book;
use super::{AccountKey, Leased, Stored, Swap, TokenSet, TokenStore, seal::Seal};
use crate::{Clock, Error, ErrorKind, Result};

/// Keeps tokens in one file, encrypted with a key the host keeps elsewhere (XChaCha20-Poly1305).
///
/// For a program on one machine. Several processes may share the file: each change is made under a lock on `<file>.lock` and replaces the
/// file as a whole, so a crash leaves the old one or the new one. The file has to be on a local disk; network file systems lock and
/// rename in their own ways. A file that is damaged, or was written with another key, is reported and left as it is.
///
/// Adapters' and accounts' names are not encrypted, tokens are.
///
/// # Cancel safety
///
/// A change that was begun is completed, whether or not its result is awaited.
#[derive(Clone)]
pub struct FileTokenStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    seal: Seal,
    clock: Clock,
}

impl FileTokenStore {
    /// Keeps tokens in the file at `path`, encrypted with the 32 bytes of `key`. The file is made when tokens are first stored.
    ///
    /// # Errors
    /// `Config` if the key has another length.
    pub fn new(path: impl Into<PathBuf>, key: &SecretSlice<u8>) -> Result<Self> {
        Ok(Self(Arc::new(Inner { path: path.into(), seal: Seal::new(key)?, clock: Clock::system() })))
    }

    /// Sets where the time comes from that leases run out by. Every process has to use the same.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        let (path, seal) = (self.0.path.clone(), self.0.seal.clone());
        Self(Arc::new(Inner { path, seal, clock }))
    }

    /// Runs `change` on the file's content under the lock, and replaces the file if it says so.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Book, &Inner) -> Result<(T, Save)> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let _lock = inner.lock()?;
            let mut book = inner.read()?;
            let (result, save) = change(&mut book, &inner)?;
            if save == Save::Yes {
                inner.write(&book)?;
            }
            Ok(result)
        })
        .await
    }
}

/// Whether the content was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Save {
    Yes,
    No,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|source| {
        Err(Error::new(ErrorKind::Cancelled, "the work on the token file was stopped").with_source(source))
    })
}

impl Inner {
    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        self.path.with_file_name(name)
    }

    /// Waits for the lock, which ends with the file it is on.
    fn lock(&self) -> Result<File> {
        let file = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(self.beside(".lock"))
            .map_err(|source| self.failed("cannot be locked", source))?;
        file.lock().map_err(|source| self.failed("cannot be locked", source))?;
        Ok(file)
    }

    fn read(&self) -> Result<Book> {
        match fs::read(&self.path) {
            Ok(bytes) => Book::read(&bytes, &self.seal).map_err(|what| self.unusable(what)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Book::new(&self.seal),
            Err(source) => Err(self.failed("cannot be read", source)),
        }
    }

    /// Replaces the file: the new one is on the disk before it takes the old one's name.
    fn write(&self, book: &Book) -> Result<()> {
        let new = self.beside(".new");
        let written = || {
            let mut file = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&new)?;
            file.write_all(&book.to_bytes()?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            sync_folder(&self.path)
        };
        written().map_err(|source| self.failed("cannot be written", source))
    }

    fn stored(&self, book: &Book, key: &AccountKey) -> Result<Option<Stored>> {
        book.stored(key, &self.seal).map_err(|what| self.unusable(what))
    }

    fn failed(&self, what: &str, source: io::Error) -> Error {
        let path = self.path.display();
        let message =
            format!("the token file {path} {what}: check the folder, its rights and the free space");
        Error::new(ErrorKind::Storage, message).with_source(source)
    }

    fn unusable(&self, what: &str) -> Error {
        Error::new(
            ErrorKind::Storage,
            format!("the token file {} {what}; it was left as it is", self.path.display()),
        )
    }
}

/// Readable by its owner only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the renaming last. Windows has nothing of the kind and needs nothing.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    let _ = path;
    Ok(())
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, key: &AccountKey) -> Result<Option<Stored>> {
        let (inner, key) = (Arc::clone(&self.0), key.clone());
        // Without the lock: the file is replaced as a whole.
        blocking(move || inner.read().and_then(|book| inner.stored(&book, &key))).await
    }

    async fn swap(&self, key: &AccountKey, seen: Option<u64>, tokens: &TokenSet) -> Result<Swap> {
        let (key, tokens) = (key.clone(), tokens.clone());
        self.change(move |book, inner| {
            let have = inner.stored(book, &key)?;
            if have.as_ref().map(|stored| stored.version) != seen {
                return Ok((Swap::Lost(have), Save::No));
            }
            Ok((Swap::Done(book.put(&key, &tokens, &inner.seal)?), Save::Yes))
        })
        .await
    }

    async fn lease(&self, key: &AccountKey, holder: &str, ttl: Duration) -> Result<Leased> {
        let (key, holder) = (key.clone(), holder.to_owned());
        self.change(move |book, inner| {
            let leased = book.lease(&key, &holder, ttl, inner.clock.now());
            Ok((leased, if leased == Leased::Granted { Save::Yes } else { Save::No }))
        })
        .await
    }

    async fn release(&self, key: &AccountKey, holder: &str) -> Result<()> {
        let (key, holder) = (key.clone(), holder.to_owned());
        self.change(move |book, _| Ok(((), if book.release(&key, &holder) { Save::Yes } else { Save::No })))
            .await
    }

    async fn remove(&self, key: &AccountKey) -> Result<()> {
        let key = key.clone();
        self.change(move |book, _| Ok(((), if book.remove(&key) { Save::Yes } else { Save::No }))).await
    }
}

impl fmt::Debug for FileTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileTokenStore").field(&self.0.path).finish()
    }
}
