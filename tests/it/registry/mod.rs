//! The registry client against recorded exchanges of real servers, servers that misbehave, and a real one.

mod conformance;
mod downloads;
mod driver;
mod hub;
mod official;
mod real;
mod recorded;
mod replay;
mod session;
