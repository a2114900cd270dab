//! The way in: bounded, and never waited for.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::notice::{Notice, Severity};

/// Notices that were given and not yet taken. When it is full, the least severe is dropped, and of those the oldest.
#[derive(Debug)]
pub(crate) struct Inbox {
    waiting: Mutex<VecDeque<Notice>>,
    most: usize,
}

impl Inbox {
    pub(crate) fn new(most: usize) -> Self {
        Self { waiting: Mutex::default(), most: most.max(1) }
    }

    /// Takes a notice in, and returns the one that had to go for it.
    pub(crate) fn put(&self, notice: Notice) -> Option<Notice> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(notice);
        if waiting.len() <= self.most {
            return None;
        }
        let weight = |notice: &Notice| if notice.resolved { Severity::Critical } else { notice.severity };
        let least = waiting.iter().map(weight).min()?;
        let oldest = waiting.iter().position(|notice| weight(notice) == least)?;
        waiting.remove(oldest)
    }

    pub(crate) fn take(&self) -> Vec<Notice> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(key: &str, severity: Severity) -> Notice {
        Notice::error_alert(key, severity, "t", "x")
    }

    #[test]
    fn the_least_severe_goes_first_and_of_those_the_oldest() {
        let inbox = Inbox::new(3);
        for (key, severity) in [("a", Severity::Error), ("b", Severity::Warning), ("c", Severity::Warning)] {
            assert_eq!(inbox.put(alert(key, severity)), None);
        }
        assert_eq!(inbox.put(alert("d", Severity::Critical)).unwrap().key, "b");
        assert_eq!(inbox.put(Notice::resolved("e")).unwrap().key, "c");
        assert_eq!(inbox.put(alert("f", Severity::Info)).unwrap().key, "f", "not even taken in");
        let keys: Vec<String> = inbox.take().into_iter().map(|notice| notice.key).collect();
        assert_eq!(keys, ["a", "d", "e"]);
        assert!(inbox.take().is_empty());
    }
}
