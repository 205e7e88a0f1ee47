extension DirectiveTable {
  static let filesDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "keys", in: [.top], "keys FOLDER", arguments: 1...1, fallback: "keys/ beside gateway.conf",
      summary: "The folder of the key ring that seals sessions and return addresses.",
      text: """
        Made with a first key and safe modes when the gateway first runs; it may be
        read-only afterwards. Several gateways that serve the same sites share one ring.
        Keep it as you would keep a password: who reads it can sign in as anybody. A key
        that every user of the machine may read or change is an error.
        """),
    DirectiveDescription(
      "state", in: [.top], "state FOLDER", arguments: 1...1, fallback: "state/ beside gateway.conf",
      summary: "The folder of what must survive a restart: logouts and login locks.",
      text: """
        Made with safe modes when the gateway first runs, and must be writable. Without
        what is in it, a session that was ended by a logout would be good again after a
        restart.
        """),
    DirectiveDescription(
      "audit", in: [.top], "audit FOLDER", arguments: 1...1, fallback: "audit/ beside gateway.conf",
      summary: "The folder of the audit trail: who opened which patient's record, when and from where.",
      text: """
        Made with safe modes when the gateway first runs, and must be writable. It holds
        one line of JSON for each patient request, login, logout and refusal, in one file
        for each day (UTC). It is the only place where patient ids are written down: keep
        it as you keep the records themselves. From the moment a line cannot be written
        patient requests are answered 503; lines wait in memory and are tried again each
        second. See the topic `audit` below.
        """),
    DirectiveDescription(
      "log", in: [.top], "log stderr|FILE [text|json]", arguments: 1...2, fallback: "stderr text",
      summary: "Where events go: start-up, warnings, failures.",
      text: """
        A file is made if need be, added to, and opened again on SIGUSR1, so that it can
        be rotated; its folder must exist. `text` is for people, `json` (one object a
        line) for collectors.
        """),
    DirectiveDescription(
      "access_log", in: [.top], "access_log stderr|FILE [text|json] | access_log off", arguments: 1...2, fallback: "stderr text",
      summary: "Where the line goes that each request leaves.",
      text: """
        The topic `logs` shows what is in the line. It never has the query, and a path segment with six or more digits is masked, so
        that no patient id gets into it. `off` writes none; the audit trail goes on.
        """),
  ]
}
