/// What happens to a request on its way, and what is written down about it.
extension ManualTopics {
  static let forwarding = ManualTopics(
    name: "forwarding", summary: "How requests and answers are passed on, and what is tried again.",
    title: "forwarding: how requests and answers are passed on",
    text: """
      Path and query go to the app byte for byte. Bodies are passed on as they come, both
      ways, and as fast as both sides take them; trailers are dropped. HTTP/1.0 and
      HTTP/1.1 are spoken to browsers, HTTP/1.1 to the app.

      A request is tried once more, on another upstream if there is one, when it has a
      safe method (GET, HEAD, OPTIONS) and no body, and either no connection came
      about, or a connection that had carried a request before was closed without a byte
      of an answer. Any other request is sent once, and always over a new connection, so
      that none is lost to a connection that the app is just closing.

      `Expect: 100-continue` is answered here, once an upstream is connected; it does not
      go further. Of interim answers (1xx) up to 16 are passed on for each request; an
      app that sends more is taken for broken. The app's own 100 is not passed on.

      `Upgrade` passes for `websocket` only, and only for signed-in users: to others the
      app's answer is one to an ordinary request. See the topic `streams`.

      A message whose end can be understood in two ways is refused, from either side:
      `Transfer-Encoding` with `Content-Length`, two lengths, a transfer coding other
      than chunked, bare line feeds, folded lines. Of such a request the app hears
      nothing, and its connection ends.
      """)

  static let answers = ManualTopics(
    name: "answers", summary: "The statuses with which the gateway itself answers.",
    title: "answers: the statuses that are the gateway's own",
    text: """
      200  pages of the gateway; `healthz`, `readyz` and `session` below /.anteroom/
      302  to the login page, or to where `to` says; 303 for a form, and after login
      400  a message that can be read in two ways; a patient parameter that is empty,
           malformed, repeated or an alias; fields of a trusted proxy that contradict
           each other
      401  not signed in, and not a browser that goes to a page
      403  wrong user name or password; a form of ours without its token or from
           another site; a WebSocket that another site's page opens; a patient of whom
           the app tells this user nothing (`lookup`)
      404  an address below /.anteroom/ that is none; a patient that the app does not
           know (`lookup`)
      405  a method that such an address does not take; TRACE everywhere, since an app
           that served it would send back what the gateway adds
      408  a request that took too long to arrive, or came too slowly
      409  a patient of whom the app knows several (`lookup`)
      413  a body larger than `body`; a form of ours that is larger than any can be
      414  a request line, 431 a head or a number of fields beyond `limits`
      415  a form of ours that is sent in another encoding
      417  an `Expect` other than 100-continue
      421  a host that no site names
      429  too many wrong passwords, with `Retry-After`
      500  a fault of the gateway's own; it is in the log
      501  CONNECT, or a transfer coding other than chunked
      502  the app refuses connections, closes one without an answer, answers what is
           no HTTP, or breaks off before anything of its answer was passed on; or gives
           no answer to `lookup` that makes sense
      503  with `Retry-After`: all upstreams of the site are known to be down (`health`,
           `eject`), or no connection was free in time (`max_connections`, `queue`);
           too many requests or WebSockets at a site, or logins at once; a patient
           request while the audit trail cannot be written; `readyz` while no app is up
      504  no connection within `connect_timeout`, no answer within `upstream_timeout`,
           nothing of a body taken within `upstream_stall_timeout`
      505  a version of HTTP other than 1.0 and 1.1

      Browsers that go to a page get one that says what happened and what to do, and
      shows the request id; programs get application/problem+json (RFC 9457). A request
      that cannot be read gets the latter, and its connection ends. None of it may be
      stored.

      /.anteroom/healthz is 200 as long as the gateway lives, /.anteroom/readyz is 200
      when at least one app is up: as its `health` checks say, and where there are none,
      when it takes connections. Both answer on any host.
      """)

  static let audit = ManualTopics(
    name: "audit", summary: "What is in the audit trail.", title: "audit: what is in the trail",
    text: """
      One file for each day (UTC), audit-YEAR-MONTH-DAY.jsonl, one line of JSON for each
      event, written when the request is over:

          event            outcome
          patient-request  shown, login-required, refused or failed
          login            signed-in, refused or failed
          logout           signed-out
          form             held, sent or destroyed
          refusal          refused

      with `time`, `request` (the request id), `site`, `host`, `user`, `client` (the
      address), `method`, `patient`, `rule` (the patient path that applied), `status`
      and `reason`; null where there is nothing to say. A login that names no account
      has no `user`: what was typed there may be a password. One that failed was given
      up, or could not be judged. `shown` means that the app's answer was passed on
      whole, whatever its status, or that the browser was sent on as `to` says. A `form`
      is one that was sent after its session had ended (topic `forms`): its record comes
      beside the request's own. A `refusal` is a request other than a patient's that was
      turned away: without a login, for a host
      that no site names, or with a form that is not accepted.

      Lines are flushed to the disk, many at a time. From the moment that fails until it
      works again, patient requests are answered 503. Up to 16 MB or 50000 lines wait in
      memory meanwhile; beyond that lines are lost, and the log says how many. Files are
      neither removed nor chained with hashes by this version: see to their keeping.
      """)
}
