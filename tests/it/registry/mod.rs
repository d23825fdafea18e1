//! The registry client against recorded exchanges of real servers, servers that misbehave, and a real one.

mod conformance;
mod downloads;
mod driver;
mod finding;
mod hub;
mod machine;
mod mlflow;
mod oci;
mod official;
mod real;
mod real_shelves;
mod recorded;
mod replay;
mod session;
