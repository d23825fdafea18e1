//! A small HTTP server that behaves as badly as it is told, and a client that carries requests natively.

mod client;
mod server;

pub(crate) use client::{Native, download, download_with, exchange};
pub(crate) use server::{Asked, Manners, Reply, Server};
