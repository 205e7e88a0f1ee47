/// A way to sign in, as a link to follow.
package struct LoginChoice: Sendable, Equatable {
  /// What the link says; shown up to 80 characters.
  package var label: String
  /// A path of this site with its query, at most 16 KB: it begins with one `/`, and counts as `/.anteroom/login` otherwise.
  package var address: String

  package init(label: String, address: String) {
    self.label = label
    self.address = address
  }

  /// It looks like a button; a `second` one is quieter.
  func link(second: Bool) -> Markup {
    let safe = SitePages.staysHere(address) && address.utf8.count <= 16_384 ? address : "/.anteroom/login"
    let style: Markup = second ? "button second" : "button"
    return "<a class=\"\(style)\" href=\"\(safe, limit: 16_384)\">\(label, limit: 80)</a>\n"
  }
}

extension SitePages {
  /// The page with the choice between several logins, in their order. `opensPatient` says that a patient opens after the login; `host` is
  /// the name the browser used.
  package func chooseLogin(_ choices: [LoginChoice], notice: LoginForm.Notice?, opensPatient: Bool, host: String) -> Page {
    let lead =
      opensPatient ? "The patient you chose opens as soon as you have signed in. How do you sign in?" : "How do you sign in?"
    return document(
      title: notice?.isError == true ? "Error: Sign in" : "Sign in", host: host,
      main: """
        <h1>Sign in</h1>
        <p>\(lead)</p>
        \(notice.map(Self.notice) ?? "")<nav aria-label="Ways to sign in">
        \(choices.markup { $0.link(second: true) })</nav>

        """)
  }

  /// Links to other logins, below the form of one.
  static func others(_ choices: [LoginChoice]) -> Markup {
    guard !choices.isEmpty else { return "" }
    return """
      <nav aria-label="Other ways to sign in">
      <p class="lead">You sign in otherwise?</p>
      \(choices.markup { $0.link(second: true) })</nav>

      """
  }
}
