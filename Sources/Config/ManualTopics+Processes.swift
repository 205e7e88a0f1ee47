/// What operators do with the process itself.
extension ManualTopics {
  static let upgrade = ManualTopics(
    name: "upgrade", summary: "A new program takes over without a gap: `anteroom upgrade`.",
    title: "upgrade: a new program takes over without a gap",
    text: """
      Put the new program in the place of the old one, then

          anteroom upgrade --config gateway.conf

      The running gateway starts the program anew, by the path and with the command line
      that it was started with itself. The new process reads and checks everything, opens
      logs, keys and stores, and says that it is ready. Then the old one stops accepting,
      the new one takes over what it has written, and accepts: at the same sockets, so
      that whoever connects meanwhile waits for some milliseconds in the kernel's queue,
      and nobody is turned away. The command prints `process N has taken over`.

      If anything goes wrong before that (a program that does not start or ends, a wrong
      configuration, no word within a minute), the new process is ended, the old one goes
      on as if nothing had been, and the command says why: it ends with 78 if the
      configuration is wrong, else with 1.

      It is a restart for the configuration too: `workers`, `audit`, `admin` and listeners
      may be others then, and connections that wait at a listener that is gone are still
      answered by the old process. Only `state` has to be the same folder. Where `admin`
      changes, upgrade with a copy of the file that has the old path: that is where the
      running gateway is asked. Environment variables are those that the old process has.

      The old process ends what it has: requests under way, and each of its connections
      with its next answer, which says `Connection: close`, or once it has been idle for
      `idle_timeout`. Nothing is cut, since a request might be on its way. WebSockets,
      streams of events and downloads go on in it, for at most `handover_timeout`; then it
      ends as after SIGTERM. It ends as well when the new process does. A logout at either
      holds at both at once, and ends WebSockets and streams at both; login locks and long
      return addresses go along. What the old process answers late is in the same logs
      and the same audit trail; where logs are renamed meanwhile, SIGUSR1 is for both.
      As long as both are there, limits on connections, requests and connections to apps
      count for each of them, and failed logins that have locked nobody yet begin anew.
      TLS sessions are not taken up again, but agreed on anew.

      Under systemd, `Type=notify` tells it which process is in charge by now (see the
      README's unit). Elsewhere the process id changes, and the new process is the old
      one's child: whoever waits for the old one to end must not take that for the end.
      Process 1 of a container refuses, since the container would end with it; so would
      one whose process 1 waits for the gateway (`docker run --init`), and the gateway
      cannot know. Start a container of the new image instead.

      Whoever may use the `admin` socket may do all this; which program is started is
      decided by who may write where it is.
      """)

  static let activation = ManualTopics(
    name: "activation", summary: "Sockets that systemd has bound, and what it is told.",
    title: "activation: sockets of a service manager",
    text: """
      Sockets that a service manager passes (LISTEN_PID, LISTEN_FDS; systemd's socket
      units) are used in place of binding: each `listen` gets the socket whose address
      and port are the same, a wildcard that of the same wildcard. Listeners that were not
      passed are bound as usual. With it the gateway needs no right to bind port 443, and
      while it is restarted whoever connects waits for the next process instead of being
      turned away: at the end, what waits at such a socket is left there.

      A socket that no `listen` names keeps the gateway from starting: whoever connected
      there would wait forever. If a reload takes its listener away there is a warning,
      and it is used again when a later reload names it. A socket that is not TCP, that
      does not listen (`Accept=yes`), or that takes IPv4 and IPv6 alike, is a fault too:
      write `BindIPv6Only=ipv6-only`, and one ListenStream for each of the two.

      All workers share such a socket. Bound by the gateway itself, each worker has one
      of its own, which spreads the load more evenly.

      Where NOTIFY_SOCKET is set (`Type=notify`), the service manager hears READY=1 once
      connections are accepted and after each reload, RELOADING=1 before it, STOPPING=1 at
      the end, and MAINPID when another process has taken over.
      """)
}
