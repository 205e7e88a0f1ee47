extension DirectiveTable {
  static let processDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "workers", in: [.top], "workers auto|NUMBER", arguments: 1...1, fallback: "auto",
      summary: "How many threads serve connections.",
      text: """
        `auto` starts one for each CPU that this process may use (a container's CPU set
        counts). NUMBER is from 1 to 1024. Password hashes are computed on threads of
        their own and never hold up a worker.
        """),
    DirectiveDescription(
      "listen", in: [.top], "listen ADDRESS:PORT [{ ... }]", arguments: 1...1, braces: .optional, opens: .listen, repeatable: true,
      summary: "An address and port to accept browsers on. At least one is needed.",
      text: """
        ADDRESS is numeric, not a name: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:80` for
        every IPv4 address of the machine, `[::]:80` for every address. Port 0 lets the
        system choose a free one; the log line `ready` names it. Every site is served on
        every listener.

        It speaks plain HTTP. On an address that is neither loopback nor private, patient
        addresses and passwords would travel in the clear: start-up warns of it. Where
        something that speaks TLS stands in front, say `scheme https`: without it browsers
        send the origin `https://...` with the login form, the gateway expects
        `http://...`, and refuses the form.
        """),
    DirectiveDescription(
      unsupported: "tls", in: [.listen], "tls CHAIN KEY", summary: "TLS on this listener.",
      instead: "remove it, and listen on loopback or a private network only"),
    DirectiveDescription(
      unsupported: "client_ca", in: [.listen], "client_ca FILE", summary: "Ask browsers for a certificate.", instead: "remove it"),
    DirectiveDescription(
      unsupported: "admin", in: [.top], "admin PATH", summary: "A Unix socket for status and reload.",
      instead: "remove it; SIGTERM ends the gateway"),
    DirectiveDescription(
      "shutdown_timeout", in: [.top], "shutdown_timeout DURATION", arguments: 1...1, fallback: "30s",
      summary: "How long requests in flight may take after SIGTERM or SIGINT.",
      text: """
        The gateway takes the connections that wait in the kernel's queue, stops
        accepting and closes idle connections; what is being answered goes on for at
        most this long. A connection that has had no request yet is given 200 ms to send
        one. A client that is connecting at that very moment may still find its
        connection reset: within the time that a packet takes to it and back. From 0s
        to 1h.
        """),
    DirectiveDescription(
      "include", in: BlockKind.allCases, "include PATTERN", arguments: 1...1, repeatable: true,
      summary: "Takes the directives of other files in, at this place.",
      text: """
        PATTERN is a path; `*`, `?` and sets such as `[0-9]` stand for characters of one
        file or folder name (a name that begins with a dot only where the pattern says
        so). Files are taken in the order of their names. A pattern with a `*`, `?` or
        `[` that fits no file is no fault; a plain name without a file is. It may stand
        in any block: the file then holds directives of that block. Files may include
        others, 10 deep and 500 in all. A relative path in an included file is relative
        to that file.
        """),
  ]
}
