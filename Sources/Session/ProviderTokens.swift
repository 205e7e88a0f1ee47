/// What an identity provider has given for a session, to be sealed wherever it is kept.
package struct ProviderTokens: Sendable, Equatable {
  /// With which further tokens are asked for.
  package var refresh: String?
  /// What the app may be given.
  package var access: String?
  /// What a logout names the session by.
  package var identity: String?

  package init(refresh: String? = nil, access: String? = nil, identity: String? = nil) {
    self.refresh = refresh
    self.access = access
    self.identity = identity
  }

  /// No two different ones share these bytes.
  package var encoded: [UInt8] {
    var writer = SealedWriter(capacity: 4096)
    for token in [refresh, access, identity] {
      writer.write(UInt8(token == nil ? 0 : 1))
      writer.write(token ?? "")
    }
    return writer.bytes
  }

  /// What `encoded` wrote; `nil` for any other bytes.
  package init?(encoded bytes: [UInt8]) {
    var reader = SealedReader(bytes)
    var tokens: [String?] = []
    for _ in 0..<3 {
      guard let isThere = reader.readUInt8(), let text = reader.readText() else { return nil }
      tokens.append(isThere == 1 ? text : nil)
    }
    guard reader.isAtEnd else { return nil }
    (refresh, access, identity) = (tokens[0], tokens[1], tokens[2])
  }
}
