//! Traits for all types that are `Into<VerificationRef>` or `Into<UserRef>`. They make rustc's error message say what to write
//! for any other type.
//!
//! For `impl Into<VerificationRef>`, rustc would report that `VerificationRef: From<&str>` is not satisfied, and list impls of
//! `From`.

use super::generated::{UserRef, VerificationRef};

mod sealed {
    /// Restricts a trait to types that are `Into` its reference.
    pub trait Sealed<R> {}

    impl<R, T: Into<R>> Sealed<R> for T {}
}

/// A value that names a verification: a [`VerificationId`](super::VerificationId), a [`ReferenceId`](super::ReferenceId), or
/// any other type that is `Into<VerificationRef>`. To add one, write `impl From<Yours> for VerificationRef`.
///
/// ```
/// use cashfree_vkyc::{Client, IntoVerificationRef, ReferenceId, VerificationRef};
///
/// struct Case { reference_id: i64 }
///
/// impl From<&Case> for VerificationRef {
///     fn from(case: &Case) -> Self {
///         ReferenceId(case.reference_id).into()
///     }
/// }
///
/// let named = (&Case { reference_id: 1358 }).into_ref();
/// assert_eq!(named, ReferenceId(1358).into());
///
/// fn ask(client: &Client, case: impl Into<VerificationRef>) {
///     let call = client.status(case);
/// }
/// ```
///
/// A plain text or number is not accepted, because it does not say which kind of id it is:
///
/// ```compile_fail,E0277
/// # fn example(client: cashfree_vkyc::Client) {
/// let call = client.status("vkyc_42");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn example(client: cashfree_vkyc::Client) {
/// let call = client.status(1358);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which verification is meant",
    label = "neither a `VerificationId` nor a `ReferenceId`",
    note = "by the id that you gave it: `VerificationId::new(\"…\")?`; by the number that Cashfree gave it: `ReferenceId(1358)`"
)]
pub trait IntoVerificationRef: sealed::Sealed<VerificationRef> {
    /// The reference to the verification.
    fn into_ref(self) -> VerificationRef;
}

// Without this, rustc would report the bound of this impl instead of the message above.
#[diagnostic::do_not_recommend]
impl<T: Into<VerificationRef>> IntoVerificationRef for T {
    fn into_ref(self) -> VerificationRef {
        self.into()
    }
}

/// A value that names a customer: a [`UserId`](super::UserId), a [`UserReferenceId`](super::UserReferenceId), or any other type
/// that is `Into<UserRef>`.
///
/// ```compile_fail,E0277
/// # fn example(client: cashfree_vkyc::Client) {
/// let call = client.user("user_7");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which customer is meant",
    label = "neither a `UserId` nor a `UserReferenceId`",
    note = "by the id that you gave: `UserId::new(\"…\")?`; by the number that Cashfree gave: `UserReferenceId(1358)`"
)]
pub trait IntoUserRef: sealed::Sealed<UserRef> {
    /// The reference to the customer.
    fn into_ref(self) -> UserRef;
}

#[diagnostic::do_not_recommend]
impl<T: Into<UserRef>> IntoUserRef for T {
    fn into_ref(self) -> UserRef {
        self.into()
    }
}
