import Testing

@testable import Config

@Suite struct LoginReaderTests {
  private func login(_ text: String, _ files: MemoryFiles = MemoryFiles()) -> LoadedConfiguration {
    load("listen 127.0.0.1:80\nsite a.example.com {\nupstream http://127.0.0.1:9000\n\(text)\n}", files)
  }

  @Test("the accounts file and the throttle")
  func good() {
    let plain = login("login password { users users.passwd }").configuration?.sites.first?.password
    #expect(plain == PasswordLoginSettings(users: "/etc/anteroom/users.passwd"))
    let tuned = login("login password { users /etc/anteroom/./users.passwd; throttle { account 3 in 1m; address 9 in 2h; lock 30s } }")
      .configuration?.sites.first?.password
    #expect(tuned?.users == "/etc/anteroom/users.passwd")
    #expect(tuned?.throttle.account == .init(count: 3, window: .seconds(60)))
    #expect(tuned?.throttle.address == .init(count: 9, window: .seconds(7200)))
    #expect(tuned?.throttle.lock == .seconds(30))
  }

  @Test(
    "anything else is an error",
    arguments: [
      ("login app", "takes a block, before it perhaps a title, and nothing else"),
      ("login app { page /login; signed_in cookie sid }", "cannot ask the app who is signed in"),
      ("login forward http://x", "takes a block, before it perhaps a title, and nothing else"),
      ("login magic {}", "not a way to sign in"),
      ("login password", "takes a block, before it perhaps a title, and nothing else (write `login password { users FILE }`)"),
      ("login password x y { users users.passwd }", "and nothing else"), ("login password { }", "no accounts file"),
      ("login password { users }", "takes one argument, not 0"),
      ("login password { users users.passwd; throttle { account 5 per 10m } }", "`in` is expected"),
      ("login password { users users.passwd; throttle { account 5 } }", "takes 3 arguments, not 1"),
      ("login password { users users.passwd; throttle { address 0 in 10m } }", "out of range"),
      ("login password { users users.passwd; throttle { lock 31d } }", "out of range"),
      ("login password { users users.passwd; throttle { lock 15 } }", "it needs a unit: `15s`"),
      ("login password { users users.passwd; throttle { lock 15\" } }", "in the middle of a word"),
      (
        "login password { users users.passwd }\nlogin password { users users.passwd }",
        "`login password` is given twice (the first is at line 4; keep one)"
      ),
      ("", "this site has no `login`"),
    ])
  func bad(_ text: String, _ message: String) {
    let found = messages(login(text))
    #expect(found.count == 1)
    #expect(found.first?.contains(": error: ") == true && found.first?.contains(message) == true, "\(found)")
  }

  @Test("an accounts file that is missing or that others may read is a warning, a folder in its place an error")
  func file() {
    let missing = login("login password { users other.passwd }")
    #expect(missing.configuration != nil)
    #expect(
      messages(missing) == [
        "gateway.conf:4:24: warning: other.passwd does not exist yet: nobody can sign in until `anteroom passwd other.passwd USER` makes it"
      ])
    let open = login("login password { users u }", MemoryFiles(["/etc/anteroom/u": .init("", mode: 0o644)]))
    #expect(open.configuration != nil)
    #expect(messages(open).first?.contains("warning: every user of this machine may read the accounts file u (chmod o-r u)") == true)
    #expect(login("login password { users u }", MemoryFiles(["/etc/anteroom/u": .init("", mode: 0o640)])).diagnostics.isEmpty)
    #expect(login("login password { users u }", MemoryFiles(folders: ["/etc/anteroom/u"])).errors.count == 1)
  }

  private static let oidc = "issuer https://login.example.com; client_id"

  @Test("several logins, in their order, with what the choice calls them")
  func several() throws {
    let loaded = login(
      """
      login oidc "Staff & guests" { \(Self.oidc) a }
      login password { users users.passwd }
      login oidc { \(Self.oidc) b }
      """)
    #expect(loaded.diagnostics.isEmpty)
    let logins = try #require(loaded.configuration?.sites.first).logins
    #expect(logins.map(\.title) == ["Staff & guests", nil, nil])
    #expect(logins.map(\.label) == ["Staff & guests", "User name and password", "Sign in at login.example.com"])
    #expect(loaded.configuration?.sites.first?.password?.users == "/etc/anteroom/users.passwd")
  }

  @Test(
    "several logins that cannot stand beside each other are an error",
    arguments: [
      ("login oidc A { \(oidc) a }\nlogin oidc B { \(oidc) a }", "5:1: error: this provider and client have a login at line 4 already"),
      ("login oidc A { \(oidc) a }\nlogin oidc A { \(oidc) b }", "5:1: error: this login is offered as `A`, like the one at line 4"),
      ("login oidc { \(oidc) a }\nlogin oidc { \(oidc) b }", "give each a title of its own"),
      ("login password X { users users.passwd }\nlogin password Y { users users.passwd }", "5:1: error: `login password` is given twice"),
      ("login oidc \"\" { \(oidc) a }", "4:12: error: a title has 1 to 60 characters"), ("login oidc \" \" { \(oidc) a }", "a title has"),
      ("login oidc \"a\\nb\" { \(oidc) a }", "a title has"),
      ("login oidc \(String(repeating: "a", count: 61)) { \(oidc) a }", "a title has"),
      ("login oidc A B { \(oidc) a }", "takes a block, before it perhaps a title, and nothing else"), ("login oidc A", "takes a block"),
      ((1...12).map { "login oidc L\($0) { \(oidc) c\($0) }" }.joined(separator: "\n"), "14:1: error: a site has at most 10 logins"),
    ])
  func together(_ text: String, _ message: String) {
    let found = messages(login(text))
    #expect(found.count == 1)
    #expect(found.first?.contains(message) == true, "\(found)")
  }

  @Test("ten logins are not too many")
  func ten() {
    let text = (1...10).map { "login oidc L\($0) { \(Self.oidc) c\($0) }" }.joined(separator: "\n")
    #expect(login(text).configuration?.sites.first?.logins.count == 10)
  }

  @Test("a session's limits")
  func session() {
    #expect(site("")?.session == SessionSettings())
    #expect(site("session { idle 30m; lifetime 8h }")?.session == SessionSettings(idle: .seconds(1800), lifetime: .seconds(28800)))
    #expect(site("session { notice inject }")?.session.injectsNotice == true)
    #expect(site("session { notice off; idle 1h }")?.session.injectsNotice == false)
    #expect(site("session { idle 12h }")?.session == SessionSettings(idle: .seconds(43200), lifetime: .seconds(43200)))
  }

  @Test("a session cannot be idle for longer than it lasts", arguments: ["idle 13h", "lifetime 1h", "idle 9h; lifetime 8h"])
  func idle(_ line: String) {
    let found = messages(load(minimal(site: "session { \(line) }")))
    #expect(found.count == 1)
    #expect(found.first?.contains("gateway.conf:5:") == true && found.first?.contains("is longer than `lifetime`") == true, "\(found)")
  }

  @Test("a session's limits have bounds", arguments: ["idle 0s", "lifetime 2y", "idle 2", "idle two"])
  func bounds(_ line: String) { #expect(load(minimal(site: "session { \(line) }")).errors.count == 1) }
}
