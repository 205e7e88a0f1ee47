/// Why somebody who was sent to a provider has not been signed in.
package enum SignInTrouble: Sendable, Hashable, CaseIterable {
  /// The provider does not let them into this application, or they turned back there: it says the same of both.
  case denied
  /// The provider wants to see them again.
  case loginRequired
  /// It cannot be reached, or fails.
  case providerUnreachable
  /// No `allow` fits.
  case notAllowed
  /// What it says cannot be believed, or does not say who it is.
  case unusableAnswer
  /// The attempt was begun too long ago.
  case tooOld
  /// The attempt was begun in another browser, or its cookie is gone.
  case otherBrowser

  /// The HTTP status that goes with it.
  package var status: Int {
    switch self {
    case .tooOld, .otherBrowser: 400
    case .denied, .loginRequired, .notAllowed: 403
    case .unusableAnswer: 502
    case .providerUnreachable: 503
    }
  }

  var words: Failure.Words {
    switch self {
    case .denied:
      Failure.Words(
        "You have not been signed in",
        "Either the sign-in was stopped before it was finished, or the service that you sign in with does not let this account into this application. Nothing was opened.",
        "Try again when you are ready. If you need access for your work, ask the person who manages accounts at your clinic.")
    case .loginRequired:
      Failure.Words(
        "Please sign in once more", "The service that you sign in with wants to make sure that it is you. Nothing went wrong.",
        "Try again, and sign in there.")
    case .providerUnreachable:
      Failure.Words(
        "Signing in does not work right now",
        "The service that you sign in with does not answer. Whoever is signed in already can go on working.",
        "Wait a minute, then try again. \(Failure.askSupport)")
    case .notAllowed:
      Failure.Words(
        "Your account may not open this application",
        "You have signed in, but with an account that is not one of those that may come in here. Nothing was opened.",
        "If you have another account, sign in with that one. If you need access for your work, ask the person who manages accounts at your clinic."
      )
    case .unusableAnswer:
      Failure.Words(
        "Signing in did not work", "The service that you sign in with gave an answer that cannot be used. Nothing was opened.",
        "Try again. \(Failure.askSupport)")
    case .tooOld:
      Failure.Words(
        "That took too long", "The sign-in was begun a while ago and does not count any more. Nothing went wrong.", "Begin again.")
    case .otherBrowser:
      Failure.Words(
        "Please sign in again in this browser",
        "The sign-in was begun in another browser or window, or this one keeps no cookies for this site. Nothing was opened.",
        "Cookies must be allowed for this site. Then try again here. \(Failure.askSupport)")
    }
  }
}

extension SitePages {
  /// The page of a login with a provider that came to nothing. `retry` begins again, on the way to the same page or patient; `others` leads
  /// to other logins. `host` is the name the browser used.
  package func signInTrouble(
    _ trouble: SignInTrouble, retry: LoginChoice?, others: LoginChoice?, requestID: String, host: String
  ) -> Page {
    let words = trouble.words
    let kept: Markup = retry == nil ? "" : "<p class=\"lead\">What you wanted to open is kept: it opens after you have signed in.</p>\n"
    var ways = retry?.link(second: false) ?? ""
    if let others { ways += others.link(second: true) }
    if retry == nil, others == nil { ways = startLink("Go to the start page") }
    let request: Markup = requestID.isEmpty ? "" : "<div><dt>Request number</dt><dd id=\"request-id\">\(requestID, limit: 128)</dd></div>\n"
    return document(
      title: words.title, host: host, wide: true,
      main: """
        <h1>\(words.title)</h1>
        <p>\(words.happened)</p>
        <h2>What to do</h2>
        <p>\(words.remedy)</p>
        \(kept)\(ways)<dl>
        <div><dt>Error</dt><dd>\(trouble.status)</dd></div>
        \(request)</dl>

        """)
  }
}
