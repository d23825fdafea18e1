//! What can stand in markup.

use std::borrow::Cow;

use super::Markup;

/// Something that can stand in markup.
pub(in crate::ui) trait IntoMarkup {
    /// As markup.
    fn into_markup(self) -> Markup;
}

impl IntoMarkup for Markup {
    fn into_markup(self) -> Markup {
        self
    }
}

impl IntoMarkup for () {
    fn into_markup(self) -> Markup {
        Markup::Nothing
    }
}

impl IntoMarkup for &'static str {
    fn into_markup(self) -> Markup {
        Markup::Text(Cow::Borrowed(self))
    }
}

impl IntoMarkup for String {
    fn into_markup(self) -> Markup {
        Markup::Text(Cow::Owned(self))
    }
}

impl<T: IntoMarkup> IntoMarkup for Option<T> {
    fn into_markup(self) -> Markup {
        self.map_or(Markup::Nothing, IntoMarkup::into_markup)
    }
}

impl<T: IntoMarkup> IntoMarkup for Vec<T> {
    fn into_markup(self) -> Markup {
        self.into_iter().collect()
    }
}

impl<T: IntoMarkup, F: Fn() -> T + 'static> IntoMarkup for F {
    fn into_markup(self) -> Markup {
        Markup::Live(Box::new(move || self().into_markup()))
    }
}

impl<T: IntoMarkup> FromIterator<T> for Markup {
    fn from_iter<I: IntoIterator<Item = T>>(pieces: I) -> Self {
        Self::Many(pieces.into_iter().map(IntoMarkup::into_markup).collect())
    }
}
