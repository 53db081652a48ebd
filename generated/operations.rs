// Generated from the spec by cashfree-vkyc-codegen. Do not edit.

use crate::transport::{Operation, Transport};
/// Every operation of the spec, by its `operationId`.
///
/// For operations that have no method of their own on `Client` yet. They share its credentials, time limits and
/// errors.
#[derive(Clone)]
pub struct Operations(pub(crate) Transport);
impl ::std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.debug_struct("Operations").field("transport", &self.0).finish_non_exhaustive()
    }
}
/// Every operation, in the order of its index.
pub(crate) static OPERATIONS: &[&Operation] = &[
    &builder::VKYC_CREATE_TOKEN,
    &builder::VKYC_GET_USER,
    &builder::VKYC_CREATE_USER,
    &builder::VKYC_UPDATE_USER,
    &builder::VKYC_GET_STATUS,
    &builder::VKYC_INITIATE,
];
/// The types of the spec.
pub mod types {
    pub use crate::model::generated::{
        AadhaarAddress, AadhaarDetails, ApiError, AuthenticatedUser, ErrorCode, Gender,
        IdentifierType, Initiate, NewUser, NotificationType, Product, ReferenceId,
        SdkToken, SecurityQuestion, TokenMetadata, TokenRequest, User, UserChanges,
        UserId, UserReferenceId, VerificationId, VideoKyc, Event, EventType, Status,
        SubStatus, UserRef, VerificationRef,
    };
}
impl Operations {
    /// Makes a token with which the web or mobile SDK opens a verification.
    ///
    /// Makes a request of `POST /oauth/token`; `send` sends it.
    ///
    pub fn vkyc_create_token(&self) -> builder::VkycCreateToken<'_> {
        builder::VkycCreateToken::new(&self.0)
    }
    /// Asks for a user.
    ///
    /// Makes a request of `GET /user`; `send` sends it.
    ///
    /// The page gives both ids a default, 1358 and ABC00123. Those are examples: who sends them asks for somebody else.
    pub fn vkyc_get_user(&self) -> builder::VkycGetUser<'_> {
        builder::VkycGetUser::new(&self.0)
    }
    /// Makes a user, which is a customer who can be verified.
    ///
    /// Makes a request of `POST /user`; `send` sends it.
    ///
    pub fn vkyc_create_user(&self) -> builder::VkycCreateUser<'_> {
        builder::VkycCreateUser::new(&self.0)
    }
    /// Changes what is known of a user. The phone cannot be changed.
    ///
    /// Makes a request of `PATCH /user`; `send` sends it.
    ///
    pub fn vkyc_update_user(&self) -> builder::VkycUpdateUser<'_> {
        builder::VkycUpdateUser::new(&self.0)
    }
    /// Asks for the state of one Video KYC verification.
    ///
    /// Makes a request of `GET /vkyc`; `send` sends it.
    ///
    /// Cashfree marks neither of the two ids as required and does not say which one wins when both are sent, so exactly one is.
    pub fn vkyc_get_status(&self) -> builder::VkycGetStatus<'_> {
        builder::VkycGetStatus::new(&self.0)
    }
    /// Starts one Video KYC verification of a customer who was made a user before.
    ///
    /// Makes a request of `POST /vkyc`; `send` sends it.
    ///
    /// Cashfree knows no idempotency key here: `verification_id` is the key. A used one is refused on some products and said to be accepted on others.
    pub fn vkyc_initiate(&self) -> builder::VkycInitiate<'_> {
        builder::VkycInitiate::new(&self.0)
    }
}
/// Types for composing operation parameters.
#[allow(clippy::all)]
pub mod builder {
    #[allow(unused_imports)]
    use progenitor_client::{RequestBuilderExt, encode_path};
    use crate::client::call::Call;
    use crate::model::generated as types;
    #[allow(unused_imports)]
    use crate::transport::{
        JsonBody, Operation, Request, RequestError as Error, Transport,
    };
    pub(super) static VKYC_CREATE_TOKEN: Operation = Operation {
        id: "vkycCreateToken",
        method: ::http::Method::POST,
        path: "/oauth/token",
        name: "POST /oauth/token",
        success: 200u16,
        idempotent: true,
        index: 0usize,
    };
    pub(super) static VKYC_GET_USER: Operation = Operation {
        id: "vkycGetUser",
        method: ::http::Method::GET,
        path: "/user",
        name: "GET /user",
        success: 200u16,
        idempotent: true,
        index: 1usize,
    };
    pub(super) static VKYC_CREATE_USER: Operation = Operation {
        id: "vkycCreateUser",
        method: ::http::Method::POST,
        path: "/user",
        name: "POST /user",
        success: 200u16,
        idempotent: false,
        index: 2usize,
    };
    pub(super) static VKYC_UPDATE_USER: Operation = Operation {
        id: "vkycUpdateUser",
        method: ::http::Method::PATCH,
        path: "/user",
        name: "PATCH /user",
        success: 200u16,
        idempotent: true,
        index: 3usize,
    };
    pub(super) static VKYC_GET_STATUS: Operation = Operation {
        id: "vkycGetStatus",
        method: ::http::Method::GET,
        path: "/vkyc",
        name: "GET /vkyc",
        success: 200u16,
        idempotent: true,
        index: 4usize,
    };
    pub(super) static VKYC_INITIATE: Operation = Operation {
        id: "vkycInitiate",
        method: ::http::Method::POST,
        path: "/vkyc",
        name: "POST /vkyc",
        success: 200u16,
        idempotent: false,
        index: 5usize,
    };
    /// The request of `vkycCreateToken`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycCreateToken<'a> {
        client: &'a Transport,
        body: Result<types::TokenRequest, String>,
    }
    impl<'a> ::std::fmt::Debug for VkycCreateToken<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycCreateToken").finish_non_exhaustive()
        }
    }
    impl<'a> VkycCreateToken<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                body: Err(
                    "the body is missing; set it before the request is sent".to_string(),
                ),
            }
        }
        /// The body of the request.
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::TokenRequest>,
            <V as std::convert::TryInto<types::TokenRequest>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `TokenRequest` for body failed: {}", s)
                });
            self
        }
        fn request(self) -> Result<Request<types::SdkToken>, Error> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::TokenRequest::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let request = JsonBody::of(
                    &crate::model::generated::rules::TOKEN_REQUEST,
                    &body,
                )?
                .put_into(client.begin(&VKYC_CREATE_TOKEN)?)
                .build()?;
            Ok(
                Request::new(
                    request,
                    |_: &types::SdkToken| None,
                    types::SdkToken::is_blank,
                ),
            )
        }
        /// A call of `POST /oauth/token` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::SdkToken> {
            Call::new(self.client, &VKYC_CREATE_TOKEN, self.request())
        }
    }
    /// The request of `vkycGetUser`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycGetUser<'a> {
        client: &'a Transport,
        user_id: Result<Option<crate::model::generated::UserId>, String>,
        user_reference_id: Result<
            Option<crate::model::generated::UserReferenceId>,
            String,
        >,
    }
    impl<'a> ::std::fmt::Debug for VkycGetUser<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycGetUser").finish_non_exhaustive()
        }
    }
    impl<'a> VkycGetUser<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                user_id: Ok(None),
                user_reference_id: Ok(None),
            }
        }
        fn request(self) -> Result<Request<types::User>, Error> {
            let Self { client, user_id, user_reference_id } = self;
            let user_id = user_id.map_err(Error::InvalidRequest)?;
            let user_reference_id = user_reference_id.map_err(Error::InvalidRequest)?;
            if user_id.is_none() && user_reference_id.is_none() {
                return Err(
                    Error::InvalidRequest(
                        "the argument `user_ref` is missing; set it before the request is sent"
                            .to_string(),
                    ),
                );
            }
            let request = client
                .begin(&VKYC_GET_USER)?
                .query(&progenitor_client::QueryParam::new("user_id", &user_id))
                .query(
                    &progenitor_client::QueryParam::new(
                        "user_reference_id",
                        &user_reference_id,
                    ),
                )
                .build()?;
            Ok(
                Request::new(
                    request,
                    move |answer: &types::User| {
                        let arguments = [
                            (
                                "user_id",
                                crate::wire::mismatch(&user_id, &answer.user_id),
                            ),
                            (
                                "user_reference_id",
                                crate::wire::mismatch(
                                    &user_reference_id,
                                    &answer.user_reference_id,
                                ),
                            ),
                        ];
                        arguments
                            .into_iter()
                            .find_map(|(name, contradicted)| {
                                contradicted.then_some(name)
                            })
                    },
                    types::User::is_blank,
                ),
            )
        }
        /// A call of `GET /user` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::User> {
            Call::new(self.client, &VKYC_GET_USER, self.request())
        }
        /// Which customer is meant: by exactly one of the ids. It does not print.
        pub fn user_ref(mut self, user_ref: impl Into<types::UserRef>) -> Self {
            (self.user_id, self.user_reference_id) = match user_ref.into() {
                types::UserRef::UserId(id) => (Ok(Some(id)), Ok(None)),
                types::UserRef::UserReferenceId(id) => (Ok(None), Ok(Some(id))),
            };
            self
        }
    }
    /// The request of `vkycCreateUser`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycCreateUser<'a> {
        client: &'a Transport,
        body: Result<types::NewUser, String>,
    }
    impl<'a> ::std::fmt::Debug for VkycCreateUser<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycCreateUser").finish_non_exhaustive()
        }
    }
    impl<'a> VkycCreateUser<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                body: Err(
                    "the body is missing; set it before the request is sent".to_string(),
                ),
            }
        }
        /// The body of the request.
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::NewUser>,
            <V as std::convert::TryInto<types::NewUser>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `NewUser` for body failed: {}", s));
            self
        }
        fn request(self) -> Result<Request<types::User>, Error> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::NewUser::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let request = JsonBody::of(&crate::model::generated::rules::NEW_USER, &body)?
                .put_into(client.begin(&VKYC_CREATE_USER)?)
                .build()?;
            Ok(
                Request::new(
                    request,
                    move |answer: &types::User| {
                        let arguments = [
                            (
                                "user_id",
                                crate::wire::mismatch(&body.user_id, &answer.user_id),
                            ),
                        ];
                        arguments
                            .into_iter()
                            .find_map(|(name, contradicted)| {
                                contradicted.then_some(name)
                            })
                    },
                    types::User::is_blank,
                ),
            )
        }
        /// A call of `POST /user` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::User> {
            Call::new(self.client, &VKYC_CREATE_USER, self.request())
        }
    }
    /// The request of `vkycUpdateUser`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycUpdateUser<'a> {
        client: &'a Transport,
        body: Result<types::UserChanges, String>,
    }
    impl<'a> ::std::fmt::Debug for VkycUpdateUser<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycUpdateUser").finish_non_exhaustive()
        }
    }
    impl<'a> VkycUpdateUser<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                body: Err(
                    "the body is missing; set it before the request is sent".to_string(),
                ),
            }
        }
        /// The body of the request.
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::UserChanges>,
            <V as std::convert::TryInto<types::UserChanges>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `UserChanges` for body failed: {}", s)
                });
            self
        }
        fn request(self) -> Result<Request<types::User>, Error> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::UserChanges::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let request = JsonBody::of(
                    &crate::model::generated::rules::USER_CHANGES,
                    &body,
                )?
                .put_into(client.begin(&VKYC_UPDATE_USER)?)
                .build()?;
            Ok(
                Request::new(
                    request,
                    move |answer: &types::User| {
                        let arguments = [
                            (
                                "user_id",
                                crate::wire::mismatch(&body.user_id, &answer.user_id),
                            ),
                            (
                                "user_reference_id",
                                crate::wire::mismatch(
                                    &body.user_reference_id,
                                    &answer.user_reference_id,
                                ),
                            ),
                        ];
                        arguments
                            .into_iter()
                            .find_map(|(name, contradicted)| {
                                contradicted.then_some(name)
                            })
                    },
                    types::User::is_blank,
                ),
            )
        }
        /// A call of `PATCH /user` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::User> {
            Call::new(self.client, &VKYC_UPDATE_USER, self.request())
        }
    }
    /// The request of `vkycGetStatus`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycGetStatus<'a> {
        client: &'a Transport,
        reference_id: Result<Option<crate::model::generated::ReferenceId>, String>,
        verification_id: Result<Option<crate::model::generated::VerificationId>, String>,
    }
    impl<'a> ::std::fmt::Debug for VkycGetStatus<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycGetStatus").finish_non_exhaustive()
        }
    }
    impl<'a> VkycGetStatus<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                reference_id: Ok(None),
                verification_id: Ok(None),
            }
        }
        fn request(self) -> Result<Request<types::VideoKyc>, Error> {
            let Self { client, reference_id, verification_id } = self;
            let reference_id = reference_id.map_err(Error::InvalidRequest)?;
            let verification_id = verification_id.map_err(Error::InvalidRequest)?;
            if verification_id.is_none() && reference_id.is_none() {
                return Err(
                    Error::InvalidRequest(
                        "the argument `verification_ref` is missing; set it before the request is sent"
                            .to_string(),
                    ),
                );
            }
            let request = client
                .begin(&VKYC_GET_STATUS)?
                .query(
                    &progenitor_client::QueryParam::new("reference_id", &reference_id),
                )
                .query(
                    &progenitor_client::QueryParam::new(
                        "verification_id",
                        &verification_id,
                    ),
                )
                .build()?;
            Ok(
                Request::new(
                    request,
                    move |answer: &types::VideoKyc| {
                        let arguments = [
                            (
                                "verification_id",
                                crate::wire::mismatch(
                                    &verification_id,
                                    &answer.verification_id,
                                ),
                            ),
                            (
                                "reference_id",
                                crate::wire::mismatch(&reference_id, &answer.reference_id),
                            ),
                        ];
                        arguments
                            .into_iter()
                            .find_map(|(name, contradicted)| {
                                contradicted.then_some(name)
                            })
                    },
                    types::VideoKyc::is_blank,
                ),
            )
        }
        /// A call of `GET /vkyc` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::VideoKyc> {
            Call::new(self.client, &VKYC_GET_STATUS, self.request())
        }
        /// Which verification is meant: by exactly one of its ids.
        pub fn verification_ref(
            mut self,
            verification_ref: impl Into<types::VerificationRef>,
        ) -> Self {
            (self.verification_id, self.reference_id) = match verification_ref.into() {
                types::VerificationRef::VerificationId(id) => (Ok(Some(id)), Ok(None)),
                types::VerificationRef::ReferenceId(id) => (Ok(None), Ok(Some(id))),
            };
            self
        }
    }
    /// The request of `vkycInitiate`: set its arguments, then [`send`](Self::send) it.
    #[derive(Clone)]
    #[must_use = "a request does nothing until it is sent"]
    pub struct VkycInitiate<'a> {
        client: &'a Transport,
        body: Result<types::Initiate, String>,
    }
    impl<'a> ::std::fmt::Debug for VkycInitiate<'a> {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("VkycInitiate").finish_non_exhaustive()
        }
    }
    impl<'a> VkycInitiate<'a> {
        pub(super) fn new(client: &'a Transport) -> Self {
            Self {
                client: client,
                body: Err(
                    "the body is missing; set it before the request is sent".to_string(),
                ),
            }
        }
        /// The body of the request.
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::Initiate>,
            <V as std::convert::TryInto<types::Initiate>>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| format!("conversion to `Initiate` for body failed: {}", s));
            self
        }
        fn request(self) -> Result<Request<types::VideoKyc>, Error> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| types::Initiate::try_from(v).map_err(|e| e.to_string()))
                .map_err(Error::InvalidRequest)?;
            let request = JsonBody::of(&crate::model::generated::rules::INITIATE, &body)?
                .put_into(client.begin(&VKYC_INITIATE)?)
                .build()?;
            Ok(
                Request::new(
                    request,
                    move |answer: &types::VideoKyc| {
                        let arguments = [
                            (
                                "user_id",
                                crate::wire::mismatch(&body.user_id, &answer.user_id),
                            ),
                            (
                                "user_reference_id",
                                crate::wire::mismatch(
                                    &body.user_reference_id,
                                    &answer.user_reference_id,
                                ),
                            ),
                            (
                                "verification_id",
                                crate::wire::mismatch(
                                    &body.verification_id,
                                    &answer.verification_id,
                                ),
                            ),
                        ];
                        arguments
                            .into_iter()
                            .find_map(|(name, contradicted)| {
                                contradicted.then_some(name)
                            })
                    },
                    types::VideoKyc::is_blank,
                ),
            )
        }
        /// A call of `POST /vkyc` with these arguments: await it, or set its options first.
        pub fn send(self) -> Call<types::VideoKyc> {
            Call::new(self.client, &VKYC_INITIATE, self.request())
        }
    }
}
