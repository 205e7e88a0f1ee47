import Testing

@testable import Config

@Suite struct ConfigurationLoaderTests {
  @Test("ten faults of ten kinds are all found in one pass, each where it stands")
  func tenFaults() {
    let text = """
      workers many
      listen localhost:8080 {
        scheme ftp
      }
      limits { body 10x; connections 5
        idle_timeout 60 }
      site größe.example {
        upstrem http://127.0.0.1:9000
          patient patients { query "a b"; header Host }
        open /static/* "/x
        login password { users users.passwd; throttle { account 5 per 10m } }
      }
      }
      """
    let loaded = load(text)
    #expect(loaded.configuration == nil)
    #expect(
      loaded.diagnostics.map { "\($0.line):\($0.column)" } == [
        "1:9", "2:8", "3:10", "5:15", "6:16", "7:6", "8:3", "9:13", "9:30", "9:44", "10:18", "11:61", "13:1",
      ])
    #expect(loaded.diagnostics.allSatisfy { $0.file == "gateway.conf" && $0.severity == .error && $0.message.hasSuffix(")") })
  }

  @Test("a file that cannot be read is one error without a line")
  func unreadable() {
    #expect(
      ConfigurationLoader.load(path: "x/none.conf", files: MemoryFiles().access, environment: [:]).diagnostics.map(\.description) == [
        "x/none.conf: error: the configuration cannot be read: it does not exist (name it with --config FILE)"
      ])
    let large = MemoryFiles(["/g": .init(bytes: [UInt8](repeating: 0x0A, count: 1 << 20 + 1))])
    #expect(ConfigurationLoader.load(path: "/g", files: large.access, environment: [:]).errors.count == 1)
  }

  @Test("warnings alone leave the configuration usable, errors do not")
  func severities() {
    let warned = load(minimal(top: "listen 0.0.0.0:80"))
    #expect(warned.configuration != nil && warned.warnings.count == 1 && warned.errors.isEmpty)
    let wrong = load(minimal(top: "listen 0.0.0.0:80\nbogus"))
    #expect(wrong.configuration == nil && wrong.warnings.count == 1 && wrong.errors.count == 1)
  }

  // MARK: The admin socket

  private func place(_ text: String, _ others: [String: MemoryFiles.File] = [:]) -> AdminPlace {
    let files = MemoryFiles(["/etc/anteroom/gateway.conf": .init(text)].merging(others) { own, _ in own }, currentFolder: "/etc/anteroom")
    return ConfigurationLoader.adminPlace(path: "gateway.conf", files: files.access, environment: ["PLACE": "/run/a.sock"])
  }

  @Test(
    "the admin socket is found whatever else is wrong",
    arguments: [
      ("admin run/a.sock", "/etc/anteroom/run/a.sock"), ("listne x\nadmin /run/a.sock\nsite {", "/run/a.sock"),
      ("admin env:PLACE\nlimits { body many }", "/run/a.sock"), ("include more.conf", "/etc/anteroom/x.sock"),
    ])
  func adminPlace(_ text: String, _ path: String) {
    #expect(place(text, ["/etc/anteroom/more.conf": .init("admin x.sock\nbogus 1")]) == .at(path))
  }

  @Test("a sound file without one names none; where it may be hidden behind a fault, the fault is told")
  func noAdminPlace() {
    #expect(place("workers 2") == .unnamed)
    for text in ["admin", "include gone.conf", "admin env:NOTHING", "workers 2\n}"] {
      guard case .unknown(let faults) = place(text) else {
        Issue.record("\(text)")
        continue
      }
      #expect(faults.count == 1 && faults[0].line > 0, "\(text)")
    }
  }
}
