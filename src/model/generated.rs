//! The types, open enums, tables and constants that `build.rs` generates from `spec/vkyc.yaml`. The module is private: `lib.rs`
//! lists the public ones, so the generator cannot widen the API. The code is in `generated/types.snap`.

#![allow(dead_code, unreachable_pub, reason = "the spec may hold more than the wrapper uses and lib.rs re-exports")]

include!(concat!(env!("OUT_DIR"), "/types.rs"));

#[cfg(test)]
mod tests {
    use super::{Actor, ErrorCode, Evidence, Phase, Status, SubStatus, VideoKyc};

    #[test]
    fn known_values_round_trip() {
        fn check<T>(known: &[T])
        where
            T: serde::Serialize
                + serde::de::DeserializeOwned
                + PartialEq
                + std::fmt::Debug
                + ToString
                + for<'a> From<&'a str>,
        {
            assert!(!known.is_empty());
            for value in known {
                let json = serde_json::to_string(value).unwrap();
                assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
                assert_eq!(&T::from(&value.to_string()), value);
            }
        }
        check(Status::KNOWN);
        check(SubStatus::KNOWN);
        check(ErrorCode::KNOWN);
    }

    #[test]
    fn a_new_value_is_unknown_and_keeps_its_text() {
        for text in ["NEVER_SEEN", "received", " RECEIVED", "ж", "a\"b\n"] {
            let json = serde_json::to_string(text).unwrap();
            let status: Status = serde_json::from_str(&json).unwrap();
            assert!(matches!(status, Status::Unknown(_)) && !status.is_known());
            assert_eq!(status.as_str(), text);
            assert_eq!(serde_json::to_string(&status).unwrap(), json);
        }
    }

    #[test]
    fn the_words_of_the_lifecycle_are_stored_as_they_are_printed() {
        for (phase, word) in [(Phase::Unknown, "unknown"), (Phase::Checks, "checks"), (Phase::Closed, "closed")] {
            let json = serde_json::to_string(&phase).unwrap();
            assert_eq!((json.as_str(), phase.as_str()), (format!("\"{word}\"").as_str(), word));
            assert_eq!(serde_json::from_str::<Phase>(&json).unwrap(), phase);
        }
        assert_eq!(serde_json::from_str::<Actor>("\"auditor\"").unwrap(), Actor::Auditor);
        assert_eq!(serde_json::from_str::<Evidence>("\"of a later version\"").unwrap(), Evidence::Unknown);
    }

    #[test]
    fn unknown_prints_its_text() {
        assert_eq!(format!("{:?} {:?}", Status::from("NEW"), Status::Received), "Unknown(\"NEW\") Received");
        assert_eq!(format!("[{:>10}]", Status::Received), "[  RECEIVED]");
    }

    #[test]
    fn a_duplicate_field_of_the_spec_is_an_error_and_of_an_unknown_field_the_last_value_is_kept() {
        let twice = r#"{"status":"RECEIVED","status":"COMPLETED"}"#;
        let error = serde_json::from_str::<VideoKyc>(twice).unwrap_err().to_string();
        assert!(error.contains("duplicate"), "{error}");
        let other: VideoKyc = serde_json::from_str(r#"{"brand_new":1,"brand_new":2}"#).unwrap();
        assert_eq!(other.extra["brand_new"], 2);
    }
}
