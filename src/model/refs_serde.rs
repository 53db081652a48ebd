//! The stored form of a reference: one text with the kind of id, `verification_id:vkyc_42` or `reference_id:1358`, so that ids of
//! different kinds never share a key. The names are those of the spec.

/// Writes serde for an enum of ids. Each variant holds an id and has the id's name in the spec.
macro_rules! tagged_text {
    ($reference:ident { $($variant:ident => $name:expr),+ $(,)? }) => {
        /// As text: the name of the id, a colon, and the id.
        impl serde::Serialize for $reference {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(id) => serializer.collect_str(&format_args!("{}:{}", $name, id.0)),)+
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $reference {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                // The text is not shown, because it may be anything.
                let problem = || {
                    let names = [$($name),+].map(|name| format!("`{name}:…`")).join(" or ");
                    serde::de::Error::custom(format!("expected {names}, with a valid id"))
                };
                let (name, id) = text.split_once(':').ok_or_else(problem)?;
                match name {
                    $(name if name == $name => id.parse().map(Self::$variant).map_err(|_| problem()),)+
                    _ => Err(problem()),
                }
            }
        }

        crate::wire::schema::json_schema!($reference, inline: true, {
            "type": "string",
            "pattern": format!("^({}):.+$", [$($name),+].join("|")),
        });
    };
}

pub(crate) use tagged_text;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::model::{ReferenceId, UserId, UserRef, UserReferenceId, VerificationId, VerificationRef};

    #[test]
    fn ids_of_two_kinds_are_different_keys_of_a_map_and_are_read_back() {
        let (ours, theirs) = (VerificationId::new("1358").unwrap().into(), ReferenceId(1358).into());
        let map: BTreeMap<VerificationRef, u8> = BTreeMap::from([(ours, 1), (theirs, 2)]);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, r#"{"verification_id:1358":1,"reference_id:1358":2}"#);
        assert_eq!(serde_json::from_str::<BTreeMap<VerificationRef, u8>>(&json).unwrap(), map);
    }

    /// Storing is the caller's decision, as for all sensitive data.
    #[test]
    fn a_customer_is_serialised_but_not_printed() {
        let users = [UserRef::from(UserId::new("user_7").unwrap()), UserReferenceId(7).into()];
        let json = serde_json::to_string(&users).unwrap();
        assert_eq!(json, r#"["user_id:user_7","user_reference_id:7"]"#);
        assert_eq!(serde_json::from_str::<[UserRef; 2]>(&json).unwrap(), users);
        assert!(!format!("{users:?}").contains('7'));
    }

    #[test]
    fn a_text_that_is_not_a_reference_is_rejected_and_not_shown() {
        for text in
            ["", "canary", "canary:1", ":1", "verification_id:", "verification_id:a canary", "reference_id:canary"]
        {
            let json = serde_json::to_string(text).unwrap();
            let error = serde_json::from_str::<VerificationRef>(&json).unwrap_err().to_string();
            assert!(error.contains("`verification_id:…` or `reference_id:…`") && !error.contains("canary"), "{error}");
        }
        assert!(serde_json::from_str::<VerificationRef>("1358").is_err());
    }
}
