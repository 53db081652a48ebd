// Generated from the spec by cashfree-vkyc-codegen. Do not edit.

/// An address, part by part, as Aadhaar has it. It is personal data, so nothing of it prints.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct AadhaarAddress {
    /// The country.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub country: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The district.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub dist: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The house.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub house: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The PIN code. A number where it is documented, and read as text as well.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub pincode: ::std::option::Option<
        crate::wire::Sensitive<crate::wire::NumberOrText>,
    >,
    /// The post office.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub po: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The state.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub state: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The street.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub street: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The part of the district.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub subdist: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The village, town or city.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub vtc: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for AadhaarAddress {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("AadhaarAddress")
            .field("country", &self.country)
            .field("dist", &self.dist)
            .field("house", &self.house)
            .field("pincode", &self.pincode)
            .field("po", &self.po)
            .field("state", &self.state)
            .field("street", &self.street)
            .field("subdist", &self.subdist)
            .field("vtc", &self.vtc)
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl AadhaarAddress {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.country.is_none() && self.dist.is_none() && self.house.is_none()
            && self.pincode.is_none() && self.po.is_none() && self.state.is_none()
            && self.street.is_none() && self.subdist.is_none() && self.vtc.is_none()
    }
}
impl AadhaarAddress {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.country != other.country || self.dist != other.dist
            || self.house != other.house || self.pincode != other.pincode
            || self.po != other.po || self.state != other.state
            || self.street != other.street || self.subdist != other.subdist
            || self.vtc != other.vtc
    }
}
impl AadhaarAddress {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        house: impl Into<crate::wire::Sensitive<String>>,
        street: impl Into<crate::wire::Sensitive<String>>,
        dist: impl Into<crate::wire::Sensitive<String>>,
        state: impl Into<crate::wire::Sensitive<String>>,
        pincode: impl Into<crate::wire::Sensitive<crate::wire::NumberOrText>>,
        country: impl Into<crate::wire::Sensitive<String>>,
    ) -> Self {
        Self {
            house: Some(house.into()),
            street: Some(street.into()),
            dist: Some(dist.into()),
            state: Some(state.into()),
            pincode: Some(pincode.into()),
            country: Some(country.into()),
            po: ::std::default::Default::default(),
            subdist: ::std::default::Default::default(),
            vtc: ::std::default::Default::default(),
            extra: ::std::default::Default::default(),
        }
    }
    ///The post office.
    #[must_use]
    pub fn po(mut self, po: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.po = Some(po.into());
        self
    }
    ///The part of the district.
    #[must_use]
    pub fn subdist(
        mut self,
        subdist: impl Into<crate::wire::Sensitive<String>>,
    ) -> Self {
        self.subdist = Some(subdist.into());
        self
    }
    ///The village, town or city.
    #[must_use]
    pub fn vtc(mut self, vtc: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.vtc = Some(vtc.into());
        self
    }
}
/// What Aadhaar says of a customer. All of it is personal data, so nothing of it prints.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct AadhaarDetails {
    /// The same under another name, which a sample of the answer has. It is not sent.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional_other",
        skip_serializing_if = "Option::is_none"
    )]
    pub address_details: ::std::option::Option<AadhaarAddress>,
    /// In whose care the customer is, as Aadhaar has it.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub care_of: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The date of birth, as DD-MM-YYYY.
    ///
    /// Example: `"02-02-1995"`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub dob: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The gender, as Aadhaar has it.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub gender: ::std::option::Option<crate::model::generated::Gender>,
    /// When Aadhaar was last asked.
    ///
    /// Example: `"2025-05-07T15:04:05Z"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_verified_at: ::std::option::Option<crate::wire::Timestamp>,
    /// The name.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Where the photo lies.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub photo_link: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The address, part by part.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional_other",
        skip_serializing_if = "Option::is_none"
    )]
    pub split_address: ::std::option::Option<AadhaarAddress>,
    /// The year of birth. In a sample only.
    ///
    /// Example: `1995`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub year_of_birth: ::std::option::Option<i64>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for AadhaarDetails {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("AadhaarDetails")
            .field(
                "address_details",
                &self.address_details.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field("care_of", &self.care_of)
            .field("dob", &self.dob)
            .field(
                "gender",
                &self.gender.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field("last_verified_at", &self.last_verified_at)
            .field("name", &self.name)
            .field("photo_link", &self.photo_link)
            .field(
                "split_address",
                &self.split_address.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field(
                "year_of_birth",
                &self.year_of_birth.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl AadhaarDetails {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.address_details.is_none() && self.care_of.is_none() && self.dob.is_none()
            && self.gender.is_none() && self.last_verified_at.is_none()
            && self.name.is_none() && self.photo_link.is_none()
            && self.split_address.is_none() && self.year_of_birth.is_none()
    }
}
impl AadhaarDetails {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.address_details != other.address_details || self.care_of != other.care_of
            || self.dob != other.dob || self.gender != other.gender
            || self.last_verified_at != other.last_verified_at || self.name != other.name
            || self.photo_link != other.photo_link
            || self.split_address != other.split_address
            || self.year_of_birth != other.year_of_birth
    }
}
impl AadhaarDetails {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        name: impl Into<crate::wire::Sensitive<String>>,
        gender: impl Into<crate::model::generated::Gender>,
        dob: impl Into<crate::wire::Sensitive<String>>,
        care_of: impl Into<crate::wire::Sensitive<String>>,
        photo_link: impl Into<crate::wire::Sensitive<String>>,
        last_verified_at: impl Into<crate::wire::Timestamp>,
    ) -> Self {
        Self {
            name: Some(name.into()),
            gender: Some(gender.into()),
            dob: Some(dob.into()),
            care_of: Some(care_of.into()),
            photo_link: Some(photo_link.into()),
            last_verified_at: Some(last_verified_at.into()),
            address_details: ::std::default::Default::default(),
            split_address: ::std::default::Default::default(),
            year_of_birth: ::std::default::Default::default(),
            extra: ::std::default::Default::default(),
        }
    }
    ///The address, part by part.
    #[must_use]
    pub fn split_address(mut self, split_address: impl Into<AadhaarAddress>) -> Self {
        self.split_address = Some(split_address.into());
        self
    }
    ///The year of birth. In a sample only.
    #[must_use]
    pub fn year_of_birth(mut self, year_of_birth: impl Into<i64>) -> Self {
        self.year_of_birth = Some(year_of_birth.into());
        self
    }
}
/// The body of an error answer, as Cashfree documents it. No field is promised. Match on the HTTP status with `code`, never on `message`.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct ApiError {
    /// The error's code. The same code can come with several HTTP statuses.
    ///
    /// Example: `"invalid_request"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub code: ::std::option::Option<crate::model::generated::ErrorCode>,
    /// More about the error, in a shape that differs from code to code.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional_other",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: ::std::option::Option<::serde_json::Value>,
    /// A sentence for people. May name the caller's IP address, and what was sent.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub message: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The family of the error.
    ///
    /// Example: `"validation_error"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        rename = "type",
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub type_: ::std::option::Option<::std::string::String>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for ApiError {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("ApiError")
            .field("code", &self.code)
            .field(
                "error",
                &self.error.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field("message", &self.message)
            .field("type_", &self.type_.as_deref().map(crate::wire::Escaped))
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl ApiError {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.code.is_none() && self.error.is_none() && self.message.is_none()
            && self.type_.is_none()
    }
}
impl ApiError {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.code != other.code || self.error != other.error
            || self.message != other.message || self.type_ != other.type_
    }
}
/// Who a token is for.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct AuthenticatedUser {
    /// What the value is.
    ///
    /// Example: `"userId"`.
    ///
    /// Source: Cashfree documents it.
    pub(crate) identifier_type: crate::model::generated::IdentifierType,
    /// The value. A text in the schema, a number in the samples.
    ///
    /// Source: Cashfree documents it.
    pub(crate) identifier_value: crate::wire::Sensitive<crate::wire::NumberOrText>,
}
impl ::std::fmt::Debug for AuthenticatedUser {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("AuthenticatedUser")
            .field("identifier_type", &self.identifier_type)
            .field("identifier_value", &self.identifier_value)
            .finish()
    }
}
impl AuthenticatedUser {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        identifier_type: impl Into<crate::model::generated::IdentifierType>,
        identifier_value: impl Into<crate::wire::Sensitive<crate::wire::NumberOrText>>,
    ) -> Self {
        Self {
            identifier_type: identifier_type.into(),
            identifier_value: identifier_value.into(),
        }
    }
}
/// One webhook event. Two forms of the payload are in use: `v1` carries `signature` and `version`, the form of 2025-01-01 does not. Fields that this version does not know are kept in `extra`.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct Event {
    /// The verification as it stood at that time: the same resource as the answer of a status call. An event can be late, so ask for the status where the newest state matters.
    ///
    /// Source: Cashfree documents it.
    pub data: VideoKyc,
    /// When it happened. A redelivery keeps it.
    ///
    /// Example: `"2025-05-22T03:51:14Z"`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub event_time: ::std::option::Option<crate::wire::Timestamp>,
    /// What happened. Absent reads as an unknown type with an empty text.
    ///
    /// Example: `"VKYC_USER_LINK_GENERATED"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::or_default",
        skip_serializing_if = "crate::model::generated::EventType::is_empty"
    )]
    pub event_type: crate::model::generated::EventType,
    /// Form v1 only. An older signature, which this crate does not verify.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub signature: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Form v1 only. The name of the form.
    ///
    /// Example: `"v1"`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: ::std::option::Option<::std::string::String>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for Event {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("Event")
            .field("data", &self.data)
            .field("event_time", &self.event_time)
            .field("event_type", &self.event_type)
            .field("signature", &self.signature)
            .field("version", &self.version.as_deref().map(crate::wire::Escaped))
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl Event {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        false
    }
}
impl Event {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.data != other.data || self.event_time != other.event_time
            || self.event_type != other.event_type || self.signature != other.signature
            || self.version != other.version
    }
}
/// What starts a verification: its id, the customer, and what may be left out. A customer whose Aadhaar data is given skips that step.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct Initiate {
    /// What is known of the customer's Aadhaar already. The customer then skips that step.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) aadhaar_details: ::std::option::Option<AadhaarDetails>,
    /// The name of the agent's template.
    ///
    /// Example: `"vkyc_agent_template_v1"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) agent_template: ::std::option::Option<::std::string::String>,
    /// How Cashfree tells the customer. Cashfree's sandbox sends nothing.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) notification_types: ::std::option::Option<
        ::std::vec::Vec<crate::model::generated::NotificationType>,
    >,
    /// What the agent asks the customer.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) security_questions: ::std::option::Option<
        ::std::vec::Vec<SecurityQuestion>,
    >,
    /// The merchant's id of the customer.
    ///
    /// Example: `"User0123"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_id: ::std::option::Option<crate::model::generated::UserId>,
    /// Cashfree's id of the customer.
    ///
    /// Example: `1234`.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_reference_id: ::std::option::Option<
        crate::model::generated::UserReferenceId,
    >,
    /// The name of the page's template, as it was agreed with Cashfree.
    ///
    /// Example: `"vkyc_user_template_v1"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_template: ::std::option::Option<::std::string::String>,
    /// The id that the verification gets. It is the key by which it is found again, and never made up here.
    ///
    /// Example: `"vkyc_verification_id"`.
    ///
    /// Source: Cashfree documents it.
    pub(crate) verification_id: crate::model::generated::VerificationId,
}
impl ::std::fmt::Debug for Initiate {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("Initiate")
            .field(
                "aadhaar_details",
                &self.aadhaar_details.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field(
                "agent_template",
                &self.agent_template.as_deref().map(crate::wire::Escaped),
            )
            .field("notification_types", &self.notification_types)
            .field(
                "security_questions",
                &self
                    .security_questions
                    .as_ref()
                    .map(|_| crate::wire::sensitive::Redacted),
            )
            .field("user_id", &self.user_id)
            .field("user_reference_id", &self.user_reference_id)
            .field(
                "user_template",
                &self.user_template.as_deref().map(crate::wire::Escaped),
            )
            .field("verification_id", &self.verification_id)
            .finish()
    }
}
impl Initiate {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        verification_id: impl Into<crate::model::generated::VerificationId>,
        user_ref: impl Into<UserRef>,
    ) -> Self {
        Self {
            verification_id: verification_id.into(),
            aadhaar_details: ::std::default::Default::default(),
            agent_template: ::std::default::Default::default(),
            notification_types: ::std::default::Default::default(),
            security_questions: ::std::default::Default::default(),
            user_id: ::std::default::Default::default(),
            user_reference_id: ::std::default::Default::default(),
            user_template: ::std::default::Default::default(),
        }
            .user_ref(user_ref)
    }
    ///Which customer is meant: by exactly one of the ids. It does not print.
    #[must_use]
    fn user_ref(mut self, user_ref: impl Into<UserRef>) -> Self {
        (self.user_id, self.user_reference_id) = match user_ref.into() {
            UserRef::UserId(id) => (Some(id), None),
            UserRef::UserReferenceId(id) => (None, Some(id)),
        };
        self
    }
    ///What is known of the customer's Aadhaar already. The customer then skips that step.
    #[must_use]
    pub fn aadhaar_details(
        mut self,
        aadhaar_details: impl Into<AadhaarDetails>,
    ) -> Self {
        self.aadhaar_details = Some(aadhaar_details.into());
        self
    }
    ///The name of the agent's template.
    #[must_use]
    pub fn agent_template(
        mut self,
        agent_template: impl Into<::std::string::String>,
    ) -> Self {
        self.agent_template = Some(agent_template.into());
        self
    }
    ///How Cashfree tells the customer. Cashfree's sandbox sends nothing.
    #[must_use]
    pub fn notification_types(
        mut self,
        notification_types: impl IntoIterator<
            Item = impl Into<crate::model::generated::NotificationType>,
        >,
    ) -> Self {
        self.notification_types = Some(
            notification_types.into_iter().map(Into::into).collect(),
        );
        self
    }
    ///What the agent asks the customer.
    #[must_use]
    pub fn security_questions(
        mut self,
        security_questions: impl IntoIterator<Item = impl Into<SecurityQuestion>>,
    ) -> Self {
        self.security_questions = Some(
            security_questions.into_iter().map(Into::into).collect(),
        );
        self
    }
    ///The name of the page's template, as it was agreed with Cashfree.
    #[must_use]
    pub fn user_template(
        mut self,
        user_template: impl Into<::std::string::String>,
    ) -> Self {
        self.user_template = Some(user_template.into());
        self
    }
}
/// A customer who becomes a user. Without a `user_id`, Cashfree makes one up.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct NewUser {
    /// The address.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) address: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The e-mail address.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) email: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The name.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) name: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The customer's phone. It cannot be changed later. Cashfree documents no form of it, so none is checked before it is sent.
    ///
    /// Example: `"9988776655"`.
    ///
    /// Source: Cashfree documents it.
    pub(crate) phone: crate::wire::Sensitive<String>,
    /// The id that the user gets. With one, a call whose answer was lost can be reconciled; without, it cannot.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_id: ::std::option::Option<crate::model::generated::UserId>,
}
impl ::std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("NewUser")
            .field("address", &self.address)
            .field("email", &self.email)
            .field("name", &self.name)
            .field("phone", &self.phone)
            .field("user_id", &self.user_id)
            .finish()
    }
}
impl NewUser {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(phone: impl Into<crate::wire::Sensitive<String>>) -> Self {
        Self {
            phone: phone.into(),
            address: ::std::default::Default::default(),
            email: ::std::default::Default::default(),
            name: ::std::default::Default::default(),
            user_id: ::std::default::Default::default(),
        }
    }
    ///The address.
    #[must_use]
    pub fn address(
        mut self,
        address: impl Into<crate::wire::Sensitive<String>>,
    ) -> Self {
        self.address = Some(address.into());
        self
    }
    ///The e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.email = Some(email.into());
        self
    }
    ///The name.
    #[must_use]
    pub fn name(mut self, name: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.name = Some(name.into());
        self
    }
    ///The id that the user gets. With one, a call whose answer was lost can be reconciled; without, it cannot.
    #[must_use]
    pub fn user_id(
        mut self,
        user_id: impl Into<crate::model::generated::UserId>,
    ) -> Self {
        self.user_id = Some(user_id.into());
        self
    }
}
/// A token for the web or mobile SDK. Whoever has it can open the session.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct SdkToken {
    /// The token.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub access_token: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// When it lapses, under the sample's name.
    ///
    /// Example: `"2024-02-02 17:30:00 IST"`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: ::std::option::Option<crate::wire::Timestamp>,
    /// When it lapses, under the schema's name.
    ///
    /// Example: `"2025-05-05T18:01:05+05:30"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expiry: ::std::option::Option<crate::wire::Timestamp>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for SdkToken {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("SdkToken")
            .field("access_token", &self.access_token)
            .field("expires_at", &self.expires_at)
            .field("expiry", &self.expiry)
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl SdkToken {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.access_token.is_none() && self.expires_at.is_none() && self.expiry.is_none()
    }
}
impl SdkToken {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.access_token != other.access_token || self.expires_at != other.expires_at
            || self.expiry != other.expiry
    }
}
/// A question that the agent asks, with the answer that is right. The answer is a secret and does not print.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct SecurityQuestion {
    /// What is right.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub answer: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The place of the question, from 1 and without a gap.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub order: ::std::option::Option<i64>,
    /// What is asked.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub question: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for SecurityQuestion {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("SecurityQuestion")
            .field("answer", &self.answer)
            .field("order", &self.order)
            .field("question", &self.question)
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl SecurityQuestion {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.answer.is_none() && self.order.is_none() && self.question.is_none()
    }
}
impl SecurityQuestion {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.answer != other.answer || self.order != other.order
            || self.question != other.question
    }
}
impl SecurityQuestion {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        order: impl Into<i64>,
        question: impl Into<crate::wire::Sensitive<String>>,
        answer: impl Into<crate::wire::Sensitive<String>>,
    ) -> Self {
        Self {
            order: Some(order.into()),
            question: Some(question.into()),
            answer: Some(answer.into()),
            extra: ::std::default::Default::default(),
        }
    }
}
/// Which verification a token is for.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct TokenMetadata {
    /// The verification. A text in the schema, a number in the samples.
    ///
    /// Example: `249749`.
    ///
    /// Source: Cashfree documents it.
    pub(crate) vkyc_request_id: crate::wire::NumberOrText,
}
impl ::std::fmt::Debug for TokenMetadata {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("TokenMetadata")
            .field("vkyc_request_id", &self.vkyc_request_id)
            .finish()
    }
}
impl TokenMetadata {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(vkyc_request_id: impl Into<crate::wire::NumberOrText>) -> Self {
        Self {
            vkyc_request_id: vkyc_request_id.into(),
        }
    }
}
/// What a token for the web or mobile SDK is asked with.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct TokenRequest {
    /// The id of the app, from the account manager.
    ///
    /// Source: Cashfree documents it.
    pub(crate) app_id: ::std::string::String,
    /// Who was authenticated, and how.
    ///
    /// Source: Cashfree documents it.
    pub(crate) authenticated_user: AuthenticatedUser,
    /// Which verification it is for.
    ///
    /// Source: Cashfree documents it.
    pub(crate) metadata: TokenMetadata,
    /// The product that the token is for.
    ///
    /// Source: Cashfree documents it.
    pub(crate) product: crate::model::generated::Product,
}
impl ::std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("TokenRequest")
            .field("app_id", &crate::wire::Escaped(&self.app_id))
            .field("authenticated_user", &crate::wire::sensitive::Redacted)
            .field("metadata", &self.metadata)
            .field("product", &self.product)
            .finish()
    }
}
impl TokenRequest {
    /// Takes what is required. What may be left out is set by the other methods.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new(
        app_id: impl Into<::std::string::String>,
        metadata: impl Into<TokenMetadata>,
        authenticated_user: impl Into<AuthenticatedUser>,
    ) -> Self {
        Self {
            app_id: app_id.into(),
            product: Product::Vkyc,
            metadata: metadata.into(),
            authenticated_user: authenticated_user.into(),
        }
    }
}
/// A customer who can be verified. No field is promised; what this version does not know is kept in `extra`.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct User {
    /// The address.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub address: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The e-mail address.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub email: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The name.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The phone.
    ///
    /// Example: `"9988776655"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub phone: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The merchant's id of the customer, or the one that Cashfree made up.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_id: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Cashfree's id of the customer.
    ///
    /// Example: `1358`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_reference_id: ::std::option::Option<i64>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for User {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("User")
            .field("address", &self.address)
            .field("email", &self.email)
            .field("name", &self.name)
            .field("phone", &self.phone)
            .field("user_id", &self.user_id)
            .field(
                "user_reference_id",
                &self
                    .user_reference_id
                    .as_ref()
                    .map(|_| crate::wire::sensitive::Redacted),
            )
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl User {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.address.is_none() && self.email.is_none() && self.name.is_none()
            && self.phone.is_none() && self.user_id.is_none()
            && self.user_reference_id.is_none()
    }
}
impl User {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.address != other.address || self.email != other.email
            || self.name != other.name || self.phone != other.phone
            || self.user_id != other.user_id
            || self.user_reference_id != other.user_reference_id
    }
}
/// What to change of a user. The phone cannot be changed.
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct UserChanges {
    /// The address.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) address: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The e-mail address.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) email: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The name.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) name: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The merchant's id of the customer.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_id: ::std::option::Option<crate::model::generated::UserId>,
    /// Cashfree's id of the customer.
    ///
    /// Source: Cashfree documents it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub(crate) user_reference_id: ::std::option::Option<
        crate::model::generated::UserReferenceId,
    >,
}
impl ::std::fmt::Debug for UserChanges {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("UserChanges")
            .field("address", &self.address)
            .field("email", &self.email)
            .field("name", &self.name)
            .field("user_id", &self.user_id)
            .field("user_reference_id", &self.user_reference_id)
            .finish()
    }
}
impl UserChanges {
    /// Nothing is set yet.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub fn new() -> Self {
        Self {
            address: ::std::default::Default::default(),
            email: ::std::default::Default::default(),
            name: ::std::default::Default::default(),
            user_id: ::std::default::Default::default(),
            user_reference_id: ::std::default::Default::default(),
        }
    }
    ///Which customer is meant: by exactly one of the ids. It does not print.
    #[must_use]
    pub fn user_ref(mut self, user_ref: impl Into<UserRef>) -> Self {
        (self.user_id, self.user_reference_id) = match user_ref.into() {
            UserRef::UserId(id) => (Some(id), None),
            UserRef::UserReferenceId(id) => (None, Some(id)),
        };
        self
    }
    ///The address.
    #[must_use]
    pub fn address(
        mut self,
        address: impl Into<crate::wire::Sensitive<String>>,
    ) -> Self {
        self.address = Some(address.into());
        self
    }
    ///The e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.email = Some(email.into());
        self
    }
    ///The name.
    #[must_use]
    pub fn name(mut self, name: impl Into<crate::wire::Sensitive<String>>) -> Self {
        self.name = Some(name.into());
        self
    }
}
/// One Video KYC verification, as it stands. No field is promised by Cashfree: `null`, `""` and absent all mean "not there". Fields that this version does not know are kept in `extra`.
#[derive(Default)]
#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
#[non_exhaustive]
#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
pub struct VideoKyc {
    /// What Aadhaar says of the customer. The answer to the start of a verification echoes it; older samples of the status have it too.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional_other",
        skip_serializing_if = "Option::is_none"
    )]
    pub aadhaar_details: ::std::option::Option<AadhaarDetails>,
    /// What the agent wrote about the customer. Came after October 2025.
    ///
    /// Example: `"Customer was cooperative"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent_remarks: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// What the auditor wrote about the customer. Came after October 2025.
    ///
    /// Example: `"Verification completed successfully"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub auditor_remarks: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// When the link lapses. Always midnight UTC in the samples, so a date in substance; the time zone of the cut-off is not stated.
    ///
    /// Example: `"2025-05-30T00:00:00.000Z"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub link_expiry: ::std::option::Option<crate::wire::Timestamp>,
    /// The time, in UTC, for which the call is booked.
    ///
    /// Example: `"2025-07-19"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub meeting_schedule: ::std::option::Option<crate::wire::Timestamp>,
    /// Where the recording of the call lies: a link that is signed for one hour and carries a credential. Ask for the status again rather than store it. Its presence does not show that the call has ended.
    ///
    /// Example: `"https://storage.cashfree.com/vkyc/recordings/test333.mp4"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub recording_link: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// The id that Cashfree gave. Up to 2^63-1; a numeric string is read too.
    ///
    /// Example: `10042`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub reference_id: ::std::option::Option<i64>,
    /// What the agent asks, with the answers. Only the answer to the start of a verification has it.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional_other",
        skip_serializing_if = "Option::is_none"
    )]
    pub security_questions: ::std::option::Option<::std::vec::Vec<SecurityQuestion>>,
    /// Where the verification stands. Absent reads as an unknown status with an empty text.
    ///
    /// Example: `"PRE_VIDEO_CALL"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::or_default",
        skip_serializing_if = "crate::model::generated::Status::is_empty"
    )]
    pub status: crate::model::generated::Status,
    /// What happened last within the status. Absent reads as an unknown sub-status with an empty text.
    ///
    /// Example: `"AADHAAR_VERIFICATION_SUCCESS"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::or_default",
        skip_serializing_if = "crate::model::generated::SubStatus::is_empty"
    )]
    pub sub_status: crate::model::generated::SubStatus,
    /// The merchant's id of the customer.
    ///
    /// Example: `"User0123"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_id: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Cashfree's id of the customer. Published as a string and sent as an integer; both are read. Redacted in `Debug`.
    ///
    /// Example: `123456`.
    ///
    /// Source: A sample of Cashfree's shows it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_reference_id: ::std::option::Option<i64>,
    /// The id that the merchant chose.
    ///
    /// Example: `"test053"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub verification_id: ::std::option::Option<::std::string::String>,
    /// The web page on which the customer goes through the verification. Whoever has the link can open the session, so it is redacted wherever the value is printed.
    ///
    /// Example: `"https://forms.cashfree.com/verification/M8go0i1k9fvg"`.
    ///
    /// Source: Cashfree documents it.
    #[serde(
        default,
        deserialize_with = "crate::wire::decode::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub vkyc_link: ::std::option::Option<crate::wire::Sensitive<String>>,
    /// Fields that this version does not know, as they came. `Debug` prints their names only.
    #[serde(flatten, deserialize_with = "crate::wire::decode::extra")]
    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
}
impl ::std::fmt::Debug for VideoKyc {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("VideoKyc")
            .field(
                "aadhaar_details",
                &self.aadhaar_details.as_ref().map(|_| crate::wire::sensitive::Redacted),
            )
            .field("agent_remarks", &self.agent_remarks)
            .field("auditor_remarks", &self.auditor_remarks)
            .field("link_expiry", &self.link_expiry)
            .field("meeting_schedule", &self.meeting_schedule)
            .field("recording_link", &self.recording_link)
            .field("reference_id", &self.reference_id)
            .field(
                "security_questions",
                &self
                    .security_questions
                    .as_ref()
                    .map(|_| crate::wire::sensitive::Redacted),
            )
            .field("status", &self.status)
            .field("sub_status", &self.sub_status)
            .field("user_id", &self.user_id)
            .field(
                "user_reference_id",
                &self
                    .user_reference_id
                    .as_ref()
                    .map(|_| crate::wire::sensitive::Redacted),
            )
            .field(
                "verification_id",
                &self.verification_id.as_deref().map(crate::wire::Escaped),
            )
            .field("vkyc_link", &self.vkyc_link)
            .field("extra", &crate::wire::sensitive::NamesOnly(&self.extra))
            .finish()
    }
}
impl VideoKyc {
    /// Whether no field of the spec is there.
    pub(crate) fn is_blank(&self) -> bool {
        self.aadhaar_details.is_none() && self.agent_remarks.is_none()
            && self.auditor_remarks.is_none() && self.link_expiry.is_none()
            && self.meeting_schedule.is_none() && self.recording_link.is_none()
            && self.reference_id.is_none() && self.security_questions.is_none()
            && self.status.is_empty() && self.sub_status.is_empty()
            && self.user_id.is_none() && self.user_reference_id.is_none()
            && self.verification_id.is_none() && self.vkyc_link.is_none()
    }
}
impl VideoKyc {
    /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.aadhaar_details != other.aadhaar_details
            || self.agent_remarks != other.agent_remarks
            || self.auditor_remarks != other.auditor_remarks
            || self.link_expiry != other.link_expiry
            || self.meeting_schedule != other.meeting_schedule
            || crate::wire::sensitive::without_query(&self.recording_link)
                != crate::wire::sensitive::without_query(&other.recording_link)
            || self.reference_id != other.reference_id
            || self.security_questions != other.security_questions
            || self.status != other.status || self.sub_status != other.sub_status
            || self.user_id != other.user_id
            || self.user_reference_id != other.user_reference_id
            || self.verification_id != other.verification_id
            || self.vkyc_link != other.vkyc_link
    }
}
/**The code of an error answer. Codes are no stable identifiers: several name one thing, one names several, some have spaces. Match on them together with the HTTP status.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /**The `x-client-id` header is missing.

On the wire: `x-client-id_missing`.*/
    XClientIdMissing,
    /**The `x-client-secret` header is missing.

On the wire: `x-client-secret_missing`.*/
    XClientSecretMissing,
    /**A sandbox secret was sent to production.

On the wire: `x-client-secret_value_invalid`.*/
    XClientSecretValueInvalid,
    /**Neither id was sent; also reported when the product is not enabled for the account.

On the wire: `invalid_request`.*/
    InvalidRequest,
    /**The reference id is not a number; with 404, there is no such verification.

On the wire: `reference_id_value_invalid`.*/
    ReferenceIdValueInvalid,
    /**The verification id is empty.

On the wire: `verification_id_missing`.*/
    VerificationIdMissing,
    /**The verification id has a forbidden character; with 404, there is no such verification.

On the wire: `verification_id_value_invalid`.*/
    VerificationIdValueInvalid,
    /**The verification id is too long.

On the wire: `verification_id_length_exceeded`.*/
    VerificationIdLengthExceeded,
    /**A user with this id exists already.

On the wire: `user_id_already_exists`.*/
    UserIdAlreadyExists,
    /**The verification id was used before.

On the wire: `duplicate_verification_id`.*/
    DuplicateVerificationId,
    /**The request does not fit the API's description.

On the wire: `Bad request, please check API documentation`.*/
    CheckApiDocumentation,
    /**The request does not fit the API's description.

On the wire: `REQUEST_INVALID`.*/
    RequestInvalid,
    /**The credentials are wrong; with 403, the second factor is missing or wrong.

On the wire: `authentication_failed`.*/
    AuthenticationFailed,
    /**The caller's IP address is not on the account's allow-list.

On the wire: `ip_validation_failed`.*/
    IpValidationFailed,
    /**No verification has this reference id.

On the wire: `reference_id_not_found`.*/
    ReferenceIdNotFound,
    /**No verification has this verification id.

On the wire: `verification_id_not_found`.*/
    VerificationIdNotFound,
    /**No user has this id.

On the wire: `user_id_not_found`.*/
    UserIdNotFound,
    /**No verification has this reference id (another spelling of `reference_id_not_found`).

On the wire: `referenceId_not_found`.*/
    ReferenceIdNotFoundCamelCase,
    /**There is no such thing.

On the wire: `Resource not found`.*/
    ResourceNotFound,
    /**The verification id was used before.

On the wire: `verification_id_already_exists`.*/
    VerificationIdAlreadyExists,
    /**The verification id clashes with an earlier request; the details are not documented.

On the wire: `invalid_verification_id`.*/
    InvalidVerificationId,
    /**An earlier request with this id is still running.

On the wire: `verification_pending`.*/
    VerificationPending,
    /**The check is still running (comes with status 202).

On the wire: `validation_pending`.*/
    ValidationPending,
    /**The file is larger than allowed.

On the wire: `file_size_exceeded`.*/
    FileSizeExceeded,
    /**The merchant's prepaid wallet is empty.

On the wire: `insufficient_balance`.*/
    InsufficientBalance,
    /**This operation was called too often.

On the wire: `too_many_requests_per_operation`.*/
    TooManyRequestsPerOperation,
    /**Too many requests came from this IP address.

On the wire: `too_many_requests_per_ip`.*/
    TooManyRequestsPerIp,
    /**Cashfree, or an authority behind it, could not carry out the request.

On the wire: `request_failed`.*/
    RequestFailed,
    /**Cashfree, or an authority behind it, could not carry out the verification.

On the wire: `verification_failed`.*/
    VerificationFailed,
    /**Cashfree could not carry out the request.

On the wire: `api_error`.*/
    ApiError,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    ErrorCode { XClientIdMissing => "x-client-id_missing",
    "The `x-client-id` header is missing."; XClientSecretMissing =>
    "x-client-secret_missing", "The `x-client-secret` header is missing.";
    XClientSecretValueInvalid => "x-client-secret_value_invalid",
    "A sandbox secret was sent to production."; InvalidRequest => "invalid_request",
    "Neither id was sent; also reported when the product is not enabled for the account.";
    ReferenceIdValueInvalid => "reference_id_value_invalid",
    "The reference id is not a number; with 404, there is no such verification.";
    VerificationIdMissing => "verification_id_missing", "The verification id is empty.";
    VerificationIdValueInvalid => "verification_id_value_invalid",
    "The verification id has a forbidden character; with 404, there is no such verification.";
    VerificationIdLengthExceeded => "verification_id_length_exceeded",
    "The verification id is too long."; UserIdAlreadyExists => "user_id_already_exists",
    "A user with this id exists already."; DuplicateVerificationId =>
    "duplicate_verification_id", "The verification id was used before.";
    CheckApiDocumentation => "Bad request, please check API documentation",
    "The request does not fit the API's description."; RequestInvalid =>
    "REQUEST_INVALID", "The request does not fit the API's description.";
    AuthenticationFailed => "authentication_failed",
    "The credentials are wrong; with 403, the second factor is missing or wrong.";
    IpValidationFailed => "ip_validation_failed",
    "The caller's IP address is not on the account's allow-list."; ReferenceIdNotFound =>
    "reference_id_not_found", "No verification has this reference id.";
    VerificationIdNotFound => "verification_id_not_found",
    "No verification has this verification id."; UserIdNotFound => "user_id_not_found",
    "No user has this id."; ReferenceIdNotFoundCamelCase => "referenceId_not_found",
    "No verification has this reference id (another spelling of `reference_id_not_found`).";
    ResourceNotFound => "Resource not found", "There is no such thing.";
    VerificationIdAlreadyExists => "verification_id_already_exists",
    "The verification id was used before."; InvalidVerificationId =>
    "invalid_verification_id",
    "The verification id clashes with an earlier request; the details are not documented.";
    VerificationPending => "verification_pending",
    "An earlier request with this id is still running."; ValidationPending =>
    "validation_pending", "The check is still running (comes with status 202).";
    FileSizeExceeded => "file_size_exceeded", "The file is larger than allowed.";
    InsufficientBalance => "insufficient_balance",
    "The merchant's prepaid wallet is empty."; TooManyRequestsPerOperation =>
    "too_many_requests_per_operation", "This operation was called too often.";
    TooManyRequestsPerIp => "too_many_requests_per_ip",
    "Too many requests came from this IP address."; RequestFailed => "request_failed",
    "Cashfree, or an authority behind it, could not carry out the request.";
    VerificationFailed => "verification_failed",
    "Cashfree, or an authority behind it, could not carry out the verification.";
    ApiError => "api_error", "Cashfree could not carry out the request."; }
);
/**The gender, as Aadhaar has it.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Gender {
    /**Male.

On the wire: `M`.*/
    Male,
    /**Female.

On the wire: `F`.*/
    Female,
    /**Other.

On the wire: `O`.*/
    Other,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    Gender { Male => "M", "Male."; Female => "F", "Female."; Other => "O", "Other."; }
);
/**How a customer is told apart.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IdentifierType {
    /**By the merchant's id of the customer.

On the wire: `userId`.*/
    UserId,
    /**By phone. In older samples.

On the wire: `mobile`.*/
    Mobile,
    /**By e-mail address. In a tool of Cashfree's.

On the wire: `email`.*/
    Email,
    /**By phone. In a tool of Cashfree's.

On the wire: `phone`.*/
    Phone,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    IdentifierType { UserId => "userId", "By the merchant's id of the customer."; Mobile
    => "mobile", "By phone. In older samples."; Email => "email",
    "By e-mail address. In a tool of Cashfree's."; Phone => "phone",
    "By phone. In a tool of Cashfree's."; }
);
/**How Cashfree tells a customer of the link.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotificationType {
    /**By SMS.

On the wire: `sms`.*/
    Sms,
    /**By WhatsApp.

On the wire: `whatsapp`.*/
    Whatsapp,
    /**By e-mail. In older samples and in the prose only.

On the wire: `email`.*/
    Email,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    NotificationType { Sms => "sms", "By SMS."; Whatsapp => "whatsapp", "By WhatsApp.";
    Email => "email", "By e-mail. In older samples and in the prose only."; }
);
/**A product of Cashfree's.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Product {
    /**Video KYC.

On the wire: `VKYC`.*/
    Vkyc,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(Product { Vkyc => "VKYC", "Video KYC."; });
