import Testing

@testable import Config

@Suite struct IncludeTests {
  private static let site = "upstream http://127.0.0.1:9000; login password { users users.passwd }"

  @Test("included files stand where the include stands, in the order of their names, and relative paths start beside them")
  func files() {
    let files = MemoryFiles([
      "/etc/anteroom/sites/b.conf": .init("site b.example.com { \(Self.site) }"),
      "/etc/anteroom/sites/a.conf": .init("site a.example.com { include parts/*.conf }"),
      "/etc/anteroom/sites/parts/all.conf": .init(Self.site), "/etc/anteroom/sites/parts/users.passwd": .init(""),
      "/etc/anteroom/sites/users.passwd": .init(""),
    ])
    let loaded = load("listen 127.0.0.1:80\ninclude sites/*.conf", files)
    #expect(messages(loaded) == [])
    #expect(loaded.configuration?.sites.map(\.name) == ["a.example.com", "b.example.com"])
    #expect(
      loaded.configuration?.sites.map(\.password?.users) == ["/etc/anteroom/sites/parts/users.passwd", "/etc/anteroom/sites/users.passwd"])
  }

  @Test("faults of an included file name it as it was found, after those of the file that includes it")
  func faults() {
    let files = MemoryFiles(["/etc/anteroom/conf.d/x.conf": .init("worker 2\n  listen 8080\n}")])
    #expect(
      messages(load("include conf.d/*.conf\n" + minimal(top: "bogus 1"), files)) == [
        "gateway.conf:8:1: error: unknown directive `bogus` in the top level (did you mean `log`?)".replacing(
          "(did you mean `log`?)", with: BlockReaderTests.knownAtTop),
        "conf.d/x.conf:1:1: error: unknown directive `worker` in the top level (did you mean `workers`?)",
        "conf.d/x.conf:2:10: error: `8080` is not an address to listen on (an address too: 127.0.0.1:8080, or 0.0.0.0:8080 for every address)",
        "conf.d/x.conf:3:1: error: this `}` closes nothing (remove it, or look for a missing `{` above)",
      ])
  }

  @Test("a pattern that fits nothing is no fault, a name that is missing is one")
  func missing() {
    #expect(load(minimal(top: "include none/*.conf")).diagnostics.isEmpty)
    #expect(
      messages(load(minimal(top: "include none.conf"))) == [
        "gateway.conf:7:9: error: none.conf cannot be included: it does not exist (check the path)"
      ])
    #expect(messages(load(minimal(top: "include"))).first?.contains("takes one path or pattern") == true)
    #expect(messages(load(minimal(top: "include a b"))).first?.contains("takes one path or pattern") == true)
    #expect(messages(load(minimal(top: "include a { b }"))).first?.contains("takes one path or pattern") == true)
    #expect(messages(load(minimal(top: "include \"\""))).first?.contains("without a path") == true)
    #expect(
      messages(load(minimal(top: "include d"), MemoryFiles(folders: ["/etc/anteroom/d"]))).first?.contains("not a regular file") == true)
  }

  @Test("a file that includes itself, over others or not, is an error")
  func cycles() {
    #expect(
      messages(load(minimal(top: "include *.conf"))) == [
        "gateway.conf:7:9: error: gateway.conf includes itself (take it out of the pattern, or remove the line)"
      ])
    let files = MemoryFiles([
      "/etc/anteroom/a.inc": .init("include ./b.inc"),
      "/etc/anteroom/b.inc": .init("include ../anteroom/a.inc\ninclude /etc/anteroom/a.inc"),
    ])
    #expect(load(minimal(top: "include a.inc"), files).errors.contains { $0.message.contains("/etc/anteroom/a.inc includes itself") })
  }

  @Test("includes nest to a limit")
  func depth() {
    var files: [String: MemoryFiles.File] = [:]
    for level in 0..<20 { files["/etc/anteroom/\(level).inc"] = .init("include \(level + 1).inc") }
    #expect(
      messages(load(minimal(top: "include 0.inc"), MemoryFiles(files))) == [
        "9.inc:1:1: error: more than 10 files include each other (let one file include the others)"
      ])
    files["/etc/anteroom/9.inc"] = .init("workers 1")
    #expect(load(minimal(top: "include 0.inc"), MemoryFiles(files)).configuration?.workers == 1)
  }

  @Test("the number of included files is bounded")
  func count() {
    var files: [String: MemoryFiles.File] = ["/etc/anteroom/x.inc": .init("")]
    for level in 0..<9 {
      files["/etc/anteroom/\(level).inc"] = .init(String(repeating: "include \(level == 8 ? "x" : "\(level + 1)").inc\n", count: 8))
    }
    #expect(
      load(minimal(top: "include 0.inc"), MemoryFiles(files)).errors.map(\.message) == [
        "more than 500 files are included (put several sites into one file)"
      ])
  }
}
