//! Our own icons: one stroke set on a 16 pixel grid, drawn with one path each.

use crate::ui::dom::*;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Icon {
    /// A weighbridge: a platform on two feet, and its dial.
    Mark,
    /// Done, whole.
    Ok,
    /// Worth knowing.
    Note,
    /// Unusual.
    Warning,
    /// Damaged.
    Bad,
    /// Not looked at.
    Open,
    /// Add something.
    Plus,
    /// Close, cancel.
    Close,
    /// Points right; turns when unfolded.
    Fold,
    /// Sorted upwards.
    Up,
    /// Sorted downwards.
    Down,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// An address.
    Link,
    /// The built-in sample.
    Sample,
    /// Copy.
    Copy,
    /// Search.
    Search,
    /// Exchange two things.
    Swap,
    /// Save to disk.
    Download,
    /// The best one.
    Star,
    /// The newest one.
    Last,
    /// Light theme.
    Sun,
    /// Dark theme.
    Moon,
    /// Theme of the system.
    Screen,
    /// Help.
    Help,
    /// The rail.
    Menu,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Mark => "M1 13h14M3 13v-2.5h10V13M8 10.5V7M4.5 7a3.5 3.5 0 1 1 7 0zM8 7l1.6-1.9",
            Self::Ok => "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5zM5 8.25l2.1 2.1L11 6.25",
            Self::Note => "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5zM8 7.25V11M8 4.9v.1",
            Self::Warning => "M8 2 1.5 13.5h13zM8 6.25v3.5M8 11.6v.1",
            Self::Bad => {
                "M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4zM5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5"
            }
            Self::Open => "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5z",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Close => "M3.75 3.75l8.5 8.5M12.25 3.75l-8.5 8.5",
            Self::Fold => "M6 3.5 10.5 8 6 12.5",
            Self::Up => "M8 13V3M4 7l4-4 4 4",
            Self::Down => "M8 3v10M4 9l4 4 4-4",
            Self::File => "M3.75 1.75h5.5l3 3v9.5h-8.5zM9 2v3h3",
            Self::Folder => "M1.75 12.75v-9.5h4.5l1.5 2h6.5v7.5z",
            Self::Link => {
                "M6.5 9.5a3 3 0 0 0 4.3.2l2.2-2.2a3 3 0 0 0-4.2-4.2L7.7 4.4M9.5 6.5a3 3 0 0 0-4.3-.2L3 8.5a3 3 0 0 0 4.2 4.2l1.1-1.1"
            }
            Self::Sample => "M6 1.75h4M7 2v4.2L2.9 13a.9.9 0 0 0 .8 1.25h8.6a.9.9 0 0 0 .8-1.25L9 6.2V2M5 10h6",
            Self::Copy => "M5.75 5.75h8.5v8.5h-8.5zM10.25 3.5V1.75h-8.5v8.5H3.5",
            Self::Search => "M7 2.25a4.75 4.75 0 1 0 0 9.5 4.75 4.75 0 0 0 0-9.5zM10.5 10.5l3.5 3.5",
            Self::Swap => "M2 5.5h11M10 2.5l3 3-3 3M14 10.5H3M6 7.5l-3 3 3 3",
            Self::Download => "M8 2v8M4.5 6.75 8 10.25l3.5-3.5M2.5 13.75h11",
            Self::Star => "M8 1.9l1.85 3.9 4.25.55-3.1 2.95.8 4.2L8 11.4l-3.8 2.1.8-4.2L1.9 6.35l4.25-.55z",
            Self::Last => "M3 3.5 8.5 8 3 12.5zM12.5 3.5v9",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1"
            }
            Self::Moon => "M13.5 9.6A5.9 5.9 0 0 1 6.4 2.5 5.9 5.9 0 1 0 13.5 9.6z",
            Self::Screen => "M1.75 2.75h12.5v8.5H1.75zM5.5 14h5M8 11.25V14",
            Self::Help => {
                "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5zM6.1 6.2a1.95 1.95 0 1 1 2.7 1.9c-.5.2-.8.6-.8 1.1v.2M8 11.4v.1"
            }
            Self::Menu => "M2 4h12M2 8h12M2 12h12",
        }
    }
}

/// Draws an icon; words beside it say what it means.
pub(in crate::ui) fn icon(icon: Icon) -> Markup {
    drawn(icon, "icon")
}

/// An icon that turns when what it stands in is unfolded.
pub(in crate::ui) fn fold_icon() -> Markup {
    drawn(Icon::Fold, "icon turns")
}

fn drawn(icon: Icon, class: &'static str) -> Markup {
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true"><path d=icon.path()></path></svg> }
}
