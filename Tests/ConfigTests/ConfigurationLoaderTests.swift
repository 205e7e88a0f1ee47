import Testing

@testable import Config

@Suite struct ConfigurationLoaderTests {
  @Test("ten faults of ten kinds are all found in one pass, each where it stands")
  func tenFaults() {
    let text = """
      workers many
      listen localhost:8080 {
        scheme https
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
        "1:9", "2:8", "3:3", "5:15", "6:16", "7:6", "8:3", "9:13", "9:30", "9:44", "10:18", "11:61", "13:1",
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
}