/**What a webhook event tells.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventType {
    /**The customer's link exists.

On the wire: `VKYC_USER_LINK_GENERATED`.*/
    VkycUserLinkGenerated,
    /**The link lapsed.

On the wire: `VKYC_USER_LINK_EXPIRED`.*/
    VkycUserLinkExpired,
    /**The Aadhaar step was passed.

On the wire: `VKYC_USER_AADHAAR_VERIFIED`.*/
    VkycUserAadhaarVerified,
    /**The customer booked a call for later.

On the wire: `VKYC_USER_CALL_SCHEDULED`.*/
    VkycUserCallScheduled,
    /**A check before the call was not passed; `sub_status` says which.

On the wire: `VKYC_USER_PRECHECK_FAILED`.*/
    VkycUserPrecheckFailed,
    /**The customer waits for an agent.

On the wire: `VKYC_USER_CALL_QUEUED`.*/
    VkycUserCallQueued,
    /**The call began.

On the wire: `VKYC_USER_CALL_STARTED`.*/
    VkycUserCallStarted,
    /**The customer left the call before its end.

On the wire: `VKYC_USER_DROPOFF_FROM_CALL`.*/
    VkycUserDropoffFromCall,
    /**The call is over. The decision is not in this event.

On the wire: `VKYC_USER_CALL_COMPLETED`.*/
    VkycUserCallCompleted,
    /**The auditor has decided. Not in every copy of Cashfree's list.

On the wire: `VKYC_AUDITOR_REVIEW_COMPLETED`.*/
    VkycAuditorReviewCompleted,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    EventType { VkycUserLinkGenerated => "VKYC_USER_LINK_GENERATED",
    "The customer's link exists."; VkycUserLinkExpired => "VKYC_USER_LINK_EXPIRED",
    "The link lapsed."; VkycUserAadhaarVerified => "VKYC_USER_AADHAAR_VERIFIED",
    "The Aadhaar step was passed."; VkycUserCallScheduled => "VKYC_USER_CALL_SCHEDULED",
    "The customer booked a call for later."; VkycUserPrecheckFailed =>
    "VKYC_USER_PRECHECK_FAILED",
    "A check before the call was not passed; `sub_status` says which.";
    VkycUserCallQueued => "VKYC_USER_CALL_QUEUED", "The customer waits for an agent.";
    VkycUserCallStarted => "VKYC_USER_CALL_STARTED", "The call began.";
    VkycUserDropoffFromCall => "VKYC_USER_DROPOFF_FROM_CALL",
    "The customer left the call before its end."; VkycUserCallCompleted =>
    "VKYC_USER_CALL_COMPLETED", "The call is over. The decision is not in this event.";
    VkycAuditorReviewCompleted => "VKYC_AUDITOR_REVIEW_COMPLETED",
    "The auditor has decided. Not in every copy of Cashfree's list."; }
);
/**Where a verification stands.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Status {
    /**The request was accepted and the customer's link exists.

On the wire: `RECEIVED`.*/
    Received,
    /**Another name for `RECEIVED`, seen in one sample of a sister product.

On the wire: `INITIATED`.*/
    Initiated,
    /**The customer is on the way to the call; checks, the queue or a booked slot come first.

On the wire: `PRE_VIDEO_CALL`.*/
    PreVideoCall,
    /**The call is running or has just ended. Reported; the visible part of Cashfree's table does not reach it.

On the wire: `VIDEO_CALL`.*/
    VideoCall,
    /**The agent has decided and an auditor still follows, so this is not final. Reported; the visible part of Cashfree's table does not reach it.

On the wire: `AGENT_REVIEWED`.*/
    AgentReviewed,
    /**The auditor has decided; this alone does not tell approval from rejection. Reported; the visible part of Cashfree's table does not reach it.

On the wire: `AUDITOR_REVIEWED`.*/
    AuditorReviewed,
    /**Cashfree's dashboard is reported to show this as the end.

On the wire: `COMPLETED`.*/
    Completed,
    /**The request was not carried out.

On the wire: `REJECTED`.*/
    Rejected,
    /**The link lapsed before the customer was done.

On the wire: `EXPIRED`.*/
    Expired,
    /**The verification broke off. Reported; the visible part of Cashfree's table does not reach it.

On the wire: `FAILED`.*/
    Failed,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    Status { Received => "RECEIVED",
    "The request was accepted and the customer's link exists."; Initiated => "INITIATED",
    "Another name for `RECEIVED`, seen in one sample of a sister product."; PreVideoCall
    => "PRE_VIDEO_CALL",
    "The customer is on the way to the call; checks, the queue or a booked slot come first.";
    VideoCall => "VIDEO_CALL",
    "The call is running or has just ended. Reported; the visible part of Cashfree's table does not reach it.";
    AgentReviewed => "AGENT_REVIEWED",
    "The agent has decided and an auditor still follows, so this is not final. Reported; the visible part of Cashfree's table does not reach it.";
    AuditorReviewed => "AUDITOR_REVIEWED",
    "The auditor has decided; this alone does not tell approval from rejection. Reported; the visible part of Cashfree's table does not reach it.";
    Completed => "COMPLETED",
    "Cashfree's dashboard is reported to show this as the end."; Rejected => "REJECTED",
    "The request was not carried out."; Expired => "EXPIRED",
    "The link lapsed before the customer was done."; Failed => "FAILED",
    "The verification broke off. Reported; the visible part of Cashfree's table does not reach it.";
    }
);
/**What happened last within a status.

An open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and encodes to it again. Match a value that came later by its text, `other if other.as_str() == "NEW"`: that keeps working when a newer version gives it a name.*/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SubStatus {
    /**The customer's link exists.

On the wire: `LINK_GENERATED`.*/
    LinkGenerated,
    /**The merchant's wallet could not pay for the request.

On the wire: `INSUFFICIENT_BALANCE`.*/
    InsufficientBalance,
    /**The link lapsed.

On the wire: `VKYC_EXPIRED`.*/
    VkycExpired,
    /**The Aadhaar step was passed.

On the wire: `AADHAAR_VERIFICATION_SUCCESS`.*/
    AadhaarVerificationSuccess,
    /**The Aadhaar step was not passed.

On the wire: `AADHAAR_VERIFICATION_FAILED`.*/
    AadhaarVerificationFailed,
    /**The Aadhaar step timed out.

On the wire: `AADHAAR_VERIFICATION_EXPIRED`.*/
    AadhaarVerificationExpired,
    /**The check of the customer's IP address was passed.

On the wire: `USER_IP_VERIFICATION_SUCCESSFUL`.*/
    UserIpVerificationSuccessful,
    /**The customer comes through a VPN or proxy.

On the wire: `USER_PROXY_DETECTED`.*/
    UserProxyDetected,
    /**A check broke on Cashfree's side.

On the wire: `TECHNICAL_FAILURE`.*/
    TechnicalFailure,
    /**The check of the customer's location was passed.

On the wire: `USER_LOCATION_VERIFICATION_SUCCESS`.*/
    UserLocationVerificationSuccess,
    /**The customer is outside India.

On the wire: `USER_LOCATION_OUTSIDE_INDIA`.*/
    UserLocationOutsideIndia,
    /**The customer did not share the location.

On the wire: `USER_LOCATION_PERMISSION_DISABLED`.*/
    UserLocationPermissionDisabled,
    /**The browser has no access to the microphone.

On the wire: `USER_AUDIO_CHECK_FAILED`.*/
    UserAudioCheckFailed,
    /**The browser has no access to the camera.

On the wire: `USER_VIDEO_CHECK_FAILED`.*/
    UserVideoCheckFailed,
    /**All checks of the device were passed.

On the wire: `USER_DEVICE_CHECK_SUCCESS`.*/
    UserDeviceCheckSuccess,
    /**The customer waits for an agent.

On the wire: `USER_QUEUED`.*/
    UserQueued,
    /**The customer waits for the booked slot.

On the wire: `SCHEDULED_USER_QUEUED`.*/
    ScheduledUserQueued,
    /**No agent was free.

On the wire: `NO_AGENT_FOUND`.*/
    NoAgentFound,
    /**An agent was found.

On the wire: `AGENT_ASSIGNED_TO_USER`.*/
    AgentAssignedToUser,
    /**The call is booked for later.

On the wire: `USER_MEETING_SCHEDULED`.*/
    UserMeetingScheduled,
    /// A value that this version does not know.
    Unknown(crate::wire::UnknownValue),
}
crate::wire::open_enum::open_enum!(
    SubStatus { LinkGenerated => "LINK_GENERATED", "The customer's link exists.";
    InsufficientBalance => "INSUFFICIENT_BALANCE",
    "The merchant's wallet could not pay for the request."; VkycExpired =>
    "VKYC_EXPIRED", "The link lapsed."; AadhaarVerificationSuccess =>
    "AADHAAR_VERIFICATION_SUCCESS", "The Aadhaar step was passed.";
    AadhaarVerificationFailed => "AADHAAR_VERIFICATION_FAILED",
    "The Aadhaar step was not passed."; AadhaarVerificationExpired =>
    "AADHAAR_VERIFICATION_EXPIRED", "The Aadhaar step timed out.";
    UserIpVerificationSuccessful => "USER_IP_VERIFICATION_SUCCESSFUL",
    "The check of the customer's IP address was passed."; UserProxyDetected =>
    "USER_PROXY_DETECTED", "The customer comes through a VPN or proxy."; TechnicalFailure
    => "TECHNICAL_FAILURE", "A check broke on Cashfree's side.";
    UserLocationVerificationSuccess => "USER_LOCATION_VERIFICATION_SUCCESS",
    "The check of the customer's location was passed."; UserLocationOutsideIndia =>
    "USER_LOCATION_OUTSIDE_INDIA", "The customer is outside India.";
    UserLocationPermissionDisabled => "USER_LOCATION_PERMISSION_DISABLED",
    "The customer did not share the location."; UserAudioCheckFailed =>
    "USER_AUDIO_CHECK_FAILED", "The browser has no access to the microphone.";
    UserVideoCheckFailed => "USER_VIDEO_CHECK_FAILED",
    "The browser has no access to the camera."; UserDeviceCheckSuccess =>
    "USER_DEVICE_CHECK_SUCCESS", "All checks of the device were passed."; UserQueued =>
    "USER_QUEUED", "The customer waits for an agent."; ScheduledUserQueued =>
    "SCHEDULED_USER_QUEUED", "The customer waits for the booked slot."; NoAgentFound =>
    "NO_AGENT_FOUND", "No agent was free."; AgentAssignedToUser =>
    "AGENT_ASSIGNED_TO_USER", "An agent was found."; UserMeetingScheduled =>
    "USER_MEETING_SCHEDULED", "The call is booked for later."; }
);
crate::model::ids::number_id!(
    #[doc = "The id that Cashfree gave to a verification."] ReferenceId { plain }
);
crate::model::ids::text_id!(
    #[doc =
    "The merchant's id of a customer: 1 to 50 of `A-Z a-z 0-9 . _ -`. It does not print."]
    UserId { crate ::model::ids::IdLimits { id : "user id", min : 1usize, max : 50usize,
    characters : & [('A', 'Z'), ('a', 'z'), ('0', '9'), ('.', '.'), ('_', '_'), ('-',
    '-')] }, redacted }
);
crate::model::ids::number_id!(
    #[doc = "Cashfree's id of a customer. It does not print."] UserReferenceId { redacted
    }
);
crate::model::ids::text_id!(
    #[doc =
    "The id that the merchant chose for a verification: 1 to 50 of `A-Z a-z 0-9 . _ -`.\n\nCashfree shows it in its dashboard and it may stand in logs; do not put a name or a phone number into it."]
    VerificationId { crate ::model::ids::IdLimits { id : "verification id", min : 1usize,
    max : 50usize, characters : & [('A', 'Z'), ('a', 'z'), ('0', '9'), ('.', '.'), ('_',
    '_'), ('-', '-')] }, plain }
);
///Which customer is meant: by exactly one of the ids. It does not print.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserRef {
    ///By the merchant's id.
    UserId(UserId),
    ///By Cashfree's id.
    UserReferenceId(UserReferenceId),
}
crate::model::refs_serde::tagged_text!(
    UserRef { UserId => "user_id", UserReferenceId => "user_reference_id" }
);
impl From<UserId> for UserRef {
    fn from(id: UserId) -> Self {
        Self::UserId(id)
    }
}
impl From<&UserId> for UserRef {
    fn from(id: &UserId) -> Self {
        Self::UserId(id.to_owned())
    }
}
impl From<UserReferenceId> for UserRef {
    fn from(id: UserReferenceId) -> Self {
        Self::UserReferenceId(id)
    }
}
impl From<&UserReferenceId> for UserRef {
    fn from(id: &UserReferenceId) -> Self {
        Self::UserReferenceId(id.to_owned())
    }
}
impl From<&UserRef> for UserRef {
    fn from(choice: &UserRef) -> Self {
        choice.clone()
    }
}
///Which verification is meant: by exactly one of its ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerificationRef {
    ///By the merchant's id.
    VerificationId(VerificationId),
    ///By Cashfree's id.
    ReferenceId(ReferenceId),
}
impl ::std::fmt::Display for VerificationRef {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        match self {
            Self::VerificationId(id) => ::std::fmt::Display::fmt(id, f),
            Self::ReferenceId(id) => ::std::fmt::Display::fmt(id, f),
        }
    }
}
crate::model::refs_serde::tagged_text!(
    VerificationRef { VerificationId => "verification_id", ReferenceId => "reference_id"
    }
);
impl From<VerificationId> for VerificationRef {
    fn from(id: VerificationId) -> Self {
        Self::VerificationId(id)
    }
}
impl From<&VerificationId> for VerificationRef {
    fn from(id: &VerificationId) -> Self {
        Self::VerificationId(id.to_owned())
    }
}
impl From<ReferenceId> for VerificationRef {
    fn from(id: ReferenceId) -> Self {
        Self::ReferenceId(id)
    }
}
impl From<&ReferenceId> for VerificationRef {
    fn from(id: &ReferenceId) -> Self {
        Self::ReferenceId(id.to_owned())
    }
}
impl From<&VerificationRef> for VerificationRef {
    fn from(choice: &VerificationRef) -> Self {
        choice.clone()
    }
}
/// What each schema that is sent may hold.
#[cfg(feature = "client")]
pub(crate) mod rules {
    #[allow(unused_imports)]
    use crate::wire::rules::{Field, ListRule, ObjectRule, Rule, TextForm, TextRule};
    pub(crate) static AADHAAR_ADDRESS: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "country",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "dist",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "house",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "pincode",
                required: true,
                rule: &Rule::NumberOrText,
            },
            Field {
                name: "po",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "state",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "street",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "subdist",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "vtc",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static AADHAAR_DETAILS: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "care_of",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "dob",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::DayMonthYear,
                }),
            },
            Field {
                name: "gender",
                required: true,
                rule: &Rule::OneOf(&["M", "F", "O"]),
            },
            Field {
                name: "last_verified_at",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Timestamp,
                }),
            },
            Field {
                name: "name",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "photo_link",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "split_address",
                required: false,
                rule: &Rule::Named(&crate::model::generated::rules::AADHAAR_ADDRESS),
            },
            Field {
                name: "year_of_birth",
                required: false,
                rule: &Rule::Integer {
                    min: -9223372036854775808i64,
                    max: 9223372036854775807i64,
                },
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static AUTHENTICATED_USER: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "identifier_type",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "identifier_value",
                required: true,
                rule: &Rule::NumberOrText,
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static INITIATE: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "aadhaar_details",
                required: false,
                rule: &Rule::Named(&crate::model::generated::rules::AADHAAR_DETAILS),
            },
            Field {
                name: "agent_template",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "notification_types",
                required: false,
                rule: &Rule::List(ListRule {
                    min: 1usize,
                    max: 18446744073709551615usize,
                    items: &Rule::Text(TextRule {
                        min: 0usize,
                        max: 18446744073709551615usize,
                        characters: &[],
                        form: TextForm::Any,
                    }),
                    numbered_by: None,
                }),
            },
            Field {
                name: "security_questions",
                required: false,
                rule: &Rule::List(ListRule {
                    min: 1usize,
                    max: 18446744073709551615usize,
                    items: &Rule::Named(
                        &crate::model::generated::rules::SECURITY_QUESTION,
                    ),
                    numbered_by: Some("order"),
                }),
            },
            Field {
                name: "user_id",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 1usize,
                    max: 50usize,
                    characters: &[
                        ('A', 'Z'),
                        ('a', 'z'),
                        ('0', '9'),
                        ('.', '.'),
                        ('_', '_'),
                        ('-', '-'),
                    ],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "user_reference_id",
                required: false,
                rule: &Rule::Integer {
                    min: -9223372036854775808i64,
                    max: 9223372036854775807i64,
                },
            },
            Field {
                name: "user_template",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "verification_id",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 1usize,
                    max: 50usize,
                    characters: &[
                        ('A', 'Z'),
                        ('a', 'z'),
                        ('0', '9'),
                        ('.', '.'),
                        ('_', '_'),
                        ('-', '-'),
                    ],
                    form: TextForm::Any,
                }),
            },
        ],
        exactly_one_of: &[&["user_id", "user_reference_id"]],
    });
    pub(crate) static NEW_USER: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "address",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "email",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "name",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "phone",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "user_id",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 1usize,
                    max: 50usize,
                    characters: &[
                        ('A', 'Z'),
                        ('a', 'z'),
                        ('0', '9'),
                        ('.', '.'),
                        ('_', '_'),
                        ('-', '-'),
                    ],
                    form: TextForm::Any,
                }),
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static SECURITY_QUESTION: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "answer",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "order",
                required: true,
                rule: &Rule::Integer {
                    min: 1i64,
                    max: 9223372036854775807i64,
                },
            },
            Field {
                name: "question",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static TOKEN_METADATA: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "vkyc_request_id",
                required: true,
                rule: &Rule::NumberOrText,
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static TOKEN_REQUEST: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "app_id",
                required: true,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "authenticated_user",
                required: true,
                rule: &Rule::Named(&crate::model::generated::rules::AUTHENTICATED_USER),
            },
            Field {
                name: "metadata",
                required: true,
                rule: &Rule::Named(&crate::model::generated::rules::TOKEN_METADATA),
            },
            Field {
                name: "product",
                required: true,
                rule: &Rule::OneOf(&["VKYC"]),
            },
        ],
        exactly_one_of: &[],
    });
    pub(crate) static USER_CHANGES: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "address",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "email",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "name",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 0usize,
                    max: 18446744073709551615usize,
                    characters: &[],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "user_id",
                required: false,
                rule: &Rule::Text(TextRule {
                    min: 1usize,
                    max: 50usize,
                    characters: &[
                        ('A', 'Z'),
                        ('a', 'z'),
                        ('0', '9'),
                        ('.', '.'),
                        ('_', '_'),
                        ('-', '-'),
                    ],
                    form: TextForm::Any,
                }),
            },
            Field {
                name: "user_reference_id",
                required: false,
                rule: &Rule::Integer {
                    min: -9223372036854775808i64,
                    max: 9223372036854775807i64,
                },
            },
        ],
        exactly_one_of: &[&["user_id", "user_reference_id"]],
    });
}
/// An operation as a server sees it.
#[cfg(feature = "sandbox")]
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// Below the base URL, with its arguments in braces.
    pub(crate) path: &'static str,
    pub(crate) success: u16,
    /// What may stand in the query.
    pub(crate) arguments: &'static [crate::wire::rules::Field],
    /// Groups of arguments of which exactly one is due.
    pub(crate) exactly_one_of: &'static [&'static [&'static str]],
    pub(crate) body: Option<&'static crate::wire::rules::Rule>,
    /// The first sample of a success, as JSON.
    pub(crate) sample: Option<&'static str>,
}
/// Every operation, in the order of the paths.
#[cfg(feature = "sandbox")]
pub(crate) static ROUTES: &[Route] = {
    #[allow(unused_imports)]
    use crate::wire::rules::{Field, ListRule, ObjectRule, Rule, TextForm, TextRule};
    &[
        Route {
            id: "vkycCreateToken",
            method: "POST",
            path: "/oauth/token",
            success: 200u16,
            arguments: &[],
            exactly_one_of: &[],
            body: Some(&crate::model::generated::rules::TOKEN_REQUEST),
            sample: Some(
                "{\"access_token\":\"token\",\"expires_at\":\"2024-02-02 17:30:00 IST\"}",
            ),
        },
        Route {
            id: "vkycGetUser",
            method: "GET",
            path: "/user",
            success: 200u16,
            arguments: &[
                Field {
                    name: "user_id",
                    required: false,
                    rule: &Rule::Text(TextRule {
                        min: 1usize,
                        max: 50usize,
                        characters: &[
                            ('A', 'Z'),
                            ('a', 'z'),
                            ('0', '9'),
                            ('.', '.'),
                            ('_', '_'),
                            ('-', '-'),
                        ],
                        form: TextForm::Any,
                    }),
                },
                Field {
                    name: "user_reference_id",
                    required: false,
                    rule: &Rule::Integer {
                        min: -9223372036854775808i64,
                        max: 9223372036854775807i64,
                    },
                },
            ],
            exactly_one_of: &[&["user_id", "user_reference_id"]],
            body: None,
            sample: Some(
                "{\"phone\":\"9988776655\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174}",
            ),
        },
        Route {
            id: "vkycCreateUser",
            method: "POST",
            path: "/user",
            success: 200u16,
            arguments: &[],
            exactly_one_of: &[],
            body: Some(&crate::model::generated::rules::NEW_USER),
            sample: Some(
                "{\"phone\":\"9988776655\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174}",
            ),
        },
        Route {
            id: "vkycUpdateUser",
            method: "PATCH",
            path: "/user",
            success: 200u16,
            arguments: &[],
            exactly_one_of: &[],
            body: Some(&crate::model::generated::rules::USER_CHANGES),
            sample: Some(
                "{\"phone\":\"9988776655\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174}",
            ),
        },
        Route {
            id: "vkycGetStatus",
            method: "GET",
            path: "/vkyc",
            success: 200u16,
            arguments: &[
                Field {
                    name: "verification_id",
                    required: false,
                    rule: &Rule::Text(TextRule {
                        min: 1usize,
                        max: 50usize,
                        characters: &[
                            ('A', 'Z'),
                            ('a', 'z'),
                            ('0', '9'),
                            ('.', '.'),
                            ('_', '_'),
                            ('-', '-'),
                        ],
                        form: TextForm::Any,
                    }),
                },
                Field {
                    name: "reference_id",
                    required: false,
                    rule: &Rule::Integer {
                        min: -9223372036854775808i64,
                        max: 9223372036854775807i64,
                    },
                },
            ],
            exactly_one_of: &[&["verification_id", "reference_id"]],
            body: None,
            sample: Some(
                "{\"link_expiry\":\"2025-08-03T00:00:00.000Z\",\"meeting_schedule\":\"2025-07-09T14:50:00.000Z\",\"recording_link\":\"https://cf-prod-cfvkyc-video-recording.s3.ap-south-1.amazonaws.com/watermarkedRecording/51826/11203/10771/watermarkedRecording.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLEEXAMPLE00%2F20250709%2Fap-south-1%2Fs3%2Faws4_request&X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000a\",\"reference_id\":1358,\"status\":\"RECEIVED\",\"sub_status\":\"LINK_GENERATED\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174,\"verification_id\":\"vkyc_verification_id\",\"vkyc_link\":\"https://forms.cashfree.com/verification/p8r6jehan8bg\"}",
            ),
        },
        Route {
            id: "vkycInitiate",
            method: "POST",
            path: "/vkyc",
            success: 200u16,
            arguments: &[],
            exactly_one_of: &[],
            body: Some(&crate::model::generated::rules::INITIATE),
            sample: Some(
                "{\"link_expiry\":\"2025-08-03T00:00:00.000Z\",\"reference_id\":1358,\"status\":\"RECEIVED\",\"sub_status\":\"LINK_GENERATED\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174,\"verification_id\":\"vkyc_verification_id\",\"vkyc_link\":\"https://forms.cashfree.com/verification/p8r6jehan8bg\"}",
            ),
        },
    ]
};
///How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// This version does not know.
    Unknown,
    ///The link exists and the customer has not begun.
    Invited,
    ///The customer goes through the checks before the call.
    Checks,
    ///The customer waits for an agent or for the booked slot.
    Queue,
    ///The call is running or has just ended.
    Call,
    ///The call is over and somebody still has to decide.
    Review,
    ///Nothing more will happen to this verification.
    Closed,
}
impl Phase {
    /// The word in lower case, as in the spec.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Checks => "checks",
            Self::Queue => "queue",
            Self::Call => "call",
            Self::Review => "review",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }
}
impl ::std::fmt::Display for Phase {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.pad(self.as_str())
    }
}
impl ::serde::Serialize for Phase {
    fn serialize<S: ::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
/// A word that this version does not know is `Unknown`.
impl<'de> ::serde::Deserialize<'de> for Phase {
    fn deserialize<D: ::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::std::result::Result<Self, D::Error> {
        let word = <::std::borrow::Cow<
            'de,
            str,
        > as ::serde::Deserialize>::deserialize(deserializer)?;
        Ok(
            match word.as_ref() {
                "invited" => Self::Invited,
                "checks" => Self::Checks,
                "queue" => Self::Queue,
                "call" => Self::Call,
                "review" => Self::Review,
                "closed" => Self::Closed,
                _ => Self::Unknown,
            },
        )
    }
}
///Who has to act next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// This version does not know.
    Unknown,
    ///The customer.
    User,
    ///The business that asked for the verification, which is you.
    Merchant,
    ///The person who leads the call.
    Agent,
    ///The person who reviews the agent's decision.
    Auditor,
    ///Cashfree.
    Cashfree,
}
impl Actor {
    /// The word in lower case, as in the spec.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Merchant => "merchant",
            Self::Agent => "agent",
            Self::Auditor => "auditor",
            Self::Cashfree => "cashfree",
            Self::Unknown => "unknown",
        }
    }
}
impl ::std::fmt::Display for Actor {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.pad(self.as_str())
    }
}
impl ::serde::Serialize for Actor {
    fn serialize<S: ::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
/// A word that this version does not know is `Unknown`.
impl<'de> ::serde::Deserialize<'de> for Actor {
    fn deserialize<D: ::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::std::result::Result<Self, D::Error> {
        let word = <::std::borrow::Cow<
            'de,
            str,
        > as ::serde::Deserialize>::deserialize(deserializer)?;
        Ok(
            match word.as_ref() {
                "user" => Self::User,
                "merchant" => Self::Merchant,
                "agent" => Self::Agent,
                "auditor" => Self::Auditor,
                "cashfree" => Self::Cashfree,
                _ => Self::Unknown,
            },
        )
    }
}
///How well a fact about the API is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// This version does not know.
    Unknown,
    ///Cashfree documents it.
    Documented,
    ///A sample of Cashfree's shows it.
    Sample,
    ///We conclude it from other facts.
    Inferred,
    ///Third parties report it; verify it in the sandbox before you rely on it.
    Reported,
}
impl Evidence {
    /// The word in lower case, as in the spec.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Sample => "sample",
            Self::Inferred => "inferred",
            Self::Reported => "reported",
            Self::Unknown => "unknown",
        }
    }
}
impl ::std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.pad(self.as_str())
    }
}
impl ::serde::Serialize for Evidence {
    fn serialize<S: ::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
/// A word that this version does not know is `Unknown`.
impl<'de> ::serde::Deserialize<'de> for Evidence {
    fn deserialize<D: ::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::std::result::Result<Self, D::Error> {
        let word = <::std::borrow::Cow<
            'de,
            str,
        > as ::serde::Deserialize>::deserialize(deserializer)?;
        Ok(
            match word.as_ref() {
                "documented" => Self::Documented,
                "sample" => Self::Sample,
                "inferred" => Self::Inferred,
                "reported" => Self::Reported,
                _ => Self::Unknown,
            },
        )
    }
}
/// One state, or without a sub-status a status alone, and what it means for the caller.
#[derive(Debug)]
pub(crate) struct LifecycleRow {
    pub(crate) status: Status,
    pub(crate) sub_status: Option<SubStatus>,
    pub(crate) phase: Phase,
    pub(crate) actor: Actor,
    pub(crate) is_final: bool,
    pub(crate) outcome: crate::model::outcome::Outcome,
    pub(crate) advice: &'static str,
    pub(crate) evidence: Evidence,
}
/// What each documented state means for the caller.
pub(crate) static LIFECYCLE: &[LifecycleRow] = &[
    LifecycleRow {
        status: Status::Received,
        sub_status: None,
        phase: Phase::Invited,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Hand the link to the customer if you have not done so yet.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::Received,
        sub_status: Some(SubStatus::LinkGenerated),
        phase: Phase::Invited,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Hand the link to the customer if you have not done so yet.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::Initiated,
        sub_status: None,
        phase: Phase::Invited,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Hand the link to the customer if you have not done so yet.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::Initiated,
        sub_status: Some(SubStatus::LinkGenerated),
        phase: Phase::Invited,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Hand the link to the customer if you have not done so yet.",
        evidence: Evidence::Sample,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: None,
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait; the customer is on the way to the call.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::AadhaarVerificationSuccess),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Nothing to do; the customer goes on to the next check.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::AadhaarVerificationFailed),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to repeat the Aadhaar step with the right data.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::AadhaarVerificationExpired),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to start the Aadhaar step again.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserIpVerificationSuccessful),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Nothing to do; the customer goes on to the next check.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserProxyDetected),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to turn off the VPN or proxy and try again.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::TechnicalFailure),
        phase: Phase::Checks,
        actor: Actor::Cashfree,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait and let the customer try again; write to Cashfree's support if it stays.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserLocationVerificationSuccess),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Nothing to do; the customer goes on to the next check.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserLocationOutsideIndia),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to try again from within India, or turn the customer down.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserLocationPermissionDisabled),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to allow the browser to share the location.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserAudioCheckFailed),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to allow the browser to use the microphone.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserVideoCheckFailed),
        phase: Phase::Checks,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Ask the customer to allow the browser to use the camera.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserDeviceCheckSuccess),
        phase: Phase::Checks,
        actor: Actor::Cashfree,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Nothing to do; the customer goes to the queue next.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserQueued),
        phase: Phase::Queue,
        actor: Actor::Agent,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait until an agent takes the call.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::ScheduledUserQueued),
        phase: Phase::Queue,
        actor: Actor::Agent,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait for the booked slot.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::NoAgentFound),
        phase: Phase::Queue,
        actor: Actor::Merchant,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Let the customer try again later, and see that more agents are on duty.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::AgentAssignedToUser),
        phase: Phase::Queue,
        actor: Actor::Agent,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait; the call is about to start.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::PreVideoCall,
        sub_status: Some(SubStatus::UserMeetingScheduled),
        phase: Phase::Queue,
        actor: Actor::User,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Remind the customer of the booked call.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::VideoCall,
        sub_status: None,
        phase: Phase::Call,
        actor: Actor::Agent,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait until the call is over and reviewed.",
        evidence: Evidence::Reported,
    },
    LifecycleRow {
        status: Status::AgentReviewed,
        sub_status: None,
        phase: Phase::Review,
        actor: Actor::Auditor,
        is_final: false,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Wait; the agent's decision is not final until an auditor has reviewed it.",
        evidence: Evidence::Reported,
    },
    LifecycleRow {
        status: Status::AuditorReviewed,
        sub_status: None,
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Read sub_status and the remarks; the status alone does not tell approval from rejection.",
        evidence: Evidence::Reported,
    },
    LifecycleRow {
        status: Status::Completed,
        sub_status: None,
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Read sub_status and the remarks before you rely on the result.",
        evidence: Evidence::Reported,
    },
    LifecycleRow {
        status: Status::Rejected,
        sub_status: None,
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Find out why, then send a new request with a new verification_id.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::Rejected,
        sub_status: Some(SubStatus::InsufficientBalance),
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Abandoned,
        advice: "Top up the wallet, then send a new request with a new verification_id.",
        evidence: Evidence::Documented,
    },
    LifecycleRow {
        status: Status::Expired,
        sub_status: None,
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Abandoned,
        advice: "Send a new request with a new verification_id.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::Expired,
        sub_status: Some(SubStatus::VkycExpired),
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Abandoned,
        advice: "Send a new request with a new verification_id.",
        evidence: Evidence::Inferred,
    },
    LifecycleRow {
        status: Status::Failed,
        sub_status: None,
        phase: Phase::Closed,
        actor: Actor::Merchant,
        is_final: true,
        outcome: crate::model::outcome::Outcome::Undecided,
        advice: "Send a new request with a new verification_id.",
        evidence: Evidence::Reported,
    },
];
/// What to do about a state without a row.
pub(crate) const UNKNOWN_ADVICE: &str = "This version of the SDK does not know this state. Keep waiting, treat it neither as a pass nor as the end, and look for a newer version.";
/// What a documented error means to those who branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorMeaning {
    ///The account, its keys, its allow-list or its second factor were refused.
    Authentication,
    ///Something with this id exists already, or is under way.
    Conflict,
    ///The merchant's wallet cannot pay.
    InsufficientBalance,
    ///There is no such thing in this account and environment.
    NotFound,
}
/// One error as the spec documents it: a row of [`DocumentedError::all`].
#[derive(Debug)]
pub struct DocumentedError {
    pub(crate) http_status: u16,
    pub(crate) type_: Option<&'static str>,
    pub(crate) code: Option<&'static str>,
    pub(crate) meaning: &'static str,
    pub(crate) advice: Option<&'static str>,
    pub(crate) means: Option<ErrorMeaning>,
}
/// Addresses, header names, limits, documented errors and samples.
pub(crate) mod constants {
    ///What is sent unless the caller says otherwise.
    pub(crate) const DEFAULT_X_API_VERSION: &str = "2024-12-01";
    ///What is sent where nothing else is said.
    pub(crate) const DEFAULT_X_WEBHOOK_VERSION: &str = "2025-01-01";
    ///The name of a field of a webhook.
    pub(crate) const FIELD_VIDEO_KYC_EVENT_DATA: &str = "data";
    ///The name of a field of a webhook.
    pub(crate) const FIELD_VIDEO_KYC_EVENT_EVENT_TIME: &str = "event_time";
    ///The name of a field of a webhook.
    pub(crate) const FIELD_VIDEO_KYC_EVENT_EVENT_TYPE: &str = "event_type";
    ///The name of a field of a webhook.
    pub(crate) const FIELD_VIDEO_KYC_EVENT_SIGNATURE: &str = "signature";
    ///The name of a field of a webhook.
    pub(crate) const FIELD_VIDEO_KYC_EVENT_VERSION: &str = "version";
    ///Seconds to wait, or the date to wait for, as HTTP defines it.
    pub(crate) const HEADER_RETRY_AFTER: &str = "retry-after";
    ///The date version of the API that the caller speaks.
    pub(crate) const HEADER_X_API_VERSION: &str = "x-api-version";
    ///Proof of the second factor. Due when the account's two-factor method is "Public Key"; not when it is an IP allow-list.
    pub(crate) const HEADER_X_CF_SIGNATURE: &str = "x-cf-signature";
    ///Names the merchant's key pair.
    pub(crate) const HEADER_X_CLIENT_ID: &str = "x-client-id";
    ///The secret half of the key pair.
    pub(crate) const HEADER_X_CLIENT_SECRET: &str = "x-client-secret";
    ///How many requests a minute the account may send.
    pub(crate) const HEADER_X_RATELIMIT_LIMIT: &str = "x-ratelimit-limit";
    ///How many of them are left.
    pub(crate) const HEADER_X_RATELIMIT_REMAINING: &str = "x-ratelimit-remaining";
    ///Seconds until the count starts anew (not a point in time).
    pub(crate) const HEADER_X_RATELIMIT_RESET: &str = "x-ratelimit-reset";
    ///How long to wait before the next try. Cashfree's payment API names it; we take its unit to be seconds.
    pub(crate) const HEADER_X_RATELIMIT_RETRY: &str = "x-ratelimit-retry";
    ///Names this exchange for Cashfree's support. Not documented; read when it is there.
    pub(crate) const HEADER_X_REQUEST_ID: &str = "x-request-id";
    ///Which delivery of the event this is, from 1.
    pub(crate) const HEADER_X_WEBHOOK_ATTEMPT: &str = "x-webhook-attempt";
    ///The signature of timestamp and body, in base64.
    pub(crate) const HEADER_X_WEBHOOK_SIGNATURE: &str = "x-webhook-signature";
    ///When it was sent, in milliseconds since 1970 in the samples. Part of what is signed.
    pub(crate) const HEADER_X_WEBHOOK_TIMESTAMP: &str = "x-webhook-timestamp";
    ///The version of the payload's form.
    pub(crate) const HEADER_X_WEBHOOK_VERSION: &str = "x-webhook-version";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_CREATE_TOKEN: &str = "/oauth/token";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_CREATE_USER: &str = "/user";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_GET_STATUS: &str = "/vkyc";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_GET_USER: &str = "/user";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_INITIATE: &str = "/vkyc";
    ///The path of an operation, below the base URL.
    pub(crate) const PATH_VKYC_UPDATE_USER: &str = "/user";
    ///Live customers. Takes production keys only.
    pub(crate) const PRODUCTION_URL: &str = "https://api.cashfree.com/verification";
    ///The name of an argument in the query.
    pub(crate) const QUERY_REFERENCE_ID: &str = "reference_id";
    ///The name of an argument in the query.
    pub(crate) const QUERY_USER_ID: &str = "user_id";
    ///The name of an argument in the query.
    pub(crate) const QUERY_USER_REFERENCE_ID: &str = "user_reference_id";
    ///The name of an argument in the query.
    pub(crate) const QUERY_VERIFICATION_ID: &str = "verification_id";
    ///The documented limit of an operation.
    pub(crate) const REQUESTS_PER_MINUTE_VKYC_CREATE_TOKEN: u32 = 100u32;
    ///The documented limit of an operation.
    pub(crate) const REQUESTS_PER_MINUTE_VKYC_CREATE_USER: u32 = 100u32;
    ///The documented limit of an operation.
    pub(crate) const REQUESTS_PER_MINUTE_VKYC_GET_STATUS: u32 = 100u32;
    ///The documented limit of an operation.
    pub(crate) const REQUESTS_PER_MINUTE_VKYC_INITIATE: u32 = 100u32;
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_INITIATE_REQUEST_PUBLISHED: &str = "{\"agent_template\":\"vkyc_agent_template_v1\",\"notification_types\":[\"sms\",\"whatsapp\"],\"user_id\":\"vkyc_user_id1\",\"user_template\":\"vkyc_user_template_v1\",\"verification_id\":\"vkyc_verification_id\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_NEW_USER_PUBLISHED: &str = "{\"phone\":\"9988776655\",\"user_id\":\"vkyc_user_id1\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_SDK_TOKEN_PUBLISHED: &str = "{\"access_token\":\"token\",\"expires_at\":\"2024-02-02 17:30:00 IST\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_SDK_TOKEN_SCHEMA: &str = "{\"access_token\":\"token\",\"expiry\":\"2025-05-05T18:01:05+05:30\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_TOKEN_REQUEST_PUBLISHED: &str = "{\"app_id\":\"app_id\",\"authenticated_user\":{\"identifier_type\":\"userId\",\"identifier_value\":123456},\"metadata\":{\"vkyc_request_id\":249749},\"product\":\"VKYC\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_USER_CHANGES_PUBLISHED: &str = "{\"email\":\"nobody@example.com\",\"user_id\":\"vkyc_user_id1\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_USER_PUBLISHED: &str = "{\"phone\":\"9988776655\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_VIDEO_KYC_EVENT_PUBLISHED: &str = "{\"data\":{\"link_expiry\":\"2025-06-21\",\"reference_id\":10449,\"user_reference_id\":10259,\"vkyc_link\":\"https://forms.qa.cashfree.net/verification/c8k926bpt84g\"},\"event_time\":\"2025-05-22T03:51:14Z\",\"event_type\":\"VKYC_USER_LINK_GENERATED\",\"version\":\"v1\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_VIDEO_KYC_EVENT_UNVERSIONED: &str = "{\"data\":{\"link_expiry\":\"2025-06-21\",\"reference_id\":10449,\"user_reference_id\":10259,\"vkyc_link\":\"https://forms.qa.cashfree.net/verification/c8k926bpt84g\"},\"event_time\":\"2025-05-22T03:51:14Z\",\"event_type\":\"VKYC_USER_LINK_GENERATED\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_VIDEO_KYC_INITIATED: &str = "{\"link_expiry\":\"2025-08-03T00:00:00.000Z\",\"reference_id\":1358,\"status\":\"RECEIVED\",\"sub_status\":\"LINK_GENERATED\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174,\"verification_id\":\"vkyc_verification_id\",\"vkyc_link\":\"https://forms.cashfree.com/verification/p8r6jehan8bg\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_VIDEO_KYC_NO_BALANCE: &str = "{\"status\":\"REJECTED\",\"sub_status\":\"INSUFFICIENT_BALANCE\",\"verification_id\":\"vkyc_verification_id\"}";
    ///A sample of a body, as JSON.
    pub(crate) const SAMPLE_VIDEO_KYC_PUBLISHED: &str = "{\"link_expiry\":\"2025-08-03T00:00:00.000Z\",\"meeting_schedule\":\"2025-07-09T14:50:00.000Z\",\"recording_link\":\"https://cf-prod-cfvkyc-video-recording.s3.ap-south-1.amazonaws.com/watermarkedRecording/51826/11203/10771/watermarkedRecording.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLEEXAMPLE00%2F20250709%2Fap-south-1%2Fs3%2Faws4_request&X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000a\",\"reference_id\":1358,\"status\":\"RECEIVED\",\"sub_status\":\"LINK_GENERATED\",\"user_id\":\"vkyc_user_id1\",\"user_reference_id\":11174,\"verification_id\":\"vkyc_verification_id\",\"vkyc_link\":\"https://forms.cashfree.com/verification/p8r6jehan8bg\"}";
    ///For tests. Takes sandbox keys only and sends no SMS or WhatsApp message.
    pub(crate) const SANDBOX_URL: &str = "https://sandbox.cashfree.com/verification";
    /// Every documented error.
    pub(crate) static DOCUMENTED_ERRORS: &[super::DocumentedError] = &[
        super::DocumentedError {
            http_status: 202u16,
            type_: Some("validation_error"),
            code: Some("validation_pending"),
            meaning: "The check is still running; ask again later.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("Bad request, please check API documentation"),
            meaning: "The request does not fit the API's description.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("x-client-id_missing"),
            meaning: "The x-client-id header is missing.",
            advice: None,
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("x-client-secret_missing"),
            meaning: "The x-client-secret header is missing.",
            advice: None,
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("x-client-secret_value_invalid"),
            meaning: "A sandbox secret was sent to production.",
            advice: Some(
                "Use production keys with Environment::Production, or Environment::Sandbox with sandbox keys.",
            ),
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("duplicate_verification_id"),
            meaning: "The verification_id was used before.",
            advice: None,
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("invalid_request"),
            meaning: "Neither verification_id nor reference_id was sent.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("reference_id_value_invalid"),
            meaning: "The reference_id is not a number.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("REQUEST_INVALID"),
            meaning: "The request does not fit the API's description.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: None,
            code: Some("invalid_request"),
            meaning: "Video KYC is not switched on for the account.",
            advice: Some("Ask your account manager at Cashfree to switch it on."),
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("user_id_already_exists"),
            meaning: "A user with this user_id exists already.",
            advice: None,
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("verification_id_length_exceeded"),
            meaning: "The verification_id is longer than 50 characters.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("verification_id_missing"),
            meaning: "The verification_id is empty.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 400u16,
            type_: Some("validation_error"),
            code: Some("verification_id_value_invalid"),
            meaning: "The verification_id has a character that is not allowed.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 401u16,
            type_: Some("authentication_error"),
            code: Some("authentication_failed"),
            meaning: "The client id and secret are not a valid pair.",
            advice: Some("Check that both are of one key pair and of this environment."),
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 403u16,
            type_: Some("authentication_error"),
            code: Some("ip_validation_failed"),
            meaning: "The caller's IP address is not on the account's allow-list.",
            advice: Some(
                "Add this machine's outgoing address to the allow-list in the dashboard, or switch the account to public-key two-factor and set ClientBuilder::two_factor.",
            ),
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 403u16,
            type_: Some("authentication_error"),
            code: Some("authentication_failed"),
            meaning: "The x-cf-signature header was made with another key, id or time.",
            advice: Some(
                "Check that the public key is the newest of this environment, and that this machine's clock is right to the minute.",
            ),
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 403u16,
            type_: Some("validation_error"),
            code: Some("authentication_failed"),
            meaning: "The account wants the x-cf-signature header and it was not sent.",
            advice: Some(
                "Set ClientBuilder::two_factor with the public key from the dashboard.",
            ),
            means: Some(super::ErrorMeaning::Authentication),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("validation_error"),
            code: Some("reference_id_not_found"),
            meaning: "No verification has this reference_id.",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("not_found_error"),
            code: Some("referenceId_not_found"),
            meaning: "No verification has this reference_id (a third spelling).",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("not_found_error"),
            code: Some("reference_id_value_invalid"),
            meaning: "No verification has this reference_id (DigiLocker's code for it).",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("not_found_error"),
            code: Some("Resource not found"),
            meaning: "There is no such thing (a code with spaces).",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: None,
            code: None,
            meaning: "The path is wrong, or the product is not enabled for the account.",
            advice: Some(
                "Check the base URL, and ask your account manager at Cashfree whether Video KYC is switched on.",
            ),
            means: None,
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("validation_error"),
            code: Some("user_id_not_found"),
            meaning: "No user has this user_id.",
            advice: Some(
                "Check the id and the environment; the user may have yet to be made.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("validation_error"),
            code: Some("verification_id_not_found"),
            meaning: "No verification has this verification_id.",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 404u16,
            type_: Some("not_found_error"),
            code: Some("verification_id_value_invalid"),
            meaning: "No verification has this verification_id (DigiLocker's code for it).",
            advice: Some(
                "Check the id and the environment; it may have yet to be initiated.",
            ),
            means: Some(super::ErrorMeaning::NotFound),
        },
        super::DocumentedError {
            http_status: 409u16,
            type_: Some("validation_error"),
            code: Some("invalid_verification_id"),
            meaning: "The verification_id clashes with an earlier request; what exactly is wrong is not documented.",
            advice: Some("Ask for its status; a new try needs an id of its own."),
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 409u16,
            type_: Some("validation_error"),
            code: Some("verification_id_already_exists"),
            meaning: "The verification_id was used before.",
            advice: Some("Ask for its status; a new try needs an id of its own."),
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 409u16,
            type_: Some("validation_error"),
            code: Some("verification_id_value_invalid"),
            meaning: "The verification_id clashes with an earlier request; what exactly is wrong is not documented.",
            advice: Some("Ask for its status; a new try needs an id of its own."),
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 409u16,
            type_: Some("validation_error"),
            code: Some("verification_pending"),
            meaning: "An earlier request with this id is still running.",
            advice: Some("Ask for its status in a while."),
            means: Some(super::ErrorMeaning::Conflict),
        },
        super::DocumentedError {
            http_status: 413u16,
            type_: Some("validation_error"),
            code: Some("file_size_exceeded"),
            meaning: "The file is larger than allowed.",
            advice: None,
            means: None,
        },
        super::DocumentedError {
            http_status: 422u16,
            type_: Some("validation_error"),
            code: Some("insufficient_balance"),
            meaning: "The merchant's prepaid wallet is empty.",
            advice: Some("Top up the wallet in the dashboard, then call again."),
            means: Some(super::ErrorMeaning::InsufficientBalance),
        },
        super::DocumentedError {
            http_status: 429u16,
            type_: Some("rate_limit_error"),
            code: Some("too_many_requests_per_ip"),
            meaning: "Too many requests came from this IP address.",
            advice: Some(
                "Wait as long as the answer asks, and send fewer; a rate limit of your own keeps below the account's.",
            ),
            means: None,
        },
        super::DocumentedError {
            http_status: 429u16,
            type_: Some("rate_limit_error"),
            code: Some("too_many_requests_per_operation"),
            meaning: "This operation was called too often.",
            advice: Some(
                "Wait as long as the answer asks, and send fewer; a rate limit of your own keeps below the account's.",
            ),
            means: None,
        },
        super::DocumentedError {
            http_status: 500u16,
            type_: Some("internal_error"),
            code: Some("api_error"),
            meaning: "Cashfree could not carry out the request.",
            advice: Some("Try again later; Cashfree's support wants the request id."),
            means: None,
        },
        super::DocumentedError {
            http_status: 500u16,
            type_: Some("internal_error"),
            code: Some("request_failed"),
            meaning: "Cashfree could not carry out the request.",
            advice: Some("Try again later; Cashfree's support wants the request id."),
            means: None,
        },
        super::DocumentedError {
            http_status: 500u16,
            type_: Some("internal_error"),
            code: Some("verification_failed"),
            meaning: "Cashfree could not carry out the verification.",
            advice: Some("Try again later; Cashfree's support wants the request id."),
            means: None,
        },
        super::DocumentedError {
            http_status: 502u16,
            type_: Some("internal_error"),
            code: Some("request_failed"),
            meaning: "The authority behind the check is down.",
            advice: Some("Try again later; Cashfree's support wants the request id."),
            means: None,
        },
        super::DocumentedError {
            http_status: 502u16,
            type_: Some("internal_error"),
            code: Some("verification_failed"),
            meaning: "The authority behind the check is down.",
            advice: Some("Try again later; Cashfree's support wants the request id."),
            means: None,
        },
    ];
}
