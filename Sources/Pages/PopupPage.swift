extension SitePages {
  /// The page that a login in a window of its own ends on: it tells the page that has opened it, and closes. `isAnothers`: somebody else has
  /// signed in than that page was shown to, which is not told. `user` is who is signed in now.
  package func popup(isAnothers: Bool, user: String, host: String) -> Page {
    let signedIn: Markup =
      isAnothers
      ? """
      <h1>Somebody else is signed in now</h1>
      <p>You are signed in as <strong>\(user, limit: 256)</strong>. The page that you came from was opened by somebody else.</p>
      <p class="lead">Close this window, and load that page again before you go on.</p>

      """
      : """
      <h1>You are signed in</h1>
      <p>You are signed in as <strong>\(user, limit: 256)</strong>.</p>
      <p class="lead">You can close this window, and go on where you were.</p>
      <script>\(PopupScript.markup)</script>

      """
    let title = isAnothers ? "Somebody else is signed in now" : "You are signed in"
    return Page(markup(title: title, host: host, wide: false, next: nil, main: signedIn), scripts: [PopupScript.hash])
  }
}

/// What the popup's page runs. A page of another provider on the way may have cut the tie between the two windows: a channel of the same origin
/// reaches the opener all the same.
enum PopupScript {
  /// SHA-256 of `markup` as CSP Level 3 writes it; a test computes it anew.
  static let hash = "sha256-DhWgyh7RCHm6MoIU+MwTBgHoak820GYp8SmXvVsslgE="

  static let markup: Markup = """
    "use strict";(function(){var m={type:"anteroom:signed-in"};\
    try{if(window.opener)window.opener.postMessage(m,location.origin)}catch(e){}\
    try{var c=new BroadcastChannel("anteroom");c.postMessage(m);c.close()}catch(e){}\
    setTimeout(function(){window.close()},50)})();
    """
}
