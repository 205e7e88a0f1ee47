import Testing

@testable import Config

/// The gateway.conf at the top level of the repository.
@Suite struct GatewayFileTests {
  private static var root: String {
    get throws { try #require(#filePath.firstRange(of: "/Tests/ConfigTests/").map { String(#filePath[..<$0.lowerBound]) }) }
  }

  private static var text: String {
    get throws { String(decoding: try SystemFiles.access.read(try root + "/gateway.conf", 1 << 20).get(), as: UTF8.self) }
  }

  @Test("it has no error on a fresh clone")
  func real() throws {
    let loaded = ConfigurationLoader.load(path: try Self.root + "/gateway.conf", files: SystemFiles.access, environment: [:])
    #expect(loaded.errors == [])
    #expect(loaded.configuration?.listeners == [Listener(address: "127.0.0.1", port: 8080)])
    #expect(loaded.configuration?.sites.first?.upstreams == [UpstreamAddress(host: "127.0.0.1", port: 9000)])
  }

  @Test("with nothing beside it the one warning is about the accounts")
  func alone() throws {
    let files = MemoryFiles(["/g/gateway.conf": .init(try Self.text)], currentFolder: "/g")
    let loaded = ConfigurationLoader.load(path: "gateway.conf", files: files.access, environment: [:])
    #expect(loaded.configuration != nil)
    #expect(loaded.diagnostics.count == 1)
    #expect(loaded.diagnostics.first?.message.contains("nobody can sign in until `anteroom passwd users.passwd USER` makes it") == true)
  }

  private static var certificates: [String: MemoryFiles.File] {
    let names = ["clinic.pem", "clinic.key", "staff-ca.pem", "app-ca.pem", "gateway.pem", "gateway.key", "oidc.key", "login-ca.pem"]
    return Dictionary(uniqueKeysWithValues: names.map { ("/g/tls/" + $0, .init("x")) })
  }

  /// The file with every commented directive in force.
  private static var uncommented: String {
    get throws {
      let names = Set(DirectiveTable.all.map(\.name))
      return try text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix("# ") else { return String(line) }
        let rest = trimmed.dropFirst(2).drop { $0 == " " }
        let first = rest.prefix { $0 != " " }
        return first == "}" || names.contains(String(first)) ? String(rest) : String(line)
      }.joined(separator: "\n")
    }
  }

  @Test("its commented directives are right too, and none is left out")
  func complete() throws {
    let text = try Self.uncommented
    let files = MemoryFiles(
      [
        "/g/gateway.conf": .init(text), "/g/users.passwd": .init(""), "/g/basic.secret": .init("Basic abc"), "/g/logo.svg": .init("<svg/>"),
        "/g/oidc.secret": .init("s3cret"),
      ].merging(Self.certificates) { own, _ in own })
    let loaded = ConfigurationLoader.load(path: "/g/gateway.conf", files: files.access, environment: ["GATEWAY_SECRET": "x"])
    #expect(loaded.diagnostics == [])
    let words = Set(text.split { " \n;{}".contains($0) }.map(String.init))
    for directive in DirectiveTable.all { #expect(words.contains(directive.name), "\(directive.name)") }
  }

  @Test("what it shows as defaults are the defaults")
  func defaults() throws {
    let files = MemoryFiles(
      [
        "/g/gateway.conf": .init(try Self.uncommented), "/g/users.passwd": .init(""), "/g/basic.secret": .init("Basic abc"),
        "/g/logo.svg": .init("<svg/>"), "/g/oidc.secret": .init("s3cret"),
      ].merging(Self.certificates) { own, _ in own })
    let configuration = ConfigurationLoader.load(path: "/g/gateway.conf", files: files.access, environment: ["GATEWAY_SECRET": "x"])
      .configuration
    #expect(configuration?.limits == Limits())
    var upstream = UpstreamSettings()
    upstream.isSticky = true
    upstream.health = UpstreamSettings.HealthCheck(path: "/healthz")
    upstream.maxConnections = 100
    upstream.inner = [InnerAddress(address: UpstreamAddress(host: "app.internal", port: 8080))]
    #expect(configuration?.sites.first?.upstreamSettings == upstream)
    #expect(configuration?.sites.first?.cookies == AppCookieSettings())
    #expect(configuration?.shutdownTimeout == .seconds(30))
    #expect(configuration?.handoverTimeout == .seconds(3600))
    #expect(configuration?.workers == nil)
    #expect(configuration?.sites.first?.session == SessionSettings())
    #expect(configuration?.sites.first?.password?.throttle == ThrottleSettings())
    guard case .openID(let provider) = configuration?.sites.first?.logins.last?.kind else { throw NoProvider() }
    let plain = OpenIDLoginSettings(issuer: provider.issuer, clientID: provider.clientID)
    #expect(provider.scopes == plain.scopes && provider.claims == plain.claims)
    #expect(provider.logout == plain.logout && provider.responseMode == plain.responseMode && provider.bearer?.forwards == false)
  }

  private struct NoProvider: Error {}

  @Test("twenty thousand mutations of it neither crash nor hang the loader")
  func mutations() throws {
    // Without comments, so that mutations hit what is parsed.
    let source = try Self.uncommented.split(separator: "\n").compactMap { line -> String? in
      let code = line.split(separator: "#", omittingEmptySubsequences: false)[0].split(separator: " ").joined(separator: " ")
      return code.isEmpty ? nil : code
    }.joined(separator: "\n")
    let original = Array(source.utf8)
    let pieces =
      [
        "{", "}", "\"", ";", "#", "\n", "\\", "\0", "env:", "file:", "include *", "include gateway.conf\n", "site", "listen ", "é", "*",
        "/", "..", "99999999999999999999", "-", "[", "]", ":",
      ]
      .map { Array($0.utf8) } + [[0xFF], [0xC3], [0xEF, 0xBB, 0xBF]]
    var random = SplitMix(state: 20_260_713)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = original
      for _ in 0...random.below(3) { Self.mutate(&bytes, pieces, &random) }
      let files = MemoryFiles(
        ["/g/gateway.conf": .init(bytes: bytes), "/g/users.passwd": .init(""), "/g/logo.svg": .init("<svg/>")]
          .merging(Self.certificates) { own, _ in own }, currentFolder: "/g")
      let loaded = ConfigurationLoader.load(path: "gateway.conf", files: files.access, environment: ["GATEWAY_SECRET": "x"])
      if loaded.configuration == nil { refused += 1 }
      #expect((loaded.configuration == nil) == !loaded.errors.isEmpty)
    }
    #expect(refused > 10_000)
  }

  private static func mutate(_ bytes: inout [UInt8], _ pieces: [[UInt8]], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(5) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: place)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(40)))
    case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + random.below(60))], at: random.below(bytes.count))
    default: bytes.removeLast(bytes.count - place)
    }
  }
}

/// A small generator whose numbers are the same on every run.
struct SplitMix {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
