/// What stands in front of the gateway, and what stays open through it.
extension ManualTopics {
  static let proxies = ManualTopics(
    name: "proxies", summary: "Balancers and proxies in front: whose address and scheme are believed.",
    title: "proxies: what stands in front",
    text: """
      Without more ado everything belongs to whoever connects: what requests say of other
      addresses is dropped, and `X-Forwarded-*` and `Forwarded` are written anew for the
      app.

      Where TLS ends in front of the gateway, add `scheme https` to the listener. Let
      nothing but that server reach the listener: the app believes that it was https.

      A balancer that passes connections on, and does not look into them:

          listen 10.0.0.5:8080 { scheme https; proxy_protocol 10.0.0.2 }

      A proxy that speaks HTTP:

          listen 10.0.0.5:8080 { scheme https }
          trusted_proxies 10.0.0.2

      Such a proxy must
        - set `X-Forwarded-For` or `Forwarded`, or add to it, on every request;
        - pass the `Host` of the browser on, its port included if that is not the usual
          one (nginx: `proxy_set_header Host $http_host;`), since cookies, forms and
          WebSockets are bound to it;
        - remove what clients send under the names of fields that it does not set itself:
          from trusted proxies `Remote-User`, `X-Original-URL`, `X-Rewrite-URL`,
          `X-Real-IP`, `X-HTTP-Method-Override`, `Proxy` and other `X-Forwarded-...` go on
          to the app, which may obey them. What the gateway itself sets goes on from
          nobody.

      What is believed of a trusted proxy, whose connection it is (by its PROXY header,
      where there is one):

      The client's address is found from the end of the list: the last address that is
      not a trusted proxy's own. What stands before it was sent by the client, and counts
      for nothing. If all are trusted it is the first. Where one that is to be looked at
      is no address, the client is the proxy itself. Addresses may have ports and
      brackets.

      The scheme, on a listener without `scheme`: if `X-Forwarded-Proto` or `proto` says
      https for the client, it is; it never makes http of https. With several values in
      `X-Forwarded-Proto` there must be as many as addresses; the client's own counts.

      The host: the `Host` field alone chooses the site. Only where it names none, and
      `X-Forwarded-Host` or `host` does, that one takes its place everywhere; for
      balancers that cannot pass `Host` on.

      `Forwarded` and `X-Forwarded-*` together must say the same of the client's address,
      scheme and host, or the request is answered 400: a proxy that sets one of them
      passes on what a client sends as the other. The log warns of it, and of addresses
      that are none, once a minute.

      The app gets the client's address, those of the trusted proxies after it, and the
      one whose connection it was, in `X-Forwarded-For` and `Forwarded`; the scheme and
      host that hold for the gateway in `X-Forwarded-Proto`, `X-Forwarded-Host` and
      `Forwarded`.
      """)

  static let streams = ManualTopics(
    name: "streams", summary: "WebSockets and server-sent events.", title: "streams: what stays open",
    text: """
      A WebSocket is for signed-in users: a handshake without a session is an ordinary
      request. It must come from a page of the site (`origin`); then it goes to the app,
      whose 101 opens it. From there on bytes are passed on as they come, both ways. When
      one side has sent its last byte, the other one is told so and may still send.

      An answer of the type text/event-stream is passed on event by event. It may be
      silent for `idle_timeout` of `event_stream`, instead of `upstream_stall_timeout`. It
      ends when the browser closes its connection, or its side of it.
      A proxy in front that collects answers has to be told not to (nginx:
      `proxy_buffering off`).

      How many WebSockets there may be, of all users and of one, `connections` and
      `connections_per_user` of `websocket` say.

      Both count as requests under way, in `requests` and `max_connections` too. Name
      what the page opens by itself in `background`, or the request that opens it keeps
      the session up. What moves afterwards is never activity.

      With `ends_with_session yes`, each is looked at once a second. Its connection is
      closed when its session was ended by a logout, wherever that was, when its account
      is gone or has another password or other groups, and when the session has reached
      its `lifetime`. The access log says `session-ended`. The browser's next attempt is
      answered 401. Idle sessions are told by requests: an open WebSocket does not end
      when its session becomes idle, but when nothing moves on it for `idle_timeout`.
      """)
}
