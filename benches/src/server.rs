//! The server for both sides, in a separate process.

use std::io::{Read as _, Write as _, stdin};
use std::net::{TcpListener, TcpStream};
use std::thread;

use cashfree_vkyc::sandbox::Sandbox;

/// Prints its address, and responds to every request on a keep-alive connection with the published sample, until its input ends.
pub(crate) fn serve() {
    let body = serde_json::to_string(&Sandbox::published_sample()).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let answer = format!("{head}{body}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), answer.clone());
            thread::spawn(move || converse(stream, answer.as_bytes()));
        }
    });
    let _ = stdin().read_to_end(&mut Vec::new());
}

fn converse(mut stream: TcpStream, answer: &[u8]) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|length| length > 0) && stream.write_all(answer).is_ok() {}
}
