import Testing

@testable import Config

@Suite struct OpenIDLoginReaderTests {
  private static let files = MemoryFiles([
    "/etc/anteroom/oidc.secret": .init("s3cret\nmore"), "/etc/anteroom/oidc.key": .init("x", mode: 0o600),
    "/etc/anteroom/open.key": .init("x", mode: 0o644), "/etc/anteroom/ca.pem": .init("x"),
  ])

  private func login(_ lines: String, site: String = "") -> LoadedConfiguration {
    load("listen 127.0.0.1:80\nsite a.example.com {\nupstream http://127.0.0.1:9000\nlogin oidc {\(lines)}\n\(site)\n}", Self.files)
  }

  private func settings(_ lines: String) -> OpenIDLoginSettings? {
    guard case .openID(let settings) = login(lines).configuration?.sites.first?.logins.first?.kind else { return nil }
    return settings
  }

  private static let least = "issuer https://login.example.com/realms/clinic; client_id anteroom; "

  @Test("the least that is needed, and the defaults of the rest")
  func defaults() throws {
    let loaded = login(Self.least)
    #expect(loaded.diagnostics.isEmpty)
    let site = try #require(loaded.configuration?.sites.first)
    #expect(site.logins == [LoginSettings(.openID(.init(issuer: "https://login.example.com/realms/clinic", clientID: "anteroom")))])
    #expect(site.password == nil)
    let settings = try #require(self.settings(Self.least))
    #expect(settings.credential == .none && settings.scopes == ["openid", "profile", "email"] && settings.allow.isEmpty)
    #expect(settings.claims == .init(user: "preferred_username", name: "name", email: "email", groups: "groups"))
    #expect(settings.maxAge == nil && settings.logout == .provider && settings.responseMode == .query)
    #expect(settings.bearer == nil && settings.accessTokenHeader == nil && settings.authorities == nil)
  }

