//! What is chosen on the page and stays in its address: nothing of it is a fact about the data.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use wasm_bindgen::JsValue;

use super::Client;
use crate::session::tensor_table::{Column, SortBy};
use crate::session::{Page, Route};
use crate::ui::dom::*;

/// Browsers drop navigations, clicks on links among them, after 200 changes of the address in ten seconds, and a held key
/// types faster.
const ADDRESS_SETTLES: Duration = Duration::from_millis(200);

/// What the drawer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct TensorChoice {
    /// Path of the file.
    pub file: String,
    /// Name of the tensor.
    pub name: String,
}

/// The choices. Cheap to copy; in the context of every component.
#[derive(Clone, Copy)]
pub(in crate::ui) struct View {
    /// The page.
    pub page: RwSignal<Page>,
    /// What the filter box of the tensors says.
    pub filter: RwSignal<String>,
    /// How the tensors are sorted; `None` for the tree of modules.
    pub sort: RwSignal<Option<SortBy>>,
    /// Names of the folded modules.
    pub folded_modules: RwSignal<BTreeSet<String>>,
    /// The tensor in the drawer.
    pub tensor: RwSignal<Option<TensorChoice>>,
    /// The file that is looked into.
    pub file: RwSignal<Option<String>>,
    /// The address of a registry that the page's address names.
    pub registry: RwSignal<String>,
    /// What kind of registry that is.
    pub service: RwSignal<String>,
    /// Whether the rail is out, where it is a sheet.
    pub rail: RwSignal<bool>,
    /// Whether the command palette is open.
    pub palette: RwSignal<bool>,
    /// Whether the list of shortcuts is open.
    pub shortcuts: RwSignal<bool>,
    /// Path of the checkpoint that the address names, until it is there.
    wanted: RwSignal<Option<String>>,
}

impl View {
    /// Reads the address, follows it, and provides the view to every component below.
    pub(in crate::ui) fn provide(client: Client) -> Self {
        let view = Self {
            page: RwSignal::new(Page::default()),
            filter: RwSignal::new(String::new()),
            sort: RwSignal::new(None),
            folded_modules: RwSignal::new(BTreeSet::new()),
            tensor: RwSignal::new(None),
            file: RwSignal::new(None),
            registry: RwSignal::new(String::new()),
            service: RwSignal::new(String::new()),
            rail: RwSignal::new(false),
            palette: RwSignal::new(false),
            shortcuts: RwSignal::new(false),
            wanted: RwSignal::new(None),
        };
        provide_context(view);
        view.take(&read_address());
        let listening = window_event_listener(ev::hashchange, move |_| view.take(&read_address()));
        on_cleanup(move || listening.remove());
        view.follow(client);
        view
    }

    /// The view that an outer component provides.
    pub(in crate::ui) fn expect() -> Self {
        expect_context()
    }

    /// Shows a page. Goes through the address, so that back and forward work.
    pub(in crate::ui) fn go(self, page: Page) {
        drop(window().location().set_hash(&Route { page: Some(page), query: Vec::new() }.fragment()));
    }

    /// Closes the drawer. A focus that was in it goes to the page.
    pub(in crate::ui) fn close_tensor(self) {
        self.tensor.set(None);
        request_animation_frame(|| {
            let at = document().active_element();
            if at.is_none_or(|at| at.tag_name() == "BODY") {
                super::focus("main");
            }
        });
    }

    /// Shows the tensors that pass `filter`.
    pub(in crate::ui) fn show_tensors(self, filter: &str) {
        self.filter.set(filter.to_owned());
        self.go(Page::Tensors);
    }

    /// Looks into a file.
    pub(in crate::ui) fn show_file(self, path: &str) {
        let route = Route { page: Some(Page::Files), query: Vec::new() }.with("f", path);
        drop(window().location().set_hash(&route.fragment()));
    }

