import HTTP
import Policy

extension Exchange {
  /// Finds the site, and whether the address is the gateway's own, before anything else is asked.
  func routeRequest() {
    let bytes = headBytes
    let span = bytes.span
    let path = head.path.isEmpty ? rootPath.span : span.extracting(head.path.range)
    let survey = PathSurvey(path)
    var isSecure = connection?.listener.isSecure ?? false
    if worker.settings.hasTrustedProxies, let connection {
      askProxy(connection)
      chooseHost()
      if told?.isSecure ?? false { isSecure = true }
    }
    if let host = worker.hosts.context(of: span.extracting(hostRange), isSecure: isSecure) {
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
    guard let state = siteState else { return fail(.unknownHost) }
    // An app that serves TRACE would send back what the gateway has added, its secrets included.
    if head.method == .trace { return fail(.methodNotAllowed) }
    if let reserved { return serve(reserved) }
    let query = span.extracting(head.query?.range ?? 0..<0)
    let route = state.settings.policy.route(isGetOrHead: isGetOrHead, path: path, survey, query: query, hasQuery: head.query != nil)
    self.route = route
    authorize(route)
  }
}

let rootPath: [UInt8] = [UInt8(ascii: "/")]
