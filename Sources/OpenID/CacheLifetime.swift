/// For how long a provider's document is good (RFC 9111, section 4.2), within bounds of ours: one that says nothing sensible is neither asked for at
/// each login nor believed for ever.
package enum CacheLifetime {
  /// Seconds.
  package static let shortest: Int64 = 60
  package static let longest: Int64 = 24 * 3600
  package static let usual: Int64 = 600

  /// Seconds from `now`, which is in seconds since 1970.
  /// - Parameter fields: of the answer, by name in lower case.
  package static func seconds(_ fields: [String: String], now: Int64) -> Int64 {
    min(max(said(fields, now) ?? usual, shortest), longest)
  }

  private static func said(_ fields: [String: String], _ now: Int64) -> Int64? {
    let directives = (fields["cache-control"] ?? "").lowercased().split(separator: ",").map { trimmed($0) }
    if directives.contains(where: { $0 == "no-store" || $0 == "no-cache" || $0.hasPrefix("no-cache=") }) { return 0 }
    let age = fields["age"].flatMap { number(trimmed($0[...])) } ?? 0
    if let maxAge = directives.first(where: { $0.hasPrefix("max-age=") }) {
      let value = maxAge.dropFirst("max-age=".count)
      // One that cannot be read has run out.
      return (number(String(value.filter { $0 != "\"" })) ?? 0) - age
    }
    guard let expires = fields["expires"] else { return nil }
    guard let end = HTTPDateReading.seconds(expires) else { return 0 }
    // Both by the server's clock, whatever ours says.
    return end - (fields["date"].flatMap { HTTPDateReading.seconds($0) } ?? now) - age
  }

  private static func number(_ text: String) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    // What is beyond 64 bits is long all the same (RFC 9111, section 1.2.2).
    return min(Int64(text) ?? longest * 365, longest * 365)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }
}
