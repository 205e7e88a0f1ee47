/// Where a sealed value belongs: it opens only with the same purpose, cookie variant, site and host.
package struct SealContext: Sendable, Hashable {
  /// What is authenticated with the value, length-prefixed.
  package let bytes: [UInt8]

  /// - Parameters:
  ///   - purpose: what is sealed, such as `session`.
  ///   - site: `Site.name`.
  ///   - host: the request's host; its port, one final dot and the case of its letters make no difference.
  ///   - isSecure: whether browsers use https here; a value that was sealed over plain HTTP does not open over https, nor the reverse.
  package init(purpose: StaticString = "session", site: String, host: Span<UInt8>, isSecure: Bool) {
    let end = Self.nameEnd(host)
    var name: [UInt8] = []
    name.reserveCapacity(end)
    for i in 0..<end {
      let byte = host[i]
      name.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
    }
    var writer = SealedWriter(capacity: 32 + site.utf8.count + end)
    writer.write(purpose.description)
    writer.write(isSecure ? UInt8(1) : 0)
    writer.write(site)
    writer.write(name)
    bytes = writer.bytes
  }

  /// Where the host's name ends and its port or final dot begins. A colon inside an IPv6 literal's brackets begins no port.
  private static func nameEnd(_ host: Span<UInt8>) -> Int {
    var end = 0
    var inBrackets = false
    while end < host.count, inBrackets || host[end] != 0x3A {
      if host[end] == 0x5B { inBrackets = true }
      if host[end] == 0x5D { inBrackets = false }
      end += 1
    }
    return end > 0 && host[end - 1] == 0x2E ? end - 1 : end
  }
}
