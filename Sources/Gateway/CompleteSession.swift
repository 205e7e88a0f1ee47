import Session

extension Rules {
  /// A session with what follows from its content. One that its provider, or a logout, has ended, or that is past its lifetime, only says whose it
  /// was.
  func complete(_ content: SessionContent, _ settings: SiteSettings) -> OpenedSession {
    guard content.login != SessionContent.passwordLogin else {
      return OpenedSession(content, identityLines: settings.identityLines(content))
    }
    if content.notAfter <= loop.wallNow / 1000 { return OpenedSession(content, isOver: true) }
    guard let login = settings.openIDLogin(content.login), let provider = providerSessions.session(content.id), !provider.isEnded,
      provider.facts.site == settings.site.name, provider.facts.login == content.login
    else { return OpenedSession(content, isOver: true) }
    // Before the state: what changes in between is seen with the next request.
    let version = provider.version
    let state = provider.state
    var present = content
    present.user = state.account.user
    present.name = state.account.name
    present.email = state.account.email
    present.groups = state.account.groups
    var lines = settings.identityLines(present)
    if let field = login.settings.accessTokenHeader,
      let token = generation.providerSessionSealer.tokens(state.sealedTokens, id: content.id, using: crypto)?.access
    {
      lines += "\(field): \(login.settings.accessTokenValue(token))\r\n".utf8
    }
    return OpenedSession(present, identityLines: lines, provider: provider, providerVersion: version)
  }
}
