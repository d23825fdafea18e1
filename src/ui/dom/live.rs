//! A value that follows signals, and tells its readers only when it is another than before.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{Get, GetUntracked, Memo};

/// A memo whose machinery is compiled once, not once for each type. Cheap to copy.
pub(in crate::ui) struct Live<T> {
    memo: Memo<Shared>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Live<T> {}

/// A value of any type with its way to compare.
#[derive(Clone)]
struct Shared {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

impl<T: Send + Sync + 'static> Live<T> {
    /// What `ask` says, asked again when a signal that it reads has changed.
    pub(in crate::ui) fn new(ask: impl Fn() -> T + Send + Sync + 'static) -> Self
    where
        T: PartialEq,
    {
        let same = |a: &dyn Any, b: &dyn Any| match (a.downcast_ref::<T>(), b.downcast_ref::<T>()) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        Self { memo: memo(Box::new(move || Shared { value: Arc::new(ask()), same })), kind: PhantomData }
    }

    /// The value; who asks is told when it changes.
    pub(in crate::ui) fn read(self) -> Arc<T> {
        typed(self.memo.get())
    }

    /// The value as of now.
    pub(in crate::ui) fn read_untracked(self) -> Arc<T> {
        typed(self.memo.get_untracked())
    }

    /// Looks at the value; who asks is told when it changes.
    pub(in crate::ui) fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.read())
    }

    /// Looks at the value as of now.
    pub(in crate::ui) fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.read_untracked())
    }

    /// A copy of the value as of now; `None` once the part of the page that made it is gone.
    pub(in crate::ui) fn try_get_untracked(self) -> Option<T>
    where
        T: Clone,
    {
        Some(T::clone(&typed(self.memo.try_get_untracked()?)))
    }

    /// A copy of the value; who asks is told when it changes.
    pub(in crate::ui) fn get(self) -> T
    where
        T: Clone,
    {
        T::clone(&self.read())
    }

    /// A copy of the value as of now.
    pub(in crate::ui) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        T::clone(&self.read_untracked())
    }
}

fn typed<T: Send + Sync + 'static>(shared: Shared) -> Arc<T> {
    // Only `new` makes a shared value, of the type it is read as.
    shared.value.downcast().unwrap_or_else(|_| unreachable!("a live value has the type it was made with"))
}

#[inline(never)]
fn memo(ask: Box<dyn Fn() -> Shared + Send + Sync>) -> Memo<Shared> {
    Memo::new(move |_| ask())
}
