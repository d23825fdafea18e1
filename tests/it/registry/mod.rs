//! The registry client against recorded exchanges of real servers, and servers that misbehave.

mod driver;
mod recorded;
mod replay;
mod session;
