/// What operators do with a gateway that runs.
extension ManualTopics {
  static let reload = ManualTopics(
    name: "reload", summary: "Changing the configuration while the gateway runs.",
    title: "reload: changing the configuration while it runs",
    text: """
      `anteroom reload --config gateway.conf`, or SIGHUP, has the running gateway read
      gateway.conf anew, with everything that it names: included files, keys, accounts,
      certificates. No connection is dropped by it.

      All of it is read and checked first, as `anteroom check` does, names are looked up
      and new addresses bound; a login page or a patient is served meanwhile as before. If
      anything is wrong, nothing changes: `anteroom reload` prints every fault with its
      place and its mend and ends with 78, and the event log has them too. If all is good
      it takes effect at once in all workers, and the command prints `reloaded`, after
      warnings where there are any.

      Requests that have begun end under the rules that they began under: limits, headers,
      apps. So do WebSockets and streams of events, but for those whose session ends with
      the reload, because its account or key is gone: see the topic `streams`. The next
      request on the same connection is under the new ones. What a client has come by
      stays: a connection of a listener that is gone lives on, and one that came by https
      stays https.

      What goes on as it was: sessions (but for those whose account or key is gone, which
      end at once), return tickets, logouts, login locks and counted failures of sites
      that keep their first host, requests counted at such a site, connections to apps and
      what is known of their health where the settings of `upstream` are the same.

      What takes a restart: `workers`, `state`, `audit`, `admin`. A reload does everything
      else and warns of these by name. Environment variables are those that the process
      was started with.

      A key ring that is empty at a reload is a fault, since a new key would end every
      session; at a start one is made. Accounts and certificates are read again by
      themselves too, within two seconds after their files change.

      SIGHUP is for whoever may send it, and tells its outcome in the event log only.
      Several reloads at the same time come one after the other. `anteroom status` shows
      what came of the last ten.
      """)

  static let status = ManualTopics(
    name: "status", summary: "How the running gateway is: `anteroom status`.", title: "status: how the running gateway is",
    text: """
      `anteroom status --config gateway.conf` asks the running gateway over its `admin`
      socket, and prints for people; with `--json` one object on one line for programs.
      It tells nothing secret, and nothing about a patient or who is signed in.

          listeners       address, connections and their limit; also those that a reload
                          took away and that have connections left
          sites           hosts, requests in flight and waiting, accounts, logins, refused
                          logins and logouts since the start
          upstreams       what health checks say (`up`, `down`, `unknown`, `not checked`);
                          on how many workers one is left out for its failures, or its
                          last connection failed; connections in use and idle
          limits          how much of each bound is taken; of `connections_per_address`
                          the client that has most, of `websockets_per_user` the user
          certificates    their names and their end
          key ring        each key's id (which tells nothing about it), its age, and which
                          one seals
          sessions        are sealed in the browsers' cookies: nobody counts them, and
                          `count` is null
          audit trail     whether records are written; patient requests are refused if not
          logs            lines that wait, and lines that were lost since the start
          reloads         the last ten: when, by what, what came of it, how many faults
          process         its id, and which others a hand-over has left (`upgrade`)

      In JSON all times are seconds since 1970 UTC, and `null` as a limit means none. The
      members are: version, configuration, now, started_at, uptime_seconds, workers
      (count, silent), connections (all, idle, requests_under_earlier_configuration),
      listeners, sites, limits, certificates, keys, sessions, audit, logs, reloads (count,
      last), process (id, predecessors, successor). Later versions may add members.

      Each worker is asked for its numbers and has a second to answer; one that does not
      is named, and missing in the sums: it does something that takes too long.

      Both commands end with 0, with 1 if no gateway answers, and `anteroom reload` with
      78 if the configuration is wrong. The socket is found by the `admin` line of
      gateway.conf, even if something else in that file is wrong.
      """)
}
