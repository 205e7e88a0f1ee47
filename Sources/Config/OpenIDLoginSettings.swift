/// `login oidc`: an OpenID Connect provider that people sign in with.
package struct OpenIDLoginSettings: Sendable, Equatable {
  /// How the gateway proves to the provider that it is this client.
  package enum Credential: Sendable, Equatable {
    /// A public client: PKCE alone.
    case none
    case secret(String)
    /// `private_key_jwt`: the absolute path of a PEM file.
    case privateKey(path: String)
  }

  /// Whom the provider vouches for and the site lets in. One that fits is enough.
  package enum AllowRule: Sendable, Equatable {
    /// The part of an e-mail address behind the `@`, in lower case.
    case emailDomain(String)
    case group(String)
    case claim(name: String, value: String)
  }

  /// What a logout ends besides the session here.
  package enum Logout: Sendable { case provider, local }

  /// How the provider hands its answer to the browser.
  package enum ResponseMode: Sendable { case query, formPost }

  /// The claims that say who somebody is.
  package struct ClaimNames: Sendable, Equatable {
    package var user: String
    package var name: String
    package var email: String
    package var groups: String

    package init(user: String = "preferred_username", name: String = "name", email: String = "email", groups: String = "groups") {
      self.user = user
      self.name = name
      self.email = email
      self.groups = groups
    }
  }

  /// `bearer`: programs that bring an access token of the provider.
  package struct Bearer: Sendable, Equatable {
    /// What a token's `aud` must name.
    package var audience: String
    /// Whether the app gets the token too.
    package var forwards: Bool

    package init(audience: String, forwards: Bool = false) {
      self.audience = audience
      self.forwards = forwards
    }
  }

  /// Exactly as written: https, or http on loopback; no query, fragment or user information.
  package var issuer: String
  package var clientID: String
  package var credential: Credential
  /// `openid` among them; no two alike.
  package var scopes: [String]
  /// Empty: whoever the provider signs in.
  package var allow: [AllowRule]
  package var claims: ClaimNames
  /// How long ago the provider may have checked the person itself: 0 s to 1 y.
  package var maxAge: Duration?
  package var logout: Logout
  package var responseMode: ResponseMode
  package var bearer: Bearer?
  /// The field that carries the access token to the app.
  package var accessTokenHeader: String?
  /// Absolute path of a PEM file with the authorities of the provider's certificate; `nil` for those of the system.
  package var authorities: String?

  package init(
    issuer: String, clientID: String, credential: Credential = .none, scopes: [String] = ["openid", "profile", "email"],
    allow: [AllowRule] = [], claims: ClaimNames = ClaimNames(), maxAge: Duration? = nil, logout: Logout = .provider,
    responseMode: ResponseMode = .query, bearer: Bearer? = nil, accessTokenHeader: String? = nil, authorities: String? = nil
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.credential = credential
    self.scopes = scopes
    self.allow = allow
    self.claims = claims
    self.maxAge = maxAge
    self.logout = logout
    self.responseMode = responseMode
    self.bearer = bearer
    self.accessTokenHeader = accessTokenHeader
    self.authorities = authorities
  }

  /// What `accessTokenHeader` carries for a token: behind `Bearer` if it is `Authorization`, by itself otherwise.
  package func accessTokenValue(_ token: String) -> String {
    accessTokenHeader.map(HeaderName.folded) == "authorization" ? "Bearer " + token : token
  }
}

extension OpenIDLoginSettings {
  /// The issuer's host, for people.
  package var issuerHost: String {
    let rest = issuer.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst().first ?? "the provider"
    return String(rest)
  }
}
