//! Everything on screen, as a file.

use crate::manifest::Form;
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::web::download;

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let included = client.memo(|session| {
        [
            ("verification", session.verification.is_some(), "#/integrity"),
            ("comparison", session.comparing.result.is_some(), "#/compare"),
            ("retention plan", session.planning.plan.is_some(), "#/retention"),
        ]
    });
    let json = move |_| save(client, "weighbridge-report.json", "application/json", Session::report_json);
    let markdown = move |_| {
        save(client, "weighbridge-report.md", "text/markdown", |session| session.report_markdown().into_bytes());
    };
    let sarif = move |_| {
        save(client, "weighbridge-report.sarif", "application/sarif+json", |session| {
            session.report_sarif().into_bytes()
        });
    };
    let html = move |_| {
        save(client, "weighbridge-report.html", "text/html", |session| session.report_html().into_bytes());
    };
    let parts = move || {
        let row = |(name, is_there, page): (&'static str, bool, &'static str)| {
            let (class, symbol, words) = if is_there {
                ("state ok", Icon::Ok, "included")
            } else {
                ("state plain", Icon::Open, "not asked for yet")
            };
            view! { <li><span class=class>{icon(symbol)}<span>{name}</span></span><span class="faint">{words}</span><a class="small" href=page>"go there"</a></li> }
        };
        included.get().into_iter().map(row).collect::<Markup>()
    };
    view! {
        <div class="page">
            <section class="section">
                <h2>"Report"</h2>
                <p class="reading">"Every fact on screen: sources, runs, checkpoints, tensors, findings, and what was not examined. The JSON has a fixed schema for scripts; the Markdown is the same for people, the HTML a page that needs nothing else."</p>
                <ul class="checklist">{parts}</ul>
                <div class="controls">
                    <button type="button" class="button primary" data-testid="report-json" on:click=json>{icon(Icon::Download)}"Save as JSON"</button>
                    <button type="button" class="button" data-testid="report-markdown" on:click=markdown>{icon(Icon::Download)}"Save as Markdown"</button>
                    <button type="button" class="button" data-testid="report-sarif" title="The findings in SARIF 2.1.0, for code scanning" on:click=sarif>{icon(Icon::Download)}"Save as SARIF"</button>
                    <button type="button" class="button" data-testid="report-html" on:click=html>{icon(Icon::Download)}"Save as HTML"</button>
                </div>
            </section>
            {manifest(client)}
        </div>
    }
}

/// Offers what is written as a file.
pub(super) fn save(client: Client, name: &'static str, mime: &'static str, write: impl FnOnce(&Session) -> Vec<u8>) {
    let bytes = client.peek(write);
    if let Err(cause) = download(name, mime, &bytes) {
        client.refused(name, &cause);
    }
}

/// The digests that were computed, as a manifest.
fn manifest(client: Client) -> Markup {
    let is_hashed = client.memo(Session::has_manifest);
    let write = move |form: Form| {
        save(client, form.file_name(), "application/octet-stream", |session| {
            session.manifest(form).unwrap_or_default().into_bytes()
        });
    };
    let forms = move || {
        if !is_hashed.get() {
            return view! { <p class="soft">"Verify first: a manifest is written of the SHA-256 digests that were computed."</p> };
        }
        view! {
            <div class="controls">
                <button type="button" class="button" data-testid="manifest-sums" on:click=move |_| write(Form::Sha256Sums)>{icon(Icon::Download)}"SHA256SUMS"</button>
                <button type="button" class="button" data-testid="manifest-json" on:click=move |_| write(Form::Json)>{icon(Icon::Download)}"JSON"</button>
                <button type="button" class="button" data-testid="manifest-statement" title="The in-toto statement that OpenSSF Model Signing signs" on:click=move |_| write(Form::Statement)>{icon(Icon::Download)}"Unsigned OMS statement"</button>
            </div>
        }
    };
    view! {
        <section class="section">
            <h2>"Manifest"</h2>
            <p class="reading">"The SHA-256 that each file was found to have, whatever another manifest says of it, for sha256sum -c and other tools. Put it into the folder that was opened."</p>
            {forms}
        </section>
    }
}
