import HTTP
import Policy

extension Exchange {
  /// Finds the site, and whether the address is the gateway's own, before anything else is asked.
  func routeRequest(_ connection: ClientConnection) {
    let bytes = headBytes
    let span = bytes.span
    let path = head.path.isEmpty ? rootPath.span : span.extracting(head.path.range)
    let survey = PathSurvey(path)
    var isSecure = connection.listener.isSecure
    if rules.believesProxies {
      askProxy(connection)
      chooseHost()
      if told?.isSecure ?? false { isSecure = true }
    }
    let host = rules.hosts.context(of: span.extracting(hostRange), isSecure: isSecure)
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
    if let port = connection.listener.redirectPort, !isSecure { return redirectToHTTPS(port) }
    // An app that serves TRACE would send back what the gateway has added, its secrets included.
    if case .trace = head.method { return fail(.methodNotAllowed) }
    if let reserved = survey.reserved { return serve(reserved) }
    let state = rules.sites[host.site]
    if head.query != nil, takesHeldForm(state.settings) { return }
    let query = span.extracting(head.query?.range ?? 0..<0)
    let route = state.settings.policy.route(isGetOrHead: isGetOrHead, path: path, survey, query: query, hasQuery: head.query != nil)
    self.route = route
    authorize(route, span, host, state)
  }

  /// Sends a browser that came without TLS to the same address under https, whoever it is and whatever it wants.
  @inline(never)
  private func redirectToHTTPS(_ port: UInt16) {
    let host = hostText
    let colon = host.lastIndex(of: ":").flatMap { host[$0...].contains("]") ? nil : $0 } ?? host.endIndex
    var location = [UInt8]("https://\(host[..<colon])".utf8)
    if port != 443 { location += [UInt8](":\(port)".utf8) }
    if head.path.isEmpty { location += rootPath }
    location += headBytes[head.pathAndQuery.range]
    respond(.redirect(isGetOrHead ? 301 : 308, to: location))
  }
}

let rootPath: [UInt8] = [UInt8(ascii: "/")]
