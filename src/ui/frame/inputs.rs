//! The two file inputs, there from the start: buttons anywhere press them.

use wasm_bindgen_futures::spawn_local;
use web_sys::{DataTransfer, HtmlInputElement};

use crate::ui::Client;
use crate::ui::dom::*;
use crate::web::{dropped, from_list};

/// The inputs. Cheap to copy; in the context of every component.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Inputs {
    client: Client,
    files: NodeRef<HtmlInputElement>,
    folder: NodeRef<HtmlInputElement>,
}

impl Inputs {
    /// Provides the inputs to every component below.
    pub(in crate::ui) fn provide(client: Client) -> Self {
        let inputs = Self { client, files: NodeRef::new(), folder: NodeRef::new() };
        provide_context(inputs);
        inputs
    }

    /// The inputs that an outer component provides.
    pub(in crate::ui) fn expect() -> Self {
        expect_context()
    }

    /// Asks the user for files.
    pub(in crate::ui) fn pick_files(self) {
        press(self.files);
    }

    /// Asks the user for a folder.
    pub(in crate::ui) fn pick_folder(self) {
        press(self.folder);
    }

    /// Opens what was dropped.
    pub(in crate::ui) fn take_drop(self, data: &DataTransfer) {
        let dropped = dropped(data);
        let client = self.client;
        spawn_local(async move {
            match dropped.collect().await {
                Ok(picked) => client.open(picked),
                Err(cause) => client.refused("what was dropped", &cause),
            }
        });
    }

    /// The inputs themselves.
    pub(in crate::ui) fn view(self) -> Markup {
        let client = self.client;
        view! {
            <div class="hidden-label">
                <input type="file" multiple=true data-testid="open-files" aria-label="Open files" tabindex="-1" node_ref=self.files
                    on:change:target=move |event| open(client, &event.target())/>
                <input type="file" multiple=true prop:webkitdirectory=true data-testid="open-folder" aria-label="Open a folder"
                    tabindex="-1" node_ref=self.folder on:change:target=move |event| open(client, &event.target())/>
            </div>
        }
    }
}

fn press(input: NodeRef<HtmlInputElement>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

fn open(client: Client, input: &HtmlInputElement) {
    let picked = input.files().map(|list| from_list(&list)).unwrap_or_default();
    // The same files can be chosen again.
    input.set_value("");
    client.open(picked);
}
