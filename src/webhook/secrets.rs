//! What a verifier takes as secrets: text of any kind, one or several.

/// One secret or several. A secret is text (`&str`, `String`, `Box<str>`, `Arc<str>`, `Cow<str>`), the client's `Credentials`,
/// or a `SecretString` of the crate `secrecy`; several are an array, a slice or a `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no webhook secret",
    note = "give text, `Credentials`, a `SecretString`, or an array, slice or `Vec` of them; collect an iterator first"
)]
pub trait Secrets: sealed::Secrets {}

impl<T: sealed::Secrets> Secrets for T {}

/// What keeps the list of secrets closed; `Credentials` say here that they can sign.
pub(crate) mod sealed {
    use std::borrow::Cow;
    use std::sync::Arc;

    /// One secret.
    pub trait Secret {
        fn text(&self) -> &str;
    }

    /// Hands over each secret, without a copy.
    pub trait Secrets {
        fn each(&self, take: &mut dyn FnMut(&str));
    }

    macro_rules! text {
        ($($text:ty),*) => {$(
            impl Secret for $text {
                fn text(&self) -> &str {
                    self
                }
            }
        )*};
    }
    text!(str, String, Box<str>, Arc<str>, Cow<'_, str>);

    #[cfg(feature = "client")]
    impl Secret for secrecy::SecretString {
        fn text(&self) -> &str {
            secrecy::ExposeSecret::expose_secret(self)
        }
    }

    impl<T: Secret + ?Sized> Secret for &T {
        fn text(&self) -> &str {
            (**self).text()
        }
    }

    impl<T: Secret> Secrets for T {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            take(self.text());
        }
    }

    macro_rules! list {
        ($($list:ty $(, $length:ident)?);*) => {$(
            impl<T: Secret $(, const $length: usize)?> Secrets for $list {
                fn each(&self, take: &mut dyn FnMut(&str)) {
                    self.iter().for_each(|secret| take(secret.text()));
                }
            }
        )*};
    }
    list!([T; N], N; &[T; N], N; &[T]; Vec<T>; &Vec<T>);
}
