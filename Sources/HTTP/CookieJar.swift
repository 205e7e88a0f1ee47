/// What a browser would send to one path after an answer, as far as names, paths and removal go (RFC 6265, sections 5.2 to 5.4): enough to ask the app
/// in the browser's place.
package struct CookieJar: Sendable {
  private var cookies: [(name: [UInt8], value: [UInt8])] = []
  /// The path that the cookies are for.
  private let path: [UInt8]

  /// - Parameters:
  ///   - value: of a Cookie field; empty for none.
  ///   - path: without a query.
  package init(_ value: [UInt8], path: [UInt8]) {
    self.path = path
    var cookies: [(name: [UInt8], value: [UInt8])] = []
    forEachCookie(in: value.span) { name, content in cookies.append((Array(value[name]), Array(value[content]))) }
    self.cookies = cookies
  }

  /// Of a Cookie field; empty for none.
  package var value: [UInt8] {
    Array(
      cookies.map { $0.name.isEmpty ? $0.value : $0.name + [Octet.equals] + $0.value }.joined(separator: [Octet.semicolon, Octet.space]))
  }

  /// The values of the cookies of this name.
  package func values(_ name: [UInt8]) -> [[UInt8]] { cookies.filter { $0.name == name }.map(\.value) }

  /// Takes a `Set-Cookie` field's value in, which came in answer to a request for `requested`, a path without a query.
  package mutating func take(_ field: [UInt8], answering requested: [UInt8]) {
    guard let cookie = SetCookie(field) else { return }
    let own = cookie.path.first == Octet.slash ? cookie.path : Self.defaultPath(requested)
    guard Self.matches(path, own) else { return }
    cookies.removeAll { $0.name == cookie.name }
    if !cookie.isRemoval { cookies.append((cookie.name, cookie.value)) }
  }

  // RFC 6265, section 5.1.4.
  private static func defaultPath(_ path: [UInt8]) -> [UInt8] {
    guard path.first == Octet.slash, let last = path.lastIndex(of: Octet.slash), last > 0 else { return [Octet.slash] }
    return Array(path[..<last])
  }

  private static func matches(_ path: [UInt8], _ own: [UInt8]) -> Bool {
    guard path.starts(with: own) else { return false }
    return path.count == own.count || own.last == Octet.slash || path[own.count] == Octet.slash
  }
}

/// A `Set-Cookie` field's value, read as browsers do (RFC 6265, section 5.2).
package struct SetCookie: Sendable, Equatable {
  package let name: [UInt8]
  package let value: [UInt8]
  /// As it was given; empty where it was not.
  package private(set) var path: [UInt8] = []
  /// It takes the cookie away: `Max-Age` of 0 or less, or a date before 2000.
  package private(set) var isRemoval = false

  /// `nil` for what browsers pay no heed to.
  package init?(_ field: [UInt8]) {
    let parts = field.split(separator: Octet.semicolon, omittingEmptySubsequences: false).map(Self.trimmed)
    guard let pair = parts.first, let mark = pair.firstIndex(of: Octet.equals) else { return nil }
    name = Self.trimmed(pair[..<mark])
    value = Self.trimmed(pair[(mark + 1)...])
    guard !name.isEmpty || !value.isEmpty else { return nil }
    var age: Int64?
    var isPast = false
    for part in parts.dropFirst() {
      let mark = part.firstIndex(of: Octet.equals) ?? part.endIndex
      let content = mark < part.endIndex ? Self.trimmed(part[(mark + 1)...]) : []
      switch String(decoding: Self.trimmed(part[..<mark]), as: UTF8.self).lowercased() {
      case "path": path = content
      case "max-age": age = Int64(String(decoding: content, as: UTF8.self)) ?? age
      case "expires": isPast = Self.isLongPast(content)
      default: break
      }
    }
    isRemoval = age.map { $0 <= 0 } ?? isPast
  }

  // A year is the number of four digits.
  private static func isLongPast(_ date: [UInt8]) -> Bool {
    let words = date.split { !(0x30...0x39).contains($0) }
    return words.contains { $0.count == 4 && $0.first == UInt8(ascii: "1") }
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let isBlank: (UInt8) -> Bool = { $0 == Octet.space || $0 == 0x09 }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
    return Array(bytes[first...last])
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] { trimmed(bytes[...]) }
}
