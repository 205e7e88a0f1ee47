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

        With `tls` in its block it speaks HTTPS, else plain HTTP. Plain HTTP on an address
        that is neither loopback nor private lets patient addresses and passwords travel
        in the clear: start-up warns of it. Where something that speaks TLS stands in
        front, say `scheme https`: without it browsers send the origin `https://...` with
        the login form, the gateway expects `http://...`, and refuses the form.
        """),
    DirectiveDescription(
      "tls", in: [.listen], "tls CERTIFICATE KEY", arguments: 2...2, repeatable: true,
      summary: "Speaks TLS on this listener, with this certificate.",
      text: """
        Both are PEM files: the certificate followed by its chain, and its key, which only
        the gateway may read. Several `tls` lines are chosen from by the name that a browser
        asks for (SNI): an exact name wins over a wildcard, which stands for one label, and
        of two certificates for one name with keys of different kinds (RSA, ECDSA) the
        browser chooses. Who asks for no name, or for another one, gets the first. Every
        site is served whatever certificate was chosen; nothing but the certificate
        depends on the name.

        The files are looked at every few seconds, and new ones are used for new
        connections. As long as a new pair is broken, or its key and certificate do not fit
        each other, the old one stays in force, and the log says why. A file beside the
        certificate whose name has `.ocsp` at its end is the authority's word that the
        certificate is still good (OCSP, in DER). It is sent along (stapled) if it is about
        this certificate, signed by its issuer, says `good`, and its time is not over; the
        log and `anteroom check` warn of one that is not. See the topic `https`.
        """),
    DirectiveDescription(
      "client_ca", in: [.listen], "client_ca FILE [optional]", arguments: 1...2,
      summary: "Asks browsers for a certificate of these authorities.",
      text: """
        FILE is PEM. A browser without a certificate, or with one that none of the
        authorities stands for, gets no connection; with `optional`, one without any does.
        It comes on top of the login, and does not take its place.

        The app is told what the handshake has shown:

            X-Client-Certificate-Verified     SUCCESS, or NONE if there was no certificate
            X-Client-Certificate-Subject      CN=ann,O=Harbour Physio
            X-Client-Certificate-Issuer       CN=Staff Authority
            X-Client-Certificate-Fingerprint  SHA-256 of it, 64 hexadecimal digits

        Names are written as RFC 4514 says, the last part first; what is not printable
        ASCII, and what has a meaning there, is escaped: `\\C3\\A9` for é. A name that is
        empty, or has more than 2 KB, is left out. Fields that begin with
        `X-Client-Certificate` are the gateway's alone on every listener: none that a
        client sends reaches the app, and no directive can set one. Requests of
        `trusted_proxies` carry none of them: the certificate is the proxy's, not that of
        whose request it passes on.
        """),
    DirectiveDescription(
      "redirect", in: [.listen], "redirect https [PORT]", arguments: 1...2,
      summary: "Sends browsers from this plain listener to https.",
      text: """
        Every request for a host of some site is answered 301 (308 if it is neither GET nor
        HEAD) with the same host, path and query under https, at PORT if that is not 443.
        Nothing else is served here but /.anteroom/healthz and readyz; no cookie is set or
        read.
        """),
    DirectiveDescription(
      "admin", in: [.top], "admin PATH", arguments: 1...1,
      summary: "A Unix socket for `anteroom status`, `reload` and `upgrade`.",
      text: """
        Without this line there is no socket, and SIGHUP alone reloads. Its folder is made
        if it is missing, and must not be open to other users of the machine. The socket
        has mode 0600, and answers root and the user that the gateway runs as. One that a
        process has left behind is replaced; one at which a process answers keeps the
        gateway from starting. The path has at most 107 bytes once it is absolute. A
        change takes a restart. `anteroom help status` shows what it tells.
        """),
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
      "handover_timeout", in: [.top], "handover_timeout DURATION", arguments: 1...1, fallback: "1h",
      summary: "How long the old process may go on after `anteroom upgrade`.",
      text: """
        After a hand-over the new process accepts, and the old one ends what it has: each
        of its connections with the next answer, or once it has been idle for
        `idle_timeout`. WebSockets, streams of events and long downloads go on in it, at
        most for this long, and then for `shutdown_timeout` as after SIGTERM. From 0s to
        7d. See the topic `upgrade`.
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
