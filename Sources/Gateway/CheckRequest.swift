import Config
import Crypto
import Fetch
import Session

/// What a checker is asked about one request: all that it hears.
struct CheckRequest: Sendable {
  /// What the browser wants.
  struct Subject: Sendable {
    /// As the request has it, or will have it.
    var method: [UInt8]
    /// Begins with `/`. It has no query but a return ticket of ours: a query may name a patient.
    var target: [UInt8]
  }

  var subject: Subject
  /// `scheme://host[:port]` as the browser knows the site.
  var origin: String
  /// Of the `Host` field.
  var host: [UInt8]
  var isSecure: Bool
  /// The client's address, and those of the proxies after it, separated by commas.
  var client: [UInt8]
  /// The browser's, less ours; empty where there are none.
  var cookies: [UInt8]
  var authorization: [UInt8]?
  var userAgent: [UInt8]?
  var accept: [UInt8]?
  var acceptLanguage: [UInt8]?

  /// `subject` as an address.
  var url: String { origin + String(decoding: subject.target, as: UTF8.self) }

  /// `nil` where it has bytes that cannot be sent.
  func message(to check: String) -> FetchRequest? {
    let asked = check.split(separator: ForwardLoginSettings.placeholder, maxSplits: 1, omittingEmptySubsequences: false)
    let text = asked.count == 2 ? asked[0] + PercentEncoding.encoded(url) + asked[1] : Substring(check)
    guard let address = FetchAddress(String(text)) else { return nil }
    var request = FetchRequest(address, accept: "*/*")
    if let accept { request.accept = String(decoding: accept, as: UTF8.self) }
    if let authorization { request.authorization = String(decoding: authorization, as: UTF8.self) }
    request.fields = fields + aboutSubject
    return request
  }

  private var fields: [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = [
      ("X-Forwarded-Proto", Array((isSecure ? "https" : "http").utf8)), ("X-Forwarded-Host", host), ("X-Forwarded-For", client),
    ]
    if !cookies.isEmpty { fields.append(("Cookie", cookies)) }
    if let userAgent { fields.append(("User-Agent", userAgent)) }
    if let acceptLanguage { fields.append(("Accept-Language", acceptLanguage)) }
    return fields
  }

  private var aboutSubject: [(name: String, value: [UInt8])] {
    [
      ("X-Forwarded-Method", subject.method), ("X-Forwarded-Uri", subject.target), ("X-Original-Method", subject.method),
      ("X-Original-URL", Array(url.utf8)),
    ]
  }

  // MARK: Keys

  /// The same for two questions that the same answer holds for.
  /// - Parameter ignoresSubject: for a checker that does not look at path and method.
  func key(_ secret: [UInt8], ignoresSubject: Bool) -> CheckKey {
    var writer = SealedWriter(capacity: 512)
    writer.write(secret)
    for (name, value) in fields + (ignoresSubject ? [] : aboutSubject) {
      writer.write(name)
      writer.write(value)
    }
    for value in [authorization, accept] {
      writer.write(UInt8(value == nil ? 0 : 1))
      writer.write(value ?? [])
    }
    return CheckKey(Array(SHA256.hash(writer.bytes)))
  }

  /// The same for all questions of one browser, or program.
  func browser(_ secret: [UInt8]) -> CheckKey {
    var writer = SealedWriter(capacity: 512)
    for value in [secret, host, cookies, authorization ?? []] { writer.write(value) }
    return CheckKey(Array(SHA256.hash(writer.bytes)))
  }
}

/// A keyed digest, so that no cookie is kept.
struct CheckKey: Sendable, Hashable {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// RFC 3986, section 2.1.
enum PercentEncoding {
  /// Everything but letters, digits and `-._~` encoded.
  static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let digits = Array("0123456789ABCDEF".utf8)
}
