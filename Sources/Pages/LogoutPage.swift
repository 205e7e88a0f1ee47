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

  /// What is shown after the logout.
  package func signedOut(host: String) -> Page {
    document(
      title: "You are signed out", host: host,
      main: """
        <h1>You are signed out</h1>
        <p>No patient can be opened from this browser until somebody signs in again.</p>
        <p class="lead">On a shared computer, close the tabs that still show a patient.</p>
        <a class="button" href="/.anteroom/login">Sign in again</a>

        """)
  }
}
