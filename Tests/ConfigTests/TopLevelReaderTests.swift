import Testing

@testable import Config

@Suite struct TopLevelReaderTests {
  @Test("everything has a default but listeners and sites")
  func defaults() {
    let configuration = load(minimal()).configuration
    #expect(configuration?.file == "gateway.conf")
    #expect(configuration?.workers == nil)
    #expect(configuration?.keys == "/etc/anteroom/keys")
    #expect(configuration?.state == "/etc/anteroom/state")
    #expect(configuration?.audit == "/etc/anteroom/audit")
    #expect(configuration?.log == EventLog())
    #expect(configuration?.accessLog == .to(EventLog()))
    #expect(configuration?.limits == Limits())
    #expect(configuration?.shutdownTimeout == .seconds(30))
    #expect(configuration?.handoverTimeout == .seconds(3600))
    #expect(configuration?.admin == nil)
  }

  @Test("every top-level directive is read")
  func all() {
    let text =
      "workers 4; keys /k/; state ../s; audit ./a//b/; log /var/log/a.log json; access_log off; shutdown_timeout 0s; handover_timeout 7d; limits { connections 5 }; admin run/a.sock"
    let configuration = load(minimal(top: text), MemoryFiles(folders: ["/var/log"])).configuration
    #expect(configuration?.workers == 4)
    #expect(configuration?.keys == "/k")
    #expect(configuration?.state == "/etc/anteroom/../s")
    #expect(configuration?.audit == "/etc/anteroom/a/b")
    #expect(configuration?.log == EventLog(path: "/var/log/a.log", format: .json))
    #expect(configuration?.accessLog == .off)
    #expect(configuration?.limits.connections == 5)
    #expect(configuration?.shutdownTimeout == .zero)
    #expect(configuration?.handoverTimeout == .seconds(7 * 86_400))
    #expect(configuration?.admin == "/etc/anteroom/run/a.sock")
    #expect(
      load(minimal(top: "workers auto; access_log stderr json; log stderr text")).configuration?.accessLog == .to(EventLog(format: .json)))
  }

  @Test("an empty file lacks a listener and a site")
  func empty() {
    #expect(
      messages(load("")) == [
        "gateway.conf: error: nothing to listen on (add `listen 127.0.0.1:8080`)",
        "gateway.conf: error: no site (add `site app.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd } }`)",
      ])
  }

  @Test(
    "anything else is an error",
    arguments: [
      ("workers 0", "out of range"), ("workers 1025", "out of range"), ("workers many", "write `auto`"), ("workers -1", "write `auto`"),
      ("shutdown_timeout 2h", "out of range"), ("handover_timeout 8d", "out of range"),
      ("shutdown_timeout 30", "it needs a unit"), ("log stdout", "`/dev/stdout`"), ("log stderr xml", "`text` or `json`"),
      ("log /none/a.log", "make the folder /none"),
      ("log /etc/anteroom", "is a folder"), ("log \"\"", "is not a path"), ("access_log off text", "takes nothing more"),
      ("access_log none/a.log", "make the folder /etc/anteroom/none"),
      ("state \"a\\nb\"", "is not a path"),
    ])
  func bad(_ line: String, _ message: String) {
    let found = messages(load(minimal(top: line)))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:7:") == true && found.first?.contains(message) == true, "\(found)")
  }
}
