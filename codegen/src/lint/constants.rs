//! A rule about the constants of the generated code.

use std::collections::BTreeMap;

use crate::openapi::{Constant, Finding, Spec};

/// Two constants of one name have one value: else one of them would be hidden.
pub(super) fn conflicts(spec: &Spec) -> Vec<Finding> {
    let mut seen: BTreeMap<String, Constant> = BTreeMap::new();
    let mut found = Vec::new();
    for constant in spec.constants() {
        match seen.get(&constant.name) {
            Some(first) if first.value != constant.value => {
                let help = "let both say the same, or name them differently";
                let message = format!("this differs from #{}, and both would be `{}`", first.at, constant.name);
                found.push(spec.finding(&constant.at, message, help));
            }
            _ => drop(seen.insert(constant.name.clone(), constant)),
        }
    }
    found
}
