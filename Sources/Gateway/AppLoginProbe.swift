import Config
import EventLoop
import Fetch
import Upstream

/// Asks a site's apps what they would be asked about a stranger, and finds what is wrong with what they answer.
struct AppLoginProbe: Sendable {
  private let settings: AppLoginSettings
  private let host: String
  private let servers: [(origin: String, fetcher: Fetcher, serverName: String?)]

  /// Reads the files of authorities and looks names up; blocks for both.
  /// - Parameter host: as a browser would send it.
  /// - Throws: `Diagnostic`, when a file is faulty.
  init(_ settings: AppLoginSettings, _ site: Site, host: String, pool: BlockingPool) throws(Diagnostic) {
    self.settings = settings
    self.host = host
    var plan = UpstreamPlan([site]) { SocketAddress.resolve(host: $0.host, port: $0.port) }
    try plan.readAuthorities()
    servers = plan.records.map { record in
      let address = record.address
      let name = address.host.contains(":") ? "[\(address.host)]" : address.host
      return (
        "\(address.isSecure ? "https" : "http")://\(name):\(address.port)", Fetcher(pool: pool, client: record.secure?.client),
        record.secure?.serverName
      )
    }
  }

  func findings(on handle: LoopHandle) async -> [ProviderFinding] {
    var found: [ProviderFinding] = []
    for server in servers {
      let probe = server.origin + settings.probe.target
      var more: [ProviderFinding] = []
      for cookie in [nil, "anteroom-check"] {
        guard let answer = await answer(probe, server.fetcher, server.serverName, cookie: cookie, on: handle, into: &more) else { break }
        let findings = Self.findings(probe: answer, at: probe, settings, cookie: cookie)
        more += findings
        // What a stranger gets without a cookie need not be said twice.
        if !findings.isEmpty { break }
      }
      let page = server.origin + settings.page
      if more.allSatisfy({ !$0.isError }),
        let answer = await answer(page, server.fetcher, server.serverName, cookie: nil, on: handle, into: &more)
      {
        more += Self.findings(page: answer, at: page)
      }
      found += more
    }
    return found
  }

  private func answer(
    _ text: String, _ fetcher: Fetcher, _ serverName: String?, cookie: String?, on handle: LoopHandle, into found: inout [ProviderFinding]
  ) async -> FetchAnswer? {
    guard let address = FetchAddress(text) else { return nil }
    var request = FetchRequest(address, accept: cookie == nil && text.hasSuffix(settings.page) ? "text/html" : "application/json")
    request.host = host
    request.serverName = serverName
    if let cookie { request.fields = [("Cookie", Array("\(settings.cookie)=\(cookie)".utf8))] }
    do throws(FetchFault) { return try await fetcher.fetch(request, on: handle) } catch {
      found.append(.error("the app does not answer: \(error)"))
      return nil
    }
  }

  /// What the answer to a stranger's probe shows.
  /// - Parameter cookie: the made-up one that went with it.
  static func findings(
    probe answer: FetchAnswer, at place: String, _ settings: AppLoginSettings, cookie: String?
  ) -> [ProviderFinding] {
    let whom = cookie == nil ? "a stranger" : "a made-up cookie"
    switch AppProbeOutcome(answer, settings.probe.user) {
    case .signedIn(let user):
      let name = user.isEmpty ? "" : " as `\(user)`"
      return [
        .error(
          "\(place) takes \(whom) for signed in\(name), with status \(answer.status): everybody would be let in (name an address that answers 401 or a redirect without a session)"
        )
      ]
    case .notSignedIn(let reason):
      switch answer.status {
      case 200..<300:
        return [
          .warning(
            "\(place) answers \(whom) with status \(answer.status), and is taken for nobody only since \(reason) (look whether the answer to somebody who is signed in is another: it has to be)"
          )
        ]
      case 404, 405, 410, 501:
        return [
          .error(
            "\(place) answers with status \(answer.status): nobody would ever be signed in (name an address of the app that takes GET, and that it has for everybody)"
          )
        ]
      case 400, 421:
        return [
          .error(
            "\(place) answers with status \(answer.status) (does the app know this site's host? See Django's ALLOWED_HOSTS and its like)")
        ]
      default: return []
      }
    case .unknown(_, let reason):
      return [.error("\(place) does not say who is signed in: \(reason) (look at the app's log)")]
    }
  }

  /// What the login page shows.
  static func findings(page answer: FetchAnswer, at place: String) -> [ProviderFinding] {
    switch answer.status {
    case 200..<300: []
    case 300..<400:
      [
        .warning(
          "\(place) leads on to \(answer.fields["location"] ?? "nowhere") (name that address first in `page`, unless it is only for a moment)"
        )
      ]
    default: [.error("\(place) answers with status \(answer.status): nobody could sign in there (name the app's login page in `page`)")]
    }
  }
}
