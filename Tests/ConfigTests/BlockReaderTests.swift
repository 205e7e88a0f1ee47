import Testing

@testable import Config

@Suite struct BlockReaderTests {
  static let knownAtTop =
    "(known here: workers, listen, admin, shutdown_timeout, handover_timeout, include, trusted_proxies, keys, state, audit, log, access_log, limits, site)"

  @Test(
    "an unknown directive names the nearest one, and where it belongs",
    arguments: [
      ("sit a {}", "unknown directive `sit` in the top level (did you mean `site`?)"),
      ("xyzzy", "unknown directive `xyzzy` in the top level \(knownAtTop)"),
      ("patient /p", "`patient` does not belong in the top level (it belongs in `site`)"),
      ("name x", "`name` does not belong in the top level (it belongs in `claims` or `login forward` or `identity` or `brand`)"),
      ("patiant /p", "unknown directive `patiant` in the top level (did you mean `patient`? It belongs in `site`)"),
    ])
  func unknown(_ line: String, _ message: String) { #expect(messages(load(minimal(top: line))) == ["gateway.conf:7:1: error: \(message)"]) }

  @Test(
    "every directive that is not repeatable is refused the second time",
    arguments: [
      "workers 1\nworkers 1", "limits {}\nlimits {}", "keys a\nkeys b", "log stderr\nlog stderr",
      "shutdown_timeout 1s\nshutdown_timeout 1s",
    ])
  func duplicates(_ lines: String) {
    let name = lines.split(separator: " ")[0]
    #expect(messages(load(minimal(top: lines))) == ["gateway.conf:8:1: error: `\(name)` is given twice (the first is at line 7; keep one)"])
  }

  @Test(
    "the number of arguments and the block are checked",
    arguments: [
      ("workers", "`workers` takes one argument, not 0 (write `workers auto|NUMBER`)"),
      ("workers 1 2", "`workers` takes one argument, not 2 (write `workers auto|NUMBER`)"),
      ("workers 1 {}", "`workers` takes no block (write `workers auto|NUMBER`)"),
      ("limits", "`limits` needs a block (write `limits { ... }`)"),
      ("limits a {}", "`limits` takes no argument, not 1 (write `limits { ... }`)"),
      ("log stderr text x", "`log` takes 1 to 2 arguments, not 3 (write `log stderr|FILE [text|json]`)"),
    ])
  func shape(_ line: String, _ message: String) { #expect(messages(load(minimal(top: line))) == ["gateway.conf:7:1: error: \(message)"]) }

  @Test("a directive with a fault in it is not reported as missing too")
  func faulty() {
    #expect(load("listen \"127.0.0.1:80\nsite a.example.com { upstream \"x; \nlogin password { users users.passwd } }").errors.count == 2)
  }
}
