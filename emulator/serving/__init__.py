"""What a start needs beside the application: a socket, HTTP with limits, TLS, and words for people."""
