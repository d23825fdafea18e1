//! The registries that are only read: their rows, and what can be done with them.

use super::{Link, Registry};
use crate::model::{SourceKind, natural_cmp, order_by};
use crate::registry::{Item, Key, Next, SERVICES, Service, Wanted};
use crate::session::calls::Call;
use crate::session::talking::Purpose;
use crate::session::{Command, Session};

impl Session {
    /// Connects to a server of a service, by the service's id. The key may be empty.
    pub fn connect_to(&mut self, service: &str, base: &str, key: &str) -> Vec<Command> {
        let service = Service::by_id(service);
        let Some(shelf) = service.shelf else { return self.connect(base, key) };
        let mut commands = self.disconnect();
        self.registry.service = Some(service);
        match shelf(base, key) {
            Ok(shelf) => {
                let talk = shelf.list();
                (self.registry.shelf, self.registry.link) = (Some(shelf), Link::Connecting);
                self.registry.is_listing = true;
                commands.extend(self.talk(talk, Purpose::List));
            }
            Err(why) => self.registry.link = Link::Failed(why),
        }
        commands
    }

    /// The key that belongs to an address: the one that the connected Hub was given.
    pub(in crate::session) fn key_for(&self, url: &str) -> Option<Key> {
        let registry = &self.registry;
        let key = registry.shelf.as_ref().filter(|_| registry.service().id == "hub")?.key()?;
        key.for_url(url).map(|_| key.clone())
    }

    /// Reads the rows of a registry that is only read again.
    pub(super) fn list_shelf(&mut self) -> Vec<Command> {
        let Some(talk) = self.registry.shelf.as_ref().map(|shelf| shelf.list()) else { return Vec::new() };
        self.registry.items.clear();
        self.registry.chosen_items.clear();
        self.talk(talk, Purpose::List)
    }

    /// Breaks the listing off.
    pub(super) fn drop_listing(&mut self) -> Vec<Command> {
        let is_it = |call: &Call| matches!(call, Call::Talk(talking) if talking.purpose == Purpose::List);
        let calls: Vec<_> = self.calls.iter().filter(|(_, call)| is_it(call)).map(|(id, _)| *id).collect();
        for call in &calls {
            self.calls.remove(call);
        }
        calls.into_iter().map(Command::Drop).collect()
    }

    /// What an answer to the listing brought.
    pub(in crate::session) fn take_items(
        &mut self,
        found: Vec<Item>,
        left_out: Vec<String>,
        next: &Result<Next, String>,
    ) {
        let registry = &mut self.registry;
        registry.items.extend(found.into_iter().map(|item| (item.id.clone(), item)));
        registry.unlisted.extend(left_out);
        match next {
            Err(why) if registry.link == Link::Connecting => {
                (registry.link, registry.is_listing) = (Link::Failed(why.clone()), false);
                self.finished = self.finished.saturating_add(1);
            }
            Err(why) => {
                registry.unlisted.push(why.clone());
                self.listing_ended();
            }
            // Until something is listed it may be another who answers, or a token that is asked for.
            Ok(Next::Ask) if registry.items.is_empty() => {}
            Ok(Next::Ask) => registry.link = Link::Open,
            Ok(_) => {
                registry.link = Link::Open;
                self.listing_ended();
            }
        }
        self.registry_changed();
    }

    /// Chooses a row of a registry that is only read, or takes the choice back.
    pub fn choose_item(&mut self, id: &str) {
        if !self.registry.chosen_items.remove(id) {
            self.registry.chosen_items.insert(id.to_owned());
        }
        self.registry_changed();
    }

    /// Opens the chosen rows, or their digests; what is meant by none is the service's matter.
    pub fn open_items(&mut self, wanted: Wanted) -> Vec<Command> {
        let items: Vec<Item> = self.registry.chosen_items().cloned().collect();
        self.open_shelved(&items, wanted)
    }

    /// Opens one row.
    pub fn open_item(&mut self, id: &str) -> Vec<Command> {
        let items: Vec<Item> = self.registry.items.get(id).cloned().into_iter().collect();
        if items.is_empty() { Vec::new() } else { self.open_shelved(&items, Wanted::Files) }
    }

    fn open_shelved(&mut self, items: &[Item], wanted: Wanted) -> Vec<Command> {
        let talks = self.registry.shelf.as_ref().map(|shelf| shelf.open(items, wanted)).unwrap_or_default();
        talks.into_iter().flat_map(|talk| self.talk(talk, Purpose::Open(SourceKind::Registry))).collect()
    }

    /// Opens the two chosen rows and compares what is in them.
    pub fn compare_registered(&mut self) -> Vec<Command> {
        let paths: Vec<_> = self.registry.chosen.iter().cloned().collect();
        if !self.registry.has_two() {
            return Vec::new();
        }
        self.registry.to_compare = Some(self.next_pick);
        if paths.is_empty() {
            return self.open_items(Wanted::Files);
        }
        let open = |path| self.get_registered(&path, Some(crate::session::Then::Open));
        paths.into_iter().flat_map(open).collect()
    }

    /// Compares the two that were opened for it, once both are there.
    pub(in crate::session) fn compare_opened(&mut self) -> Vec<Command> {
        let Some(before) = self.registry.to_compare else { return Vec::new() };
        let is_one = |path: &String| !path.is_empty();
        let opened = self.checkpoints().filter(|found| found.selection.pick.0 > before);
        let mut firsts: Vec<(crate::session::PickId, String)> = Vec::new();
        for found in opened {
            if !firsts.iter().any(|(pick, _)| *pick == found.selection.pick) {
                firsts.push((found.selection.pick, found.checkpoint.path.clone()));
            }
        }
        order_by(&mut firsts, |(_, a), (_, b)| natural_cmp(a, b));
        let mut paths = firsts.into_iter().map(|(_, path)| path).filter(is_one);
        let (Some(a), Some(b)) = (paths.next(), paths.next()) else { return Vec::new() };
        self.registry.to_compare = None;
        let mut commands = self.choose_comparison(Some(a), Some(b));
        commands.extend(self.compare());
        commands
    }
}

impl Registry {
    /// The service that is connected to, or was last tried.
    pub fn service(&self) -> &'static Service {
        let [first, ..] = &SERVICES;
        self.service.unwrap_or(first)
    }

    /// The chosen rows of a registry that is only read.
    pub fn chosen_items(&self) -> impl Iterator<Item = &Item> {
        self.chosen_items.iter().filter_map(|id| self.items.get(id))
    }

    /// Whether exactly two rows are chosen.
    pub fn has_two(&self) -> bool {
        self.chosen.len().saturating_add(self.chosen_items.len()) == 2
    }
}