  @Test("everything can be set")
  func all() {
    let text = """

      issuer https://login.example.com/
      client_id "my client"
      client_secret file:oidc.secret
      scopes profile offline_access
      allow email_domain Clinic.Example
      allow group clinicians
      allow claim tid 1-2
      claims { user sub; name nickname; email mail; groups https://example.com/roles }
      max_age 12h
      logout local
      response_mode form_post
      bearer { audience api://chart; forward yes }
      access_token_header X-Token
      ca ca.pem

      """
    let claims = OpenIDLoginSettings.ClaimNames(user: "sub", name: "nickname", email: "mail", groups: "https://example.com/roles")
    #expect(
      settings(text)
        == OpenIDLoginSettings(
          issuer: "https://login.example.com/", clientID: "my client", credential: .secret("s3cret"),
          scopes: ["openid", "profile", "offline_access"],
          allow: [.emailDomain("clinic.example"), .group("clinicians"), .claim(name: "tid", value: "1-2")], claims: claims,
          maxAge: .seconds(43200), logout: .local, responseMode: .formPost, bearer: .init(audience: "api://chart", forwards: true),
          accessTokenHeader: "X-Token", authorities: "/etc/anteroom/ca.pem"))
    #expect(settings(Self.least + "private_key oidc.key")?.credential == .privateKey(path: "/etc/anteroom/oidc.key"))
    #expect(settings(Self.least + "max_age 0s")?.maxAge == .zero)
    #expect(settings(Self.least + "bearer { audience a }")?.bearer?.forwards == false)
  }

  @Test(
    "`openid` is asked for in any case, and once", arguments: [("profile", ["openid", "profile"]), ("email openid", ["email", "openid"])])
  func scopes(_ text: String, _ expected: [String]) { #expect(settings(Self.least + "scopes \(text)")?.scopes == expected) }

  @Test(
    "an issuer is kept letter by letter",
    arguments: [
      "https://login.example.com", "https://login.example.com/", "https://Login.Example.com:8443/A/b/", "http://127.0.0.1:8080/x",
      "http://[::1]:80",
      "http://localhost/realms/a", "https://10.1.2.3", "https://login_1.internal/", "https://login.microsoftonline.com/1b2c/v2.0",
    ])
  func issuer(_ text: String) { #expect(settings("issuer \(text); client_id a")?.issuer == text) }

  @Test(
    "what cannot be an issuer is an error that names the mend",
    arguments: [
      ("login.example.com", "write it as the provider does"), ("HTTPS://a.example", "with https in small letters"),
      ("ftp://a.example", "write it as the provider does"), ("https://a.example/?x=1", "no query and no fragment"),
      ("https://a.example/#x", "no query and no fragment"), ("https://me@a.example/x", "what stands before the `@`"),
      ("https://me:pw@a.example", "what stands before the `@`"),
      ("https://a.example/.well-known/openid-configuration", "the gateway adds it"),
      ("http://login.example.com", "on loopback only"), ("http://128.0.0.1/", "on loopback only"),
      ("http://localhost.example/", "on loopback only"),
      ("https://", "no usable host"), ("https:///x", "no usable host"), ("https://a.example:0/", "no usable host"),
      ("https://a.example:65536", "no usable host"), ("https://a.example:x", "no usable host"), ("https://[::1", "no usable host"),
      ("https://[1.2.3.4]/", "no usable host"), ("https://::1/", "no usable host"), ("https://a..example/", "no usable host"),
      ("https://é.example/", "visible ASCII"), ("\"https://a.example/x y\"", "visible ASCII"), ("https://a.example\\x", "visible ASCII"),
      ("https://a.example/" + String(repeating: "a", count: 1024), "at most 1024 bytes"),
    ])
  func badIssuer(_ text: String, _ mend: String) {
    let found = messages(login("issuer \(text); client_id a"))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:4:20: error: ") == true && found.first?.contains(mend) == true, "\(found)")
  }

  @Test(
    "anything else is an error, at its place",
    arguments: [
      ("", "4:1: error: `login oidc` has no provider (add `issuer URL`"),
      ("", "4:1: error: `login oidc` has no client (add `client_id NAME`"),
      ("issuer; client_id a", "4:13: error: `issuer` takes one argument"),
      (least + "client_id \"\"", "`client_id` is given twice"),
      ("issuer https://a.example; client_id \"\"", "4:49: error: `` cannot be a client's name"),
      (least + "users users.passwd", "4:81: error: `users` does not belong in `login oidc` (it belongs in `login password`)"),
      (least + "throttle { }", "`throttle` does not belong in `login oidc` (it belongs in `login password`)"),
      (least + "client_secret a; private_key oidc.key", "4:98: error: `private_key` beside `client_secret`"),
      (least + "client_secret file:none", "cannot be read"), (least + "client_secret \"\"", "the secret is not one"),
      (least + "private_key none.key", "4:93: error: the private key none.key cannot be read"),
      (least + "private_key open.key", "every user of this machine may read the private key open.key (chmod o-r open.key)"),
      (least + "ca none.pem", "the file of authorities none.pem cannot be read"),
      ("issuer http://127.0.0.1:1; client_id a; ca ca.pem", "4:53: error: `ca` is about TLS"),
      (least + "scopes", "takes 1 to 50 arguments, not 0"), (least + "scopes \"a b\"", "`a b` is not a scope"),
      (least + "scopes a a", "4:90: error: `a` is named twice"),
      (least + "allow group", "4:87: error: `allow group` takes one value (write `allow group NAME`)"),
      (least + "allow group a b", "takes one value"),
      (least + "allow claim hd", "takes a name and a value (write `allow claim NAME VALUE`)"),
      (least + "allow claim hd a b", "takes a name and a value"), (least + "allow email a", "`email` is not possible here"),
      (least + "allow group a; allow group a", "4:96: error: this `allow` is there already"),
      (
        least + "allow email_domain @clinic.example",
        "4:100: error: `@clinic.example` is not a domain of e-mail addresses (leave the `@` out: clinic.example)"
      ),
      (least + "allow email_domain jo@clinic.example", "what stands behind the `@`"),
      (least + "allow email_domain *.clinic.example", "name each domain"), (least + "allow email_domain clinic", "labels of letters"),
      (least + "allow email_domain .clinic.example", "labels of letters"),
      (least + "allow email_domain klinik-ä.example", "begins with xn--"),
      (least + "allow email_domain 1.2.3.4", "labels of letters"),
      (least + "claims { user }", "`user` takes one argument"), (least + "claims { sub a }", "unknown directive `sub` in `claims`"),
      (least + "claims { user \"\" }", "cannot be a claim"), (least + "max_age 2y", "out of range"), (least + "max_age 10", "needs a unit"),
      (least + "logout all", "4:88: error: `all` is not possible here (write `provider` or `local`)"),
      (least + "response_mode fragment", "(write `query` or `form_post`)"),
      (least + "bearer { forward yes }", "4:81: error: `bearer` without an audience"),
      (least + "bearer { audience a; forward on }", "(write `yes` or `no`)"),
      (least + "bearer { audience \"\" }", "cannot be an audience"),
      (least + "access_token_header Cookie", "4:101: error: `Cookie` belongs to HTTP or to the gateway itself"),
      (least + "access_token_header \"X Token\"", "is not a header name"),
      (least + "issuers x", "did you mean `issuer`?"),
    ])
  func bad(_ text: String, _ message: String) {
    let loaded = login(text)
    let found = messages(loaded)
    #expect(loaded.configuration == nil)
    #expect(found.count == (text.isEmpty ? 2 : 1), "\(found)")
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test(
    "no message shows a secret",
    arguments: ["client_secret \"s3\\ncret\"", "client_secret \"\"", "client_secret s3cret; private_key oidc.key"])
  func secret(_ line: String) {
    let found = messages(login(Self.least + line))
    #expect(!found.isEmpty && !found.contains { $0.contains("cret\"") || $0.contains("s3") })
  }

  @Test("the header for the access token is no other directive's", arguments: ["X-Auth-User", "X-Secret", "x_cliniko_patient_id"])
  func header(_ name: String) {
    let loaded = login(Self.least + "access_token_header \(name)", site: "request { set X-Secret s }\npatient /p")
    #expect(loaded.configuration == nil && loaded.errors.count == 1, "\(messages(loaded))")
  }

  @Test(
    "a program's token is not passed on where `request` says what its field holds",
    arguments: ["set authorization x", "drop Authorization"])
  func forwardedToken(_ line: String) {
    let found = messages(login(Self.least + "bearer { audience a; forward yes }", site: "request { \(line) }"))
    #expect(found.count == 1 && found.first?.contains("5:1: error: `request` and `bearer { forward yes }` both say") == true, "\(found)")
    #expect(login(Self.least + "bearer { audience a }", site: "request { \(line) }").diagnostics.isEmpty)
    #expect(login(Self.least + "bearer { audience a; forward yes }; access_token_header Authorization").diagnostics.isEmpty)
  }

  @Test("two providers of a site may use the same header, since a session has one of them")
  func sharedHeader() {
    let second = "login oidc Others { issuer https://b.example; client_id a; access_token_header X-Token }"
    #expect(login(Self.least + "access_token_header X-Token", site: second).diagnostics.isEmpty)
  }

  @Test(
    "an Entra issuer for every tenant needs a tenant to be named",
    arguments: [
      "https://login.microsoftonline.com/common/v2.0", "https://LOGIN.microsoftonline.com/Organizations/v2.0",
      "https://login.microsoftonline.com//consumers/v2.0", "https://login.microsoftonline.us/common/v2.0",
      "https://login.partner.microsoftonline.cn:443/common/v2.0",
    ])
  func tenants(_ issuer: String) {
    let start = "issuer \(issuer); client_id a; "
    for rules in ["", "allow group a", "allow email_domain clinic.example", "allow claim hd tid"] {
      let found = messages(login(start + rules))
      #expect(found.count == 1 && found.first?.contains("4:20: error: this issuer is every tenant of Microsoft Entra") == true, "\(found)")
    }
    #expect(login(start + "allow claim tid 1; allow claim tid 2").diagnostics.isEmpty)
    let mixed = messages(login(start + "allow claim tid 1; allow email_domain clinic.example"))
    #expect(
      mixed.count == 1 && mixed.first?.contains("error: with an issuer for every tenant this lets in people of any") == true, "\(mixed)")
  }

  @Test("an Entra issuer of one tenant does not")
  func tenant() { #expect(login("issuer https://login.microsoftonline.com/1b2c-3d/v2.0; client_id a").diagnostics.isEmpty) }

  @Test("with Google's issuer, letting everybody in is a warning, and so is a claim that it does not send")
  func google() {
    let start = "issuer https://accounts.google.com; client_id a; "
    let open = login(start + "claims { user email }")
    #expect(open.configuration != nil)
    #expect(
      messages(open).count == 1 && messages(open).first?.contains("4:20: warning: everybody with a Google account may sign in") == true)
    let unnamed = login(start + "allow claim hd clinic.example")
    #expect(unnamed.configuration != nil)
    #expect(messages(unnamed).count == 1 && messages(unnamed).first?.contains("warning: Google sends no `preferred_username`") == true)
    #expect(login(start + "allow claim hd clinic.example; claims { user email }").diagnostics.isEmpty)
  }

  @Test("under `Authorization` a token stands behind `Bearer`")
  func tokenValue() {
    #expect(settings(Self.least + "access_token_header authorization")?.accessTokenValue("t") == "Bearer t")
    #expect(settings(Self.least + "access_token_header X-Token")?.accessTokenValue("t") == "t")
  }
}
