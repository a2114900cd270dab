//! Ids and secrets as the vendor shapes them, from the sandbox's seed.

use super::random::Random;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MIXED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

/// Mints what is unique in one workspace.
#[derive(Debug)]
pub(crate) struct Ids {
    random: Random,
    minted: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed, "ids"), minted: 0 }
    }

    /// An id such as `C0A1B2C3D4E`: a prefix that names the kind, then upper case letters and digits.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.minted += 1;
        let unique = base36(self.minted);
        format!("{prefix}0{}{unique}", self.random.text(UPPER, 9_usize.saturating_sub(unique.len())))
    }

    /// Hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.random.text(HEX, length)
    }

    /// Letters and digits.
    pub(crate) fn secret(&mut self, length: usize) -> String {
        self.random.text(MIXED, length)
    }

    /// Decimal digits, the first of them not zero.
    pub(crate) fn digits(&mut self, length: usize) -> String {
        format!(
            "{}{}",
            self.random.text("123456789", 1),
            self.random.text("0123456789", length.saturating_sub(1))
        )
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let [a, b, c, d, e] = [8, 4, 3, 3, 12].map(|length| self.hex(length));
        let variant = self.random.text("89ab", 1);
        format!("{a}-{b}-4{c}-{variant}{d}-{e}")
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.extend(char::from_digit((number % 36) as u32, 36).map(|digit| digit.to_ascii_uppercase()));
        number /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_shaped_as_the_vendors() {
        let mut ids = Ids::new(1);
        let made: HashSet<String> = (0..5_000).map(|_| ids.id("C")).collect();
        assert_eq!(made.len(), 5_000);
        for id in &made {
            assert!(id.len() == 11 && id.starts_with("C0"), "{id}");
        }
    }
}
