import Testing

@testable import Config

@Suite struct SiteReaderTests {
  @Test("a site has its defaults, and what its block says")
  func good() {
    let plain = site("")
    #expect(plain?.protect == .all)
    #expect(plain?.start == "/")
    #expect(plain?.open == [])
    let full = site(
      "protect all; open /static/* /favicon.ico; start /home?x=1#a; background /poll; app_logout /logout /signout; brand { name Harbour }")
    #expect(full?.open.map(\.text) == ["/static/*", "/favicon.ico"])
    #expect(full?.start == "/home?x=1#a")
    #expect(full?.background == [PathPattern("/poll")])
    #expect(full?.appLogout == [PathPattern("/logout"), PathPattern("/signout")])
    #expect(full?.brand == Brand(name: "Harbour"))
  }

  @Test(
    "`start` never leads to another site",
    arguments: [
      "//evil.example", "/\\evil.example", "http://evil.example/", "home", "", "/a b", "/a\\\\b", "/\\n/evil.example", "/\\t", "/ä",
      "/.anteroom/login", "/.ANTEROOM",
      "/\(String(repeating: "a", count: 2048))",
    ])
  func start(_ path: String) {
    let quoted = "\"" + path.replacing("\\e", with: "\\\\e").replacing("\\t", with: "\t") + "\""
    let found = messages(load(minimal(site: "start \(quoted)")))
    #expect(found.count == 1)
    #expect(found.first?.contains("gateway.conf:5:7: error: ") == true && found.first?.contains("cannot be `start` (") == true, "\(found)")
  }

  @Test("forms are held up to a size, or not at all")
  func holdForms() {
    #expect(site("")?.holdForms == 1 << 20)
    #expect(site("hold_forms 16m")?.holdForms == 16 << 20)
    #expect(site("hold_forms 1")?.holdForms == 1)
    #expect(site("hold_forms off")?.holdForms == .some(nil))
    for wrong in ["0", "17m", "yes", "-1"] {
      let found = messages(load(minimal(site: "hold_forms \(wrong)")))
      #expect(found.count == 1 && found.first?.contains("from 1 to 16m") == true, "\(found)")
    }
  }

  @Test(
    "where somebody else keeps the logins no form is held, and no end of a session is announced",
    arguments: ["hold_forms 1m", "hold_forms off", "session { notice inject; }"])
  func outside(line: String) {
    let text = { (more: String) in
      """
      listen 127.0.0.1:8080
      site app.example.com {
      upstream http://127.0.0.1:9000
      login forward { check https://auth.example.com/check; copy Remote-User; }
      \(more)
      }
      """
    }
    #expect(load(text("")).errors.isEmpty && load(text("")).configuration?.sites.first?.holdForms == .some(nil))
    let found = messages(load(text(line)))
    #expect(found.count == 1 && found.first?.contains("is for `login password` and `login oidc` (take it out: ") == true, "\(found)")
  }

  @Test("a site needs an upstream and a login, and says so once each")
  func needs() {
    #expect(
      messages(load("listen 127.0.0.1:80\nsite a.example.com {\n}")) == [
        "gateway.conf:2:1: error: this site has no `upstream` (add where its app listens: `upstream http://127.0.0.1:9000`)",
        "gateway.conf:2:1: error: this site has no `login` (add `login password { users users.passwd }`, or `login oidc { ... }`)",
      ])
  }

  @Test("`protect patient` is warned of, and needs a patient rule")
  func protect() {
    let loaded = load(minimal(site: "protect patient\npatient /p"))
    #expect(loaded.configuration?.sites.first?.protect == .patient)
    #expect(
      messages(loaded).first?.contains("gateway.conf:5:9: warning: `protect patient`: everything that is not about a patient is open")
        == true)
    #expect(
      messages(load(minimal(site: "protect patient"))).first?.contains(
        "error: `protect patient` without a `patient` rule would protect nothing") == true)
    #expect(messages(load(minimal(site: "protect none"))).first?.contains("`all` or `patient`") == true)
  }

  @Test("for how long browsers are to come by https only")
  func strictTransport() {
    #expect(site("")?.strictTransport == nil)
    #expect(site("hsts 1y")?.strictTransport == StrictTransport(duration: .seconds(365 * 86_400)))
    #expect(site("hsts 0s subdomains")?.strictTransport == StrictTransport(duration: .zero, includesSubdomains: true))
    #expect(messages(load(minimal(site: "hsts 11y"))).count == 1)
    #expect(messages(load(minimal(site: "hsts 1y preload"))).first?.contains("`subdomains`") == true)
  }
}
