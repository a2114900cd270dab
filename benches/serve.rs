//! The pre-rendered server by itself, for clients in other languages. See `benches/README.md`.

mod server;

fn main() -> std::io::Result<()> {
    server::serve(server::records_wanted())
}
