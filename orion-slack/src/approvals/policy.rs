//! Who has to agree.

use std::collections::BTreeSet;

use orion_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::NAME;

/// Who has to agree, in one stage or in several, one after the other.
///
/// Deciders are members (`U…`, `W…`) and user groups (`S…`); a group is looked up when somebody clicks.
///
/// ```
/// use orion_slack::approvals::Policy;
///
/// let policy = Policy::at_least(2, ["U1", "U2", "U3"]).then(Policy::any(["S0OWNERS"]));
/// assert_eq!(policy.to_string(), "2 of 3, then any of 1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy(Vec<Stage>);

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stage {
    pub(crate) need: Need,
    pub(crate) deciders: Vec<String>,
}

/// How many of a stage's deciders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Need {
    /// The first who answers decides.
    Any,
    /// Everybody has to approve; one refusal is enough.
    All,
    /// So many have to approve; refused once they cannot be reached.
    AtLeast(u32),
}

/// How a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Passed,
    Refused,
}

/// What a decider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Do it.
    Approve,
    /// Do not.
    Reject,
}

impl Policy {
    fn of(need: Need, deciders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let deciders: BTreeSet<String> = deciders.into_iter().map(Into::into).collect();
        Self(vec![Stage { need, deciders: deciders.into_iter().collect() }])
    }

    /// The first who answers decides.
    #[must_use]
    pub fn any(deciders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::of(Need::Any, deciders)
    }

    /// Everybody has to approve; one refusal is enough.
    #[must_use]
    pub fn all(deciders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::of(Need::All, deciders)
    }

    /// So many have to approve; it is refused once so many others did that they cannot be reached.
    #[must_use]
    pub fn at_least(many: u32, deciders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::of(Need::AtLeast(many), deciders)
    }

    /// What has to pass after this one did.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.0.extend(next.0);
        self
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.0
    }

    /// Refuses what nobody could ever fulfil.
    pub(crate) fn check(&self, excluded: Option<&str>) -> Result<()> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::Config, why).during(NAME, "approvals.request"));
        for stage in &self.0 {
            let groups = stage.deciders.iter().any(|one| is_group(one));
            let people = stage.deciders.iter().filter(|one| Some(one.as_str()) != excluded).count();
            if !groups && people == 0 {
                return refuse("a stage has nobody who may decide");
            }
            match stage.need {
                Need::AtLeast(0) => return refuse("at least one has to agree"),
                Need::AtLeast(many) if !groups && many as usize > people => {
                    return refuse("more have to agree than may decide");
                }
                Need::Any | Need::All | Need::AtLeast(_) => {}
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, stage) in self.0.iter().enumerate() {
            let deciders = stage.deciders.len();
            f.write_str(if at == 0 { "" } else { ", then " })?;
            match stage.need {
                Need::Any => write!(f, "any of {deciders}")?,
                Need::All => write!(f, "all of {deciders}")?,
                Need::AtLeast(many) => write!(f, "{many} of {deciders}")?,
            }
        }
        Ok(())
    }
}

pub(crate) fn is_group(decider: &str) -> bool {
    decider.starts_with('S')
}

/// How votes stand, each member's last one, among those who may vote.
pub(crate) fn standing<'a>(
    need: Need,
    members: &BTreeSet<String>,
    votes: impl Iterator<Item = (&'a str, Choice)>,
) -> Standing {
    let (mut approved, mut rejected) = (0_usize, 0_usize);
    for (_, choice) in votes.filter(|(user, _)| members.contains(*user)) {
        match choice {
            Choice::Approve => approved += 1,
            Choice::Reject => rejected += 1,
        }
    }
    let reachable = members.len().saturating_sub(rejected);
    let (passed, refused) = match need {
        Need::Any => (approved > 0, rejected > 0),
        Need::All => (approved > 0 && approved == members.len(), rejected > 0),
        Need::AtLeast(many) => (approved >= many as usize, reachable < many as usize),
    };
    match (passed, refused) {
        (true, _) => Standing::Passed,
        (false, true) => Standing::Refused,
        (false, false) => Standing::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Votes<'a> = &'a [(&'a str, Choice)];

    fn stand(need: Need, votes: Votes<'_>) -> Standing {
        let members = ["a", "b", "c"].map(str::to_owned).into_iter().collect();
        standing(need, &members, votes.iter().copied())
    }

    #[test]
    fn each_policy_passes_and_is_refused_as_it_says() {
        use Choice::{Approve, Reject};
        let table: &[(Need, Votes<'_>, Standing)] = &[
            (Need::Any, &[], Standing::Open),
            (Need::Any, &[("x", Approve)], Standing::Open),
            (Need::Any, &[("b", Approve)], Standing::Passed),
            (Need::Any, &[("b", Reject)], Standing::Refused),
            (Need::All, &[("a", Approve), ("b", Approve)], Standing::Open),
            (Need::All, &[("a", Approve), ("b", Approve), ("c", Approve)], Standing::Passed),
            (Need::All, &[("a", Approve), ("c", Reject)], Standing::Refused),
            (Need::AtLeast(2), &[("a", Approve), ("b", Reject)], Standing::Open),
            (Need::AtLeast(2), &[("a", Approve), ("b", Reject), ("c", Approve)], Standing::Passed),
            (Need::AtLeast(2), &[("a", Reject), ("b", Reject)], Standing::Refused),
        ];
        for (need, votes, expected) in table {
            assert_eq!(stand(*need, votes), *expected, "{need:?} {votes:?}");
        }
    }

    #[test]
    fn what_nobody_could_fulfil_is_refused() {
        for (policy, excluded) in [
            (Policy::any(Vec::<String>::new()), None),
            (Policy::any(["U1"]), Some("U1")),
            (Policy::at_least(0, ["U1"]), None),
            (Policy::at_least(2, ["U1"]), None),
            (Policy::any(["U2"]).then(Policy::at_least(2, ["U1", "U2"])), Some("U1")),
        ] {
            assert_eq!(policy.check(excluded).unwrap_err().kind(), ErrorKind::Config, "{policy}");
        }
        Policy::at_least(2, ["S1"]).check(Some("U1")).unwrap();
    }
}
