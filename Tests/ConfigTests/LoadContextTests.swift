import Testing

@testable import Config

@Suite struct LoadContextTests {
  private func found(_ value: String, _ files: MemoryFiles = MemoryFiles(), environment: [String: String] = [:]) -> [String] {
    messages(load(minimal(top: "workers \(value)"), files, environment: environment))
  }

  @Test("any argument may come from the environment or from a file's first line")
  func good() {
    #expect(load(minimal(top: "workers env:N"), environment: ["N": "3"]).configuration?.workers == 3)
    for text in ["3", "3\n", "3\r\n4\n"] {
      #expect(load(minimal(top: "workers file:n"), MemoryFiles(["/etc/anteroom/n": .init(text)])).configuration?.workers == 3)
    }
    #expect(load(minimal(top: "workers \"file:/n m\""), MemoryFiles(["/n m": .init("3", mode: 0o640)])).configuration?.workers == 3)
  }

  @Test("what cannot be read is an error at the argument, with the mend")
  func bad() {
    #expect(found("env:N") == ["gateway.conf:7:9: error: the environment variable `N` is not set (set it, or write the value here)"])
    #expect(found("env:N", environment: ["N": ""]) == ["gateway.conf:7:9: error: the environment variable `N` is empty (give it a value)"])
    #expect(found("file:n") == ["gateway.conf:7:9: error: /etc/anteroom/n cannot be read: it does not exist (its first line is the value)"])
    #expect(found("file:").first?.contains("`file:` without a path") == true)
    #expect(found("file:n", MemoryFiles(["/etc/anteroom/n": .init("\n3")])).first?.contains("is empty") == true)
    #expect(found("file:n", MemoryFiles(["/etc/anteroom/n": .init(bytes: [0xFF])])).first?.contains("not UTF-8") == true)
    #expect(
      found("file:n", MemoryFiles(["/etc/anteroom/n": .init(bytes: [UInt8](repeating: 51, count: 65537))])).first?.contains("too large")
        == true)
    #expect(found("file:n", MemoryFiles(folders: ["/etc/anteroom/n"])).first?.contains("not a regular file") == true)
  }

  @Test("a value's file that others may read is an error", arguments: [0o644, 0o604, 0o444])
  func mode(_ mode: UInt32) {
    #expect(
      found("file:n", MemoryFiles(["/etc/anteroom/n": .init("3", mode: mode)])) == [
        "gateway.conf:7:9: error: every user of this machine may read /etc/anteroom/n (chmod o-r /etc/anteroom/n)"
      ])
  }

  @Test("messages show where a value comes from, never the value")
  func secret() {
    #expect(
      found("env:N", environment: ["N": "secret"]) == [
        "gateway.conf:7:9: error: `env:N` is not a number of threads (write `auto`, or a number from 1 to 1024)"
      ])
    let files = MemoryFiles(["/etc/anteroom/s": .init("se cret\u{1}")])
    for line in [
      "open file:s", "background file:s", "start file:s", "upstream file:s", "patient file:s",
      "patient /p { query file:s; header file:s; missing file:s; cache file:s }", "protect file:s",
      "identity { user file:s }", "request { set file:s file:s; drop file:s }", "session { idle file:s }", "brand { name file:s }",
      "background file:s",
    ] {
      #expect(messages(load(minimal(site: line), files)).allSatisfy { !$0.contains("cret") })
      #expect(!load(minimal(site: line), files).errors.isEmpty)
    }
    for line in [
      "listen file:s", "workers file:s", "limits { body file:s; header_count file:s; idle_timeout file:s }", "log stderr file:s",
      "access_log file:s", "site file:s {}", "keys file:s",
    ] {
      #expect(messages(load(minimal(top: line), files)).allSatisfy { !$0.contains("cret") })
      #expect(!load(minimal(top: line), files).errors.isEmpty)
    }
  }
}
