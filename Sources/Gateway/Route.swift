import HTTP
import Policy

extension Exchange {
  /// Finds the site, and whether the address is the gateway's own, before anything else is asked.
  func routeRequest(_ connection: ClientConnection) {
    let worker = worker
    let bytes = headBytes
    let span = bytes.span
    let path = head.path.isEmpty ? rootPath.span : span.extracting(head.path.range)
    let survey = PathSurvey(path)
    var isSecure = connection.listener.isSecure
    if worker.settings.hasTrustedProxies {
      askProxy(connection)
      chooseHost()
      if told?.isSecure ?? false { isSecure = true }
    }
    let host = worker.hosts.context(of: span.extracting(hostRange), isSecure: isSecure)
    if let host {
      hostContext = host
      site = host.site
    }
    if let reserved = survey.reserved {
      self.reserved = reserved
      switch reserved {
      case .healthz: return answerHealth()
      case .readyz: return answerReadiness()
      default: break
      }
    }
    if let told, told.isContradictory {
      auditReason = "Forwarded and X-Forwarded fields contradict each other"
      return fail(.badRequest)
    }
    guard let host else { return fail(.unknownHost) }
    // An app that serves TRACE would send back what the gateway has added, its secrets included.
    if case .trace = head.method { return fail(.methodNotAllowed) }
    if let reserved = survey.reserved { return serve(reserved) }
    let state = worker.sites[host.site]
    let query = span.extracting(head.query?.range ?? 0..<0)
    let route = state.settings.policy.route(isGetOrHead: isGetOrHead, path: path, survey, query: query, hasQuery: head.query != nil)
    self.route = route
    authorize(route, span, host, state)
  }
}

let rootPath: [UInt8] = [UInt8(ascii: "/")]
