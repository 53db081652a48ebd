//! The types that a verifier accepts as secrets: text of any kind, one or several.

/// One secret or several. A secret is text (`&str`, `String`, `Box<str>`, `Arc<str>`, `Cow<str>`), the client's `Credentials`, or
/// a `SecretString` of the crate `secrecy`. Several are an array, a slice or a `Vec`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a webhook secret",
    note = "pass text, `Credentials`, a `SecretString`, or an array, slice or `Vec` of them; collect an iterator first"
)]
pub trait Secrets: sealed::Secrets {}

impl<T: sealed::Secrets> Secrets for T {}

/// Seals the trait. `Credentials` implement it to sign webhooks.
pub(crate) mod sealed {
    use std::borrow::Cow;
    use std::sync::Arc;

    /// Passes each secret to the closure, without a copy.
    pub trait Secrets {
        fn each(&self, take: &mut dyn FnMut(&str));
    }

    macro_rules! text {
        ($($text:ty),*) => {$(
            impl Secrets for $text {
                fn each(&self, take: &mut dyn FnMut(&str)) {
                    take(self);
                }
            }
        )*};
    }
    text!(str, String, Box<str>, Arc<str>, Cow<'_, str>);

    #[cfg(feature = "client")]
    impl Secrets for secrecy::SecretString {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            take(secrecy::ExposeSecret::expose_secret(self));
        }
    }

    impl<T: Secrets + ?Sized> Secrets for &T {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            (**self).each(take);
        }
    }

    impl<T: Secrets> Secrets for [T] {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            self.iter().for_each(|secret| secret.each(take));
        }
    }

    impl<T: Secrets> Secrets for Vec<T> {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            self.as_slice().each(take);
        }
    }

    impl<T: Secrets, const N: usize> Secrets for [T; N] {
        fn each(&self, take: &mut dyn FnMut(&str)) {
            self.as_slice().each(take);
        }
    }
}
