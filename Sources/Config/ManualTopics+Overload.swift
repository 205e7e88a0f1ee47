/// What happens when there is too much, and what it may take.
extension ManualTopics {
  static let overload = ManualTopics(
    name: "overload", summary: "What happens when there are too many, or when they are too slow.",
    title: "overload: too many at once, and too slow",
    text: """
      Connections are bounded in all (`connections` in `limits`), for each listener
      (`connections` in its block) and for each client address
      (`connections_per_address`); requests that are with an app for each site
      (`requests` in its `limits`). All workers share these counts.

      When there are as many connections as there may be, the one that has been idle
      longest is closed for each further one. Idle is what has no request under way:
      silent since it was made, in the middle of a request's head, or between two
      requests. One whose next request has just arrived is not closed, and a new one is
      given 200 ms to say what it wants. Where none is idle, the gateway does not accept
      any more: further connections wait in the kernel's queue (4096 for each listener
      and worker, or net.core.somaxconn where that is less), and are accepted as others
      end or become idle. The common limit
      closes connections of any listener, a listener's own closes its own. Beyond
      `connections_per_address` a connection is reset, since those of others stand in
      the same queue.

      Who is slow is ended:

          a request's head    within `header_timeout`, from its first byte to its last;
                              a new connection's silence counts as well     408
          a request's body    `body_rate`, after `rate_grace`                408
          an answer           `send_rate`, after `rate_grace`                reset
          standing still      `idle_timeout`, in a body or an answer         408, reset
          between requests    `idle_timeout`                                 closed

      Each connection takes a file descriptor, another while the app answers, and two
      more while a long body is under way.
      `anteroom run` raises its limit of open files as far as the system lets it, and
      warns at start-up if that is less than twice `connections`. It then accepts no
      more than can be served: a connection counts for two descriptors, and for one
      while it is idle after a request. When descriptors run out, the log says so once;
      idle connections are closed to make room, the oldest first, those that are kept to
      apps as well, and where there are none, accepting pauses until a connection ends
      or becomes idle. The log says as well when there are enough again. A tenth of the
      descriptors, at least 8 and at most 64, is kept back for files.

      Overload elsewhere is answered 503 with `Retry-After`: too many requests at a
      site, too many passwords to check at once (`pending_logins`).

      A check of /.anteroom/healthz is never refused for too many requests, but it needs
      a connection as everybody does: while all are busy it waits in the queue. A load
      balancer that gets no answer in time sends its visitors elsewhere until there is
      room again, as it should, and would with HAProxy or nginx. A watchdog that restarts
      what does not answer must not be caught in that. Give it a listener of its own, and
      keep places for it by a limit for the others that is below the common one:

          limits { connections 10000 }
          listen 0.0.0.0:8080 { connections 9900 }
          listen 127.0.0.1:8081                      # for the watchdog
      """)

  static let memory = ManualTopics(
    name: "memory", summary: "How much memory the gateway may take, as a formula.", title: "memory: how much the gateway may take",
    text: """
      Everything that others can make grow has a bound. At the very most it is the sum of

          the program                        24 MB
          each worker                        40 MB
          each connection                    1.5 KB
          each request with an app           4 x BUFFER + 256 KB
                                             (512 KB with the defaults)
          each connection kept to an app     1.5 KB
                                             (upstream_idle x workers x upstreams)
          each connection over TLS           16 KB more; to an https app 44 KB more
          each TLS handshake under way       180 KB (`handshakes`)
          each request over TLS              320 KB more, and again if its app is https
          each password being checked        16 MB (one for each worker; yescrypt as
                                             `anteroom passwd` makes it)
          each site                          throttle_entries x 1.5 KB
          pending_returns                    header_bytes each
          provider_sessions                  4 KB each, where a site has `login oidc`
          held_forms                         as it says; while one is read or sent, up
                                             to 3 times its length more
          logouts that are remembered        100 bytes each, and again for each worker;
                                             until the longest session is over, at most
                                             1048576
          each log                           8 MB
          the audit trail                    16 MB

      where BUFFER is header_bytes + 16k, and at least 64k.

      What a request takes depends on how it moves. A buffer is lent to a connection
      only while there are bytes in it: a request that waits for its app holds none, a
      small one that is answered holds two or three for an instant, and only one whose
      bytes wait on both sides, for a client or an app that does not take them, holds
      all. Bodies are never held whole, but for forms that
      wait for a login (topic `forms`). A worker keeps up to 256 buffers of each kind
      for the next requests, and what came of the session cookies of the last minute:
      these are most of its 40 MB.

      So a gateway that is to stay below 512 MB whatever happens, with 2 workers and
      one site, has 512 - 24 - 2 x 40 - 2 x 16 - 75 - 16 - 16 - 16, or some 250 MB, for
      connections and requests:

          limits { connections 5000; held_forms 0 }
          site app.example.com {
              limits { requests 480 }
              ...
          }

      Over TLS the connections take 5000 x 16 KB of that, and with `handshakes 200` these
      36 MB: some 130 MB are left, for `requests 160`.

      In ordinary use it is far less: some 30 MB, 1 KB for each idle connection (16 KB
      over TLS), a few KB for each request that waits for its app, some 45 KB for a
      handshake that a client has begun and does not go on with, and 60 KB more for a
      reader over TLS that does not take its answer.

      The kernel's buffers are not in this. They are bounded for each connection by
      net.ipv4.tcp_rmem and tcp_wmem, and for the whole machine by net.ipv4.tcp_mem. A
      crowd of slow readers may come to the latter, which slows every connection of the
      machine: then lower `connections`, or the largest value of tcp_wmem. Long bodies,
      from 128 KB on, pass through pipes inside the kernel: at most 128 for each worker,
      with two descriptors and up to 256 KB each. Where there is no pipe, a body is
      copied.
      """)
}
