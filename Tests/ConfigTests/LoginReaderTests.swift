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
      ("login oidc { issuer x }", "`login oidc` is not supported in this version"), ("login app", "not supported in this version"),
      ("login forward http://x", "not supported in this version"),
      ("login magic {}", "not a way to sign in"), ("login password", "takes a block"),
      ("login password x { users users.passwd }", "and nothing else"), ("login password { }", "no accounts file"),
      ("login password { users }", "takes one argument, not 0"),
      ("login password { users users.passwd; throttle { account 5 per 10m } }", "`in` is expected"),
      ("login password { users users.passwd; throttle { account 5 } }", "takes 3 arguments, not 1"),
      ("login password { users users.passwd; throttle { address 0 in 10m } }", "out of range"),
      ("login password { users users.passwd; throttle { lock 31d } }", "out of range"),
      ("login password { users users.passwd; throttle { lock 15 } }", "it needs a unit: `15s`"),
      ("login password { users users.passwd; throttle { lock 15\" } }", "in the middle of a word"),
      ("login password { users users.passwd }\nlogin password { users users.passwd }", "given twice"),
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

  @Test("a session's limits")
  func session() {
    #expect(site("")?.session == SessionSettings())
    #expect(site("session { idle 30m; lifetime 8h }")?.session == SessionSettings(idle: .seconds(1800), lifetime: .seconds(28800)))
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
