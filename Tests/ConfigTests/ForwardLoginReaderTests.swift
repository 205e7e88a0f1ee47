import Testing

@testable import Config

@Suite struct ForwardLoginReaderTests {
  private static let files = MemoryFiles(["/etc/anteroom/ca.pem": .init("x")])

  private func login(_ lines: String, site: String = "") -> LoadedConfiguration {
    load("listen 127.0.0.1:80\nsite a.example.com {\nupstream http://127.0.0.1:9000\nlogin forward {\(lines)}\n\(site)\n}", Self.files)
  }

  private func settings(_ lines: String) -> ForwardLoginSettings? {
    guard case .forward(let settings) = login(lines).configuration?.sites.first?.logins.first?.kind else { return nil }
    return settings
  }

  private static let least = "check https://auth.example.com/check; copy Remote-User; "

  @Test("the least that is needed, and the defaults of the rest")
  func defaults() {
    #expect(login(Self.least).diagnostics.isEmpty)
    #expect(
      settings(Self.least) == ForwardLoginSettings(check: "https://auth.example.com/check", copy: ["Remote-User"], user: "Remote-User"))
  }

  @Test("everything can be set")
  func all() {
    let text = """

      check https://auth.example.com/verify?uri={url}&x
      sign_in https://auth.example.com/#/?rd={url}
      sign_out https://auth.example.com/logout
      copy Remote-User Remote-Name
      copy Remote-Email
      user Remote-Email; name Remote-Name; email Remote-Email; groups Other-Groups
      cache 10s any_path
      ca ca.pem

      """
    var wanted = ForwardLoginSettings(
      check: "https://auth.example.com/verify?uri={url}&x", signIn: "https://auth.example.com/#/?rd={url}",
      signOut: "https://auth.example.com/logout", copy: ["Remote-User", "Remote-Name", "Remote-Email"], user: "Remote-Email",
      cache: .seconds(10), authorities: "/etc/anteroom/ca.pem")
    (wanted.name, wanted.email, wanted.groups, wanted.cacheIgnoresPath) = ("Remote-Name", "Remote-Email", "Other-Groups", true)
    #expect(messages(login(text)) == [])
    #expect(settings(text) == wanted)
    #expect(settings("check https://a.test; user none")?.user == nil && settings("check https://a.test; user none")?.copy == [])
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("copy A", "asks nobody (add `check URL`"), ("check https://a.test", "nobody would know who is signed in (add `copy NAME`"),
      ("copy A; check a.test/x", "a whole address: https://HOST/PATH"), ("copy A; check https://", "a whole address"),
      ("copy A; check https://{url}/x", "a whole address"), ("copy A; check \"https://a.test/{x}\"", "of braces `{url}` alone"),
      ("copy A; check \"https://a.test/ x\"", "visible ASCII"), ("copy A; check https://a.test/{url}{url}", "write `{url}` once"),
      ("copy A; check https://a.test/x#y", "leave out what begins with `#`"),
      ("copy A; check http://auth.example.com/", "in the clear (write https://"), ("copy A; check http://9.9.9.9/", "in the clear"),
      ("\(least)sign_in https://a.test/", "say where the address to come back to belongs"),
      ("\(least)sign_out https://a.test/?x={url}", "leave `{url}` out"), ("\(least)sign_in ftp://a.test/{url}", "a whole address"),
      ("\(least)copy remote_user", "named twice"), ("\(least)copy Host", "belongs to HTTP or to the gateway itself"),
      ("\(least)copy X-Auth-User", "also, by default"), ("\(least)copy Content-Type", "about the checker's answer"),
      ("\(least)copy Location", "about the checker's answer"), ("\(least)user \"a b\"", "not a header name"),
      ("\(least)cache 0s", "out of range (from 1s to 1h)"), ("\(least)cache 2h", "out of range"),
      ("\(least)cache 10s all", "write `any_path`"), ("copy A; check http://127.0.0.1/; ca ca.pem", "does not speak"),
      ("\(least)ca none.pem", "cannot be read"), ("\(least)issuer https://x", "does not belong in `login forward`"),
    ])
  func bad(_ lines: String, _ message: String) {
    let found = messages(login(lines))
    let words = message == "also, by default" ? "by default, by `identity user`" : message
    #expect(found.count == 1 && found.first?.contains(": error: ") == true && found.first?.contains(words) == true, "\(found)")
  }

  @Test(
    "plain http is a warning where only the own network can listen",
    arguments: ["http://10.0.0.1/x", "http://authelia:9091/x", "http://[fd00::1]/x"])
  func plain(_ check: String) {
    let found = messages(login("check \(check); copy A"))
    #expect(found.count == 1 && found.first?.contains("warning: everybody's cookies go to") == true, "\(found)")
    #expect(login("check http://127.0.0.1:9091/x; copy A").diagnostics.isEmpty)
  }

  @Test("it is the only login of its site, and says itself when sessions end")
  func alone() {
    let beside = messages(login(Self.least, site: "login password { users users.passwd }"))
    #expect(beside.count == 1 && beside.first?.contains("`login forward` is the only login of its site") == true, "\(beside)")
    let limited = messages(login(Self.least, site: "session { idle 1h; lifetime 2h }"))
    #expect(limited.count == 2 && limited.allSatisfy { $0.contains("the checker says when a session ends (take it out)") }, "\(limited)")
  }

  @Test("its copied names are nobody else's")
  func names() {
    let found = messages(login(Self.least, site: "request { set Remote-User x }"))
    #expect(found.count == 1 && found.first?.contains("also used by `copy`") == true, "\(found)")
  }
}