    /// Takes over what an address says. One without choices keeps those made on the page.
    fn take(self, route: &Route) {
        let page = route.page.unwrap_or_default();
        let is_other = page != self.page.get_untracked();
        self.page.set(page);
        self.rail.set(false);
        self.palette.set(false);
        if is_other {
            self.tensor.set(None);
        }
        if let Some(path) = route.get("c") {
            self.wanted.set(Some(path.to_owned()));
        }
        if let Some(filter) = route.get("q") {
            self.filter.set(filter.to_owned());
        }
        if let Some(server) = route.get("server") {
            self.registry.set(server.to_owned());
            self.service.set(route.get("service").unwrap_or_default().to_owned());
        }
        if page == Page::Files {
            self.file.set(route.get("f").map(str::to_owned));
        }
        if let (Some(name), Some(file)) = (route.get("t"), route.get("in")) {
            self.tensor.set(Some(TensorChoice { file: file.to_owned(), name: name.to_owned() }));
        }
    }

    /// Writes the choices into the address, and chooses the checkpoint that it names.
    fn follow(self, client: Client) {
        let selected = client.memo(|session| session.selected_checkpoint().map(|found| found.checkpoint.path.clone()));
        let revision = client.memo(|session| session.revision);
        Effect::new(move || {
            revision.with(|_| ());
            let Some(path) = self.wanted.get() else { return };
            let found = client.peek(|session| session.checkpoint_at(&path).map(|found| found.selection));
            if let Some(selection) = found {
                self.wanted.set(None);
                client.update(|session| session.select(selection));
            }
        });
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move || {
            let Some(path) = selected.get() else { return };
            if self.wanted.with_untracked(Option::is_some) {
                return;
            }
            let route = self.route().with("c", &path);
            if let Some(earlier) = waiting.get_value() {
                earlier.clear();
            }
            let write = set_timeout_with_handle(move || self.settle(&route), ADDRESS_SETTLES);
            waiting.set_value(write.ok());
        });
    }

    /// Writes the registry that is connected to into the address, which can be kept and shared: it holds no secret.
    pub(in crate::ui) fn name_registry(self, service: &str, server: &str) {
        self.service.set(service.to_owned());
        self.registry.set(server.to_owned());
        let route = Route { page: Some(Page::Registry), query: Vec::new() };
        self.settle(&route.with("service", service).with("server", server));
    }

    /// Writes the address, unless it names another page already, which is about to be shown.
    fn settle(self, route: &Route) {
        if read_address().page.unwrap_or_default() == self.page.get_untracked() {
            write_address(route);
        }
    }

    fn route(self) -> Route {
        let page = self.page.get();
        let route = Route { page: Some(page), query: Vec::new() };
        match page {
            Page::Tensors => {
                let route = route.with("q", &self.filter.get());
                match self.tensor.get() {
                    Some(chosen) => route.with("t", &chosen.name).with("in", &chosen.file),
                    None => route,
                }
            }
            Page::Files => route.with("f", &self.file.get().unwrap_or_default()),
            Page::Registry => route.with("service", &self.service.get()).with("server", &self.registry.get()),
            _ => route,
        }
    }

    /// Sorts by a column; again to turn it round, a third time to go back to the tree.
    pub(in crate::ui) fn sort_by(self, column: Column) {
        let largest_first = matches!(column, Column::Parameters | Column::Bytes | Column::Shape);
        self.sort.update(|sort| {
            *sort = match *sort {
                Some(now) if now.column == column && now.descending == largest_first => {
                    Some(SortBy { column, descending: !largest_first })
                }
                Some(now) if now.column == column => None,
                _ => Some(SortBy { column, descending: largest_first }),
            };
        });
    }
}

fn read_address() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

/// Replaces the address without a step back to the one before.
fn write_address(route: &Route) {
    let fragment = route.fragment();
    if window().location().hash().is_ok_and(|now| now == fragment) {
        return;
    }
    if let Ok(history) = window().history() {
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&fragment)));
    }
}
