//! The `view!` macro of the page: HTML in Rust, in the syntax of Leptos' macro of that name, as calls of one small builder
//! (`ui::dom`).
//!
//! Leptos' own macro makes a type of every piece of markup and code for each of these types: of this page, 700 kB. A page
//! of calls is a fifth of it. Tag and literal attributes become one string: an element without anything dynamic is one call.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeElement};
use rstml::{Infallible, Parser, ParserConfig};
use syn::spanned::Spanned;
use syn::{Error, Expr, LitStr};

/// Divides the parts of an element's literal, `ui::dom` splits it there: tag, name, value, name, value.
const DIVIDER: char = '\u{1f}';

/// HTML in Rust: elements, `"text"`, `{expressions}`; attributes with literals, expressions or closures that are followed;
/// `class:name=`, `style:name=`, `prop:name=`, `on:event=`, `on:event:target=`, `node_ref=`.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let parser = Parser::new(ParserConfig::default().recover_block(true));
    let (nodes, errors) = parser.parse_recoverable(TokenStream::from(tokens)).split_vec();
    let errors = errors.into_iter().map(|error| error.emit_as_expr_tokens());
    let made = pieces(&nodes).map_or_else(|error| error.to_compile_error(), |pieces| one(&pieces));
    quote!({ #(#errors;)* #made }).into()
}

/// One piece as it is, several as a list.
fn one(pieces: &[TokenStream]) -> TokenStream {
    match pieces {
        [piece] => quote!(crate::ui::dom::markup(#piece)),
        pieces => quote! {{
            let mut pieces = crate::ui::dom::Pieces::new();
            #(pieces.add(#pieces);)*
            pieces.end()
        }},
    }
}

fn pieces(nodes: &[Node]) -> syn::Result<Vec<TokenStream>> {
    let mut pieces = Vec::new();
    for node in nodes {
        match node {
            Node::Element(element) => pieces.push(element_tokens(element)?),
            Node::Text(text) => {
                let value = &text.value;
                pieces.push(quote!(#value));
            }
            Node::Block(block) => pieces.push(quote!(#[allow(unused_braces, reason = "as it was written")] #block)),
            Node::Fragment(fragment) => pieces.extend(self::pieces(&fragment.children)?),
            Node::Comment(_) => {}
            other => return Err(Error::new(other.span(), "only elements, \"text\" and {blocks} stand in a view")),
        }
    }
    Ok(pieces)
}

/// The parts of an element, in calls.
#[derive(Default)]
struct Parts {
    literal: String,
    calls: Vec<TokenStream>,
}

fn element_tokens(element: &NodeElement<Infallible>) -> syn::Result<TokenStream> {
    let tag = element.name().to_string();
    let mut parts = Parts { literal: tag.clone(), calls: Vec::new() };
    for attribute in element.attributes() {
        match attribute {
            NodeAttribute::Attribute(attribute) => parts.attribute(&tag, attribute)?,
            NodeAttribute::Block(block) => return Err(Error::new(block.span(), "an attribute has a name")),
        }
    }
    let children = pieces(&element.children)?;
    let Parts { literal, calls } = parts;
    if calls.is_empty() && children.is_empty() {
        return Ok(quote!(crate::ui::dom::Element::plain(#literal)));
    }
    Ok(quote! {{
        let mut element = crate::ui::dom::Element::new(#literal);
        #(element.#calls;)*
        #(element.child(#children);)*
        element.end()
    }})
}

impl Parts {
    fn attribute(&mut self, tag: &str, attribute: &KeyedAttribute) -> syn::Result<()> {
        let name = attribute.key.to_string();
        let Some(value) = attribute.value() else {
            self.literal(&name, "");
            return Ok(());
        };
        if let Some(event) = name.strip_prefix("on:") {
            self.calls.push(listener(tag, event, value)?);
        } else if name == "node_ref" {
            self.calls.push(quote!(node_ref(#value)));
        } else if let (Some(text), false) = (attribute.value_literal_string(), name.contains(':') || is_switch(value)) {
            self.literal(&name, &text);
        } else {
            let name = LitStr::new(&name, Span::call_site());
            self.calls.push(quote!(attribute(#name, #value)));
        }
        Ok(())
    }

    fn literal(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.literal.push(DIVIDER);
            self.literal.push_str(part);
        }
    }
}

/// `true` and `false` say whether an attribute is there.
fn is_switch(value: &Expr) -> bool {
    matches!(value, Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Bool(_)))
}

/// The listener's event type follows from the event's name, the target's from the tag.
fn listener(tag: &str, event: &str, value: &Expr) -> syn::Result<TokenStream> {
    let (event, is_targeted) = event.strip_suffix(":target").map_or((event, false), |event| (event, true));
    let name = LitStr::new(event, value.span());
    if is_targeted {
        let target = match tag {
            "input" => quote!(web_sys::HtmlInputElement),
            "select" => quote!(web_sys::HtmlSelectElement),
            "textarea" => quote!(web_sys::HtmlTextAreaElement),
            _ => {
                return Err(Error::new(
                    value.span(),
                    "only <input>, <select> and <textarea> have a target of a known type",
                ));
            }
        };
        return Ok(quote!(on_target::<#target>(#name, #value)));
    }
    let kind = match event {
        "click" => quote!(web_sys::MouseEvent),
        "keydown" => quote!(web_sys::KeyboardEvent),
        "focusout" => quote!(web_sys::FocusEvent),
        _ if event.starts_with("pointer") || event == "lostpointercapture" => quote!(web_sys::PointerEvent),
        _ => quote!(web_sys::Event),
    };
    Ok(quote!(on::<#kind>(#name, #value)))
}
