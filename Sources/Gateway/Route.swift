import HTTP
import Policy

extension Exchange {
  /// Finds the site, and whether the address is the gateway's own, before anything else is asked.
  func routeRequest() {
    let survey = surveyPath()
    if let reserved = survey.reserved {
      self.reserved = reserved
      switch reserved {
      case .healthz: return answerHealth()
      case .readyz: return answerReadiness()
      default: break
      }
    }
    guard let state = siteState else { return fail(.unknownHost) }
    // An app that serves TRACE would send back what the gateway has added, its secrets included.
    if head.method == .trace { return fail(.methodNotAllowed) }
    if let reserved { return serve(reserved) }
    let route = route(state.settings.policy, survey)
    self.route = route
    authorize(route)
  }

  // On their own, so that nobody holds the head's bytes any more when an answer is complete and its exchange is used again.

  /// Finds the host's site, and what the path is like.
  private func surveyPath() -> PathSurvey {
    let bytes = headBytes
    let span = bytes.span
    let isSecure = connection?.listener.isSecure ?? false
    if let host = worker.hosts.context(of: span.extracting(head.host.range), isSecure: isSecure) {
      hostContext = host
      site = host.site
    }
    return PathSurvey(head.path.isEmpty ? rootPath.span : span.extracting(head.path.range))
  }

  private func route(_ policy: SitePolicy, _ survey: PathSurvey) -> Route {
    let bytes = headBytes
    let span = bytes.span
    return policy.route(
      isGetOrHead: isGetOrHead, path: head.path.isEmpty ? rootPath.span : span.extracting(head.path.range), survey,
      query: span.extracting(head.query?.range ?? 0..<0), hasQuery: head.query != nil)
  }
}

let rootPath: [UInt8] = [UInt8(ascii: "/")]
