import Config

/// Where the fields of a request's head stand in which proxies say whose request they pass on: the values of their lines, in order.
package struct ForwardingLines: Equatable {
  package var forwarded: [Range<Int>] = []
  package var xForwardedFor: [Range<Int>] = []
  package var xForwardedProto: [Range<Int>] = []
  package var xForwardedHost: [Range<Int>] = []

  package init() {}
}

/// What trusted proxies say of the client of a request.
package struct ForwardedClient: Equatable {
  /// The client, and after it the proxies that the request has passed, but for the last one, whose connection it came by. Empty where nobody says
  /// anything of addresses: then the client is whoever the connection is from.
  package var path: [IPAddress] = []
  /// Whether the client uses https, where a proxy says so.
  package var isSecure: Bool?
  /// The host that the client asked for, where a proxy says so: a range of the head's bytes, not looked at any further.
  package var host: Range<Int>?

  package init(path: [IPAddress] = [], isSecure: Bool? = nil, host: Range<Int>? = nil) {
    self.path = path
    self.isSecure = isSecure
    self.host = host
  }

  /// What was made of the fields.
  package enum Reading: Equatable {
    /// No such field.
    case nothing
    case client(ForwardedClient)
    /// The address of the client, or of one of the proxies after it, is none.
    case malformed
    /// `Forwarded` says one thing and `X-Forwarded-*` another.
    case contradiction
  }

  /// Walks from the last address, which the trusted peer itself has seen, past trusted ones to the first that is not: that is the client. What
  /// stands before it was sent by the client, and is not looked at. Where all are trusted the first one is the client.
  package static func read(_ bytes: Span<UInt8>, _ lines: ForwardingLines, isTrusted: (IPAddress) -> Bool) -> Reading {
    let plain = readPlain(bytes, lines, isTrusted)
    guard !lines.forwarded.isEmpty else { return plain }
    let standard = readStandard(bytes, lines.forwarded, isTrusted)
    switch (plain, standard) {
    case (.nothing, let only), (let only, .nothing): return only
    case (.client(let plain), .client(let standard)): return merge(plain, standard, bytes)
    case (.malformed, .malformed): return .malformed
    default: return .contradiction
    }
  }

  private static func merge(_ one: ForwardedClient, _ other: ForwardedClient, _ bytes: Span<UInt8>) -> Reading {
    if let first = one.path.first, let second = other.path.first, first != second { return .contradiction }
    if let first = one.isSecure, let second = other.isSecure, first != second { return .contradiction }
    if let first = one.host, let second = other.host, lower(bytes, first) != lower(bytes, second) { return .contradiction }
    return .client(
      ForwardedClient(
        path: one.path.isEmpty ? other.path : one.path, isSecure: one.isSecure ?? other.isSecure, host: one.host ?? other.host))
  }

  // MARK: X-Forwarded-*

  private static func readPlain(_ bytes: Span<UInt8>, _ lines: ForwardingLines, _ isTrusted: (IPAddress) -> Bool) -> Reading {
    let addresses = lines.xForwardedFor.flatMap { split(bytes, $0) }
    let protos = lines.xForwardedProto.flatMap { split(bytes, $0) }
    let hosts = lines.xForwardedHost.flatMap { split(bytes, $0) }
    var client = ForwardedClient()
    for range in addresses.reversed() {
      guard let address = address(bytes, range) else { return .malformed }
      client.path.insert(address, at: 0)
      if !isTrusted(address) { break }
    }
    // A list with as many values goes with the addresses, value for value. A single value is the last proxy's word for the whole way.
    let place = addresses.count - client.path.count
    func value(_ values: [Range<Int>]) -> Range<Int>? {
      if values.count == 1 { return values[0] }
      return values.count == addresses.count && values.indices.contains(place) ? values[place] : nil
    }
    client.isSecure = value(protos).flatMap { isSecure(bytes, $0) }
    client.host = value(hosts)
    return client == ForwardedClient() ? .nothing : .client(client)
  }

  /// The values of a list, without blanks around them and without empty ones.
  private static func split(_ bytes: Span<UInt8>, _ line: Range<Int>) -> [Range<Int>] {
    var values: [Range<Int>] = []
    var start = line.lowerBound
    for position in line.lowerBound...line.upperBound where position == line.upperBound || bytes[position] == UInt8(ascii: ",") {
      let value = trim(bytes, start..<position)
      if !value.isEmpty { values.append(value) }
      start = position + 1
    }
    return values
  }

  private static func trim(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  // MARK: Forwarded

  private static func readStandard(_ bytes: Span<UInt8>, _ lines: [Range<Int>], _ isTrusted: (IPAddress) -> Bool) -> Reading {
    let ranges = lines.flatMap { ForwardedElement.ranges(bytes, $0) }.filter { !trim(bytes, $0).isEmpty }
    var client = ForwardedClient()
    for range in ranges.reversed() {
      guard let element = ForwardedElement(bytes, range), let node = element.client, let address = address(bytes, node) else {
        return .malformed
      }
      client.path.insert(address, at: 0)
      client.isSecure = element.proto.flatMap { isSecure(bytes, $0) }
      client.host = element.host
      if !isTrusted(address) { break }
    }
    return ranges.isEmpty ? .nothing : .client(client)
  }

  // MARK: Values

  private static let longestAddress = 64

  /// `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`, the first and the last perhaps with a port.
  private static func address(_ bytes: Span<UInt8>, _ range: Range<Int>) -> IPAddress? {
    guard range.count <= longestAddress else { return nil }
    let text = String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      let inner = text[text.index(after: text.startIndex)..<bracket]
      let rest = text[text.index(after: bracket)...]
      guard inner.contains(":"), rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()) else { return nil }
      return IPAddress(String(inner))
    }
    if let colon = text.firstIndex(of: ":"), text.firstIndex(of: ".").map({ $0 < colon }) ?? false {
      return isPort(text[text.index(after: colon)...]) ? IPAddress(String(text[..<colon])) : nil
    }
    return IPAddress(text)
  }

  private static func isPort(_ text: Substring) -> Bool {
    (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isSecure(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool? {
    switch lower(bytes, range) {
    case Array("https".utf8): true
    case Array("http".utf8): false
    default: nil
    }
  }

  private static func lower(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] { range.map { ASCII.lower(bytes[$0]) } }
}
