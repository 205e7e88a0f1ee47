/// What the login page has to show.
package struct LoginForm: Sendable, Equatable {
  /// Why the page is shown again, or differently.
  package enum Notice: Sendable, Equatable {
    /// Unknown user or wrong password: the same words for both.
    case wrongCredentials
    /// Too many failures; the seconds until the next attempt is heard.
    case throttled(retryAfter: Int64)
    /// The form's token no longer held; it has been renewed.
    case staleForm
    /// The session ended while a form of the app was being filled in; what was sent did not arrive.
    case formNotSent
    /// The session ended while a form of the app was being filled in; what was sent waits, and will be offered.
    case formKept
    /// More logins at once than the gateway takes.
    case busy
  }

  package var notice: Notice?
  /// Filled in again after a failure; shown up to 256 characters.
  package var user: String
  /// The sealed address to come back to, or empty.
  package var returnTicket: String
  /// The token against forged forms.
  package var token: String
  /// Whether the ticket leads to a patient: the page says that the patient opens after the login.
  package var opensPatient: Bool

  package init(token: String, returnTicket: String = "", user: String = "", notice: Notice? = nil, opensPatient: Bool = false) {
    self.token = token
    self.returnTicket = returnTicket
    self.user = user
    self.notice = notice
    self.opensPatient = opensPatient
  }
}

extension SitePages {
  /// The login page; its form posts to `/.anteroom/login`. `others` are further ways to sign in, below the form. `host` is the name the
  /// browser used.
  package func login(_ form: LoginForm, others: [LoginChoice] = [], host: String) -> Page {
    let failed = form.notice == .wrongCredentials
    let described: Markup = form.notice == nil ? "" : " aria-describedby=\"notice\""
    let invalid: Markup = failed ? " aria-invalid=\"true\"" : ""
    let userFocus: Markup = form.user.isEmpty ? " autofocus" : ""
    let passwordFocus: Markup = form.user.isEmpty ? "" : " autofocus"
    let lead = form.opensPatient ? "The patient you chose opens as soon as you have signed in." : "Use your account for this application."
    return document(
      title: form.notice?.isError == true ? "Error: Sign in" : "Sign in", host: host,
      main: """
        <h1>Sign in</h1>
        <p>\(lead)</p>
        \(form.notice.map(Self.notice) ?? "")<form method="post" action="/.anteroom/login">
        \(FormField.hidden(FormField.returnTicket, form.returnTicket))\(FormField.hidden(FormField.token, form.token))\
        <label for="user">User name</label>
        <input id="user" name="\(FormField.user)" value="\(form.user, limit: 256)" type="text" autocomplete="username" \
        autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="256" required\(described)\(invalid)\(userFocus)>
        <label for="password">Password</label>
        <input id="password" name="\(FormField.password)" type="password" autocomplete="current-password" \
        required\(described)\(invalid)\(passwordFocus)>
        <button type="submit">Sign in</button>
        </form>
        \(Self.others(others))
        """)
  }

  static func notice(_ notice: LoginForm.Notice) -> Markup {
    let (headline, words): (String, String) =
      switch notice {
      case .wrongCredentials: ("Wrong user name or password.", "Please check both and try again.")
      case .throttled(let seconds):
        ("Too many attempts.", "Please try again in \(Phrase.wait(seconds)). Until then no password is accepted, not even the right one.")
      case .staleForm: ("Please sign in again.", "The page had been open for a while, so it was renewed. Nothing went wrong.")
      case .formNotSent:
        ("Your session had ended.", "What you just sent was not saved. After signing in you return to the page you came from.")
      case .formKept:
        (
          "Your session had ended. What you just sent is kept.",
          "Nothing of it has been saved yet. Sign in within half an hour, and you will be asked whether to send it."
        )
      case .busy: ("Many people are signing in right now.", "Your password was not checked. Please try again in a few seconds.")
      }
    return """
      <div id="notice" class="\(notice.isError ? "notice bad" : "notice")" role="\(notice.isError ? "alert" : "status")">
      <p><strong>\(headline)</strong></p>
      <p>\(words)</p>
      </div>

      """
  }
}

extension LoginForm.Notice {
  var isError: Bool {
    switch self {
    case .wrongCredentials, .throttled, .formNotSent, .busy: true
    case .staleForm, .formKept: false
    }
  }
}
