extension SitePages {
  /// The page of a failure: what happened, what to do, the request id. `host` is the name the browser used, empty when it is not known or
  /// not to be shown; `retryAfter`, in seconds, says when to try again.
  package func error(_ failure: Failure, requestID: String, host: String, retryAfter: Int64? = nil) -> Page {
    let again: Markup = retryAfter.map { "<p>Please try again in \(Phrase.wait($0)).</p>\n" } ?? ""
    let request: Markup = requestID.isEmpty ? "" : "<div><dt>Request number</dt><dd id=\"request-id\">\(requestID, limit: 128)</dd></div>\n"
    return document(
      title: failure.title, host: host, wide: true,
      main: """
        <h1>\(failure.title)</h1>
        <p>\(failure.happened)</p>
        <h2>What to do</h2>
        <p>\(failure.remedy)</p>
        \(again)\(wayOut(failure))<dl>
        <div><dt>Error</dt><dd>\(failure.status)</dd></div>
        \(request)</dl>

        """)
  }

  private func wayOut(_ failure: Failure) -> Markup {
    switch failure {
    case .signInNeeded: "<a class=\"button\" href=\"/.anteroom/login\">Sign in</a>\n"
    case .badRequest, .patientMissing, .patientEmpty, .patientMalformed, .patientRepeated, .patientAlias, .patientUnknown, .patientSeveral,
      .formRefused, .forbidden,
      .notFound, .methodNotAllowed, .addressTooLong, .loginBusy:
      startLink("Go to the start page")
    default: ""
    }
  }
}
