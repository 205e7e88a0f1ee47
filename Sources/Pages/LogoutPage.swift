extension SitePages {
  /// The page with the logout button; its form posts to `/.anteroom/logout`. `user` is who is signed in, `nil` when nobody is.
  package func logout(token: String, user: String?, host: String) -> Page {
    let who: Markup = user.map { "You are signed in as <strong>\($0, limit: 256)</strong>." } ?? "This ends your session in this browser."
    return document(
      title: "Sign out", host: host,
      main: """
        <h1>Sign out?</h1>
        <p>\(who)</p>
        <p class="lead">Signing out ends the session in every tab of this browser. Save what you are writing first.</p>
        <form method="post" action="/.anteroom/logout">
        \(FormField.hidden(FormField.token, token))<button type="submit" autofocus>Sign out</button>
        </form>
        \(startLink("Stay signed in"))
        """)
  }

  /// What is shown after the logout. `again` leads to a login; without it to the site's own.
  package func signedOut(host: String, again: LoginChoice? = nil) -> Page {
    let again = again ?? LoginChoice(label: "Sign in again", address: "/.anteroom/login")
    return document(
      title: "You are signed out", host: host,
      main: """
        <h1>You are signed out</h1>
        <p>No patient can be opened from this browser until somebody signs in again.</p>
        <p class="lead">On a shared computer, close the tabs that still show a patient.</p>
        \(again.link(second: false))
        """)
  }

  /// What is shown on the way to where somebody else ends the session: the browser goes on to `address` at once, as in `leaveProvider`. An
  /// address that is not of the web leads nowhere.
  package func leaveToSignOut(address: String, host: String) -> Page {
    guard address.hasPrefix("https://") || address.hasPrefix("http://"), address.utf8.count <= 65_536 else { return signedOut(host: host) }
    return document(
      title: "Signing you out", host: host, next: address,
      main: """
        <h1>Signing you out</h1>
        <p>The service that you sign in with ends your session now. Until it says so, you are still signed in.</p>
        <p class="lead">If nothing happens, choose “Continue”.</p>
        <a class="button" href="\(address, limit: .max)">Continue</a>

        """)
  }

  /// What is shown after the logout here, on the way to the provider's own: the browser goes on to `address` at once. A form could not lead
  /// there, since a browser applies `form-action` to where a form's answer sends it. An address that is not of the web leads nowhere.
  package func leaveProvider(address: String, host: String) -> Page {
    guard address.hasPrefix("https://") || address.hasPrefix("http://"), address.utf8.count <= 65_536 else { return signedOut(host: host) }
    return document(
      title: "You are signed out here", host: host, next: address,
      main: """
        <h1>You are signed out here</h1>
        <p>Next, the service that you sign in with signs you out too, so that nobody can come in again with a click.</p>
        <p class="lead">If nothing happens, choose “Continue”.</p>
        <a class="button" href="\(address, limit: .max)">Continue</a>

        """)
  }
}
