import Crypto

/// The gateway's own cookies: what they are called and which attributes they carry.
package final class CookieNames: Sendable {
  /// What a cookie of ours is for.
  package enum Kind: Sendable, Equatable { case session, device, binding, login, tab }

  /// Whose a cookie is, by its name.
  package enum Owner: Sendable, Equatable {
    case app
    /// Of this scheme's session, exactly as written.
    case session
    /// Any other one in the gateway's name space.
    case gateway
  }

  /// Names for browsers that use https. The `__Host-` prefix makes the browser insist on `Secure`, `Path=/` and no `Domain`.
  package static let secure = CookieNames(isSecure: true)
  /// Names for plain HTTP; over https they are nobody's.
  package static let plain = CookieNames(isSecure: false)

  /// How many binding cookies of one request are looked at: as many tabs as are restored at once, in about 3 KB of cookies.
  package static let maximumBindings = 64
  /// Random bytes that make a binding cookie's name its own.
  package static let bindingNameCount = 6

  /// Whether these are the names for https.
  package let isSecure: Bool
  /// The sealed session's cookie.
  package let session: String
  /// The cookie of a browser that a user has signed in from before.
  package let device: String
  /// The cookie that remembers which of several logins was chosen last.
  package let login: String
  private let bindingPrefix: String
  private let sessionBytes: [UInt8]
  // Its first and its last eight bytes, which are all of it.
  private let sessionStart: UInt64
  private let sessionEnd: UInt64
  private let deviceBytes: [UInt8]
  private let loginBytes: [UInt8]
  private let tabPrefix: String
  private let tabBytes: [UInt8]
  private let bindingBytes: [UInt8]

  private init(isSecure: Bool) {
    self.isSecure = isSecure
    session = isSecure ? "__Host-anteroom" : "anteroom"
    device = session + "-device"
    login = session + "-login"
    bindingPrefix = session + "-b-"
    tabPrefix = session + "-tab-"
    let bytes = [UInt8](session.utf8)
    sessionBytes = bytes
    sessionStart = Self.word(bytes.span, 0)
    sessionEnd = Self.word(bytes.span, bytes.count - 8)
    deviceBytes = [UInt8](device.utf8)
    loginBytes = [UInt8](login.utf8)
    bindingBytes = [UInt8](bindingPrefix.utf8)
    tabBytes = [UInt8](tabPrefix.utf8)
  }

  /// The names for a scheme.
  package static func names(isSecure: Bool) -> CookieNames { isSecure ? secure : plain }

  /// A binding cookie's name. Tabs that are opened at once each get one of their own, and none overwrites another's.
  ///
  /// - Parameter random: `bindingNameCount` random bytes, 8 characters in the name.
  package func binding(_ random: [UInt8]) -> String {
    precondition(random.count == Self.bindingNameCount)
    return bindingPrefix + Base64URL.encode(random)
  }

  /// Characters of a tab's name: 16 random bytes in base64url.
  package static let tabNameCount = 22

  /// The name of the cookie that holds one tab's way back.
  package func tab(_ name: String) -> String { tabPrefix + name }

  /// The tab whose cookie `name` is; `nil` for all other cookies.
  package func tab(ofCookie name: String) -> String? {
    guard name.hasPrefix(tabPrefix), name.utf8.count == tabBytes.count + Self.tabNameCount else { return nil }
    return String(name.dropFirst(tabPrefix.count))
  }

  /// Which of our cookies `name` is for this scheme, exactly as written; `nil` for all others.
  package func kind(of name: Span<UInt8>) -> Kind? {
    guard Self.hasPrefix(name, sessionBytes) else { return nil }
    if name.count == sessionBytes.count { return .session }
    if name.count == deviceBytes.count, Self.hasPrefix(name, deviceBytes) { return .device }
    if name.count == loginBytes.count, Self.hasPrefix(name, loginBytes) { return .login }
    let (kind, start): (Kind, Int)
    if name.count == bindingBytes.count + 8, Self.hasPrefix(name, bindingBytes) {
      (kind, start) = (.binding, bindingBytes.count)
    } else if name.count == tabBytes.count + Self.tabNameCount, Self.hasPrefix(name, tabBytes) {
      (kind, start) = (.tab, tabBytes.count)
    } else {
      return nil
    }
    for i in start..<name.count {
      switch name[i] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: continue
      default: return nil
      }
    }
    return kind
  }

  /// Whose the cookie is; asked for each cookie of each request.
  package func owner(of name: Span<UInt8>) -> Owner {
    if name.count == sessionBytes.count, Self.word(name, 0) == sessionStart, Self.word(name, name.count - 8) == sessionEnd {
      return .session
    }
    return Self.isOurs(name: name) ? .gateway : .app
  }

  /// Whether `name`, in any case and with blanks around it, is in the gateway's name space, whatever the scheme. Such a cookie never
  /// reaches the app, and the app may not set one.
  package static func isOurs(name: Span<UInt8>) -> Bool {
    var start = 0
    var end = name.count
    while start < end, isBlank(name[start]) { start += 1 }
    while start < end, isBlank(name[end - 1]) { end -= 1 }
    // Nearly all are told apart by their first byte.
    var takesAnyEnd = false
    guard start < end else { return false }
    switch name[start] {
    case 0x41, 0x61: break
    case 0x5F:
      if isFolded(name, start..<end, hostPrefix) {
        start += hostPrefix.count
      } else if isFolded(name, start..<end, securePrefix) {
        start += securePrefix.count
        takesAnyEnd = true
      } else {
        return false
      }
    default: return false
    }
    // "anteroom", the first letter in the lowest byte. Nothing but the case of its letters falls together.
    guard end - start >= 8, word(name, start) | 0x2020_2020_2020_2020 == 0x6D6F_6F72_6574_6E61 else { return false }
    let next = start + 8
    return takesAnyEnd || next == end || name[next] == 0x2D
  }

  /// Eight bytes that are there, the first one lowest; written so that the compiler makes one load of it.
  private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
    let rest = bytes.extracting(start..<bytes.count)
    precondition(rest.count >= 8)
    return UInt64(rest[0]) | UInt64(rest[1]) << 8 | UInt64(rest[2]) << 16 | UInt64(rest[3]) << 24
      | UInt64(rest[4]) << 32 | UInt64(rest[5]) << 40 | UInt64(rest[6]) << 48 | UInt64(rest[7]) << 56
  }

  private static let hostPrefix = [UInt8]("__host-".utf8)
  private static let securePrefix = [UInt8]("__secure-".utf8)

  /// Whether a `Set-Cookie` field's value sets a cookie in the gateway's name space (RFC 6265, section 5.2).
  ///
  /// A cookie without a name is judged by its value: browsers send `=anteroom=x` back as `anteroom=x`.
  package static func isOurs(setCookie field: Span<UInt8>) -> Bool {
    var start = 0
    while start < field.count, isBlank(field[start]) || field[start] == 0x3D { start += 1 }
    var end = start
    while end < field.count, field[end] != 0x3D, field[end] != 0x3B { end += 1 }
    return isOurs(name: field.extracting(start..<end))
  }

  /// The `Set-Cookie` field's value that gives the browser a cookie.
  ///
  /// - Parameters:
  ///   - name: one of this scheme's names.
  ///   - value: base64url text.
  ///   - maxAge: seconds for which the browser keeps it; `nil` until it is closed.
  package func setCookie(_ name: String, value: String, maxAge: Int64? = nil) -> String {
    var field = name + "=" + value
    if let maxAge { field += "; Max-Age=\(maxAge)" }
    return field + attributes
  }

  /// The `Set-Cookie` field's value that takes a cookie away again, with the attributes it was given with.
  package func clearCookie(_ name: String) -> String {
    setCookie(name, value: "", maxAge: 0)
  }

  private var attributes: String {
    isSecure ? "; Path=/; Secure; HttpOnly; SameSite=Lax" : "; Path=/; HttpOnly; SameSite=Lax"
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func hasPrefix(_ name: Span<UInt8>, _ prefix: [UInt8]) -> Bool {
    guard name.count >= prefix.count else { return false }
    for i in prefix.indices where name[i] != prefix[i] { return false }
    return true
  }

  /// Whether the bytes of `range` begin with `text`, which is in lower case, in any case.
  private static func isFolded(_ name: Span<UInt8>, _ range: Range<Int>, _ text: [UInt8]) -> Bool {
    guard range.count >= text.count else { return false }
    for i in text.indices {
      let byte = name[range.lowerBound + i]
      guard (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == text[i] else { return false }
    }
    return true
  }
}
