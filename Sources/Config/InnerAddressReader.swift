/// Reads `inner` of an `upstream` block.
enum InnerAddressReader {
  /// In one `upstream` block.
  private static let maximumCount = 100

  static func read(_ entry: Entry, into settings: inout UpstreamSettings, context: inout LoadContext) {
    let value = entry.values[0]
    guard let inner = address(value, context: &context) else { return }
    if settings.inner.contains(inner) {
      context.error(value.position, "`\(value.shown)` is named twice (keep one)")
    } else if settings.inner.count == maximumCount {
      context.error(entry.position, "more than \(maximumCount) inner addresses (name those that the app's answers really hold)")
    } else {
      settings.inner.append(inner)
    }
  }

  /// What is never done needs no addresses.
  static func check(_ settings: UpstreamSettings, _ reader: BlockReader, context: inout LoadContext) {
    guard !settings.rewrites, let useless = reader.first("inner") else { return }
    context.error(useless.position, "`inner` beside `rewrite off` has nothing to say (take one of them out)")
  }

  private static func address(_ value: Value, context: inout LoadContext) -> InnerAddress? {
    let lower = value.text.lowercased()
    guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
      context.error(
        value.position, "`\(value.shown)` is not an inner address (write it as the app does, such as http://app.internal:8080/)")
      return nil
    }
    let rest = value.text.dropFirst(scheme.utf8.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let isSecure = scheme == "https://"
    guard let (written, port) = UpstreamReader.split(rest[..<slash], isSecure ? 443 : 80), let host = host(written) else {
      context.error(
        value.position, "`\(value.shown)` has no usable host and port (a name or an address, such as http://app.internal:8080/)")
      return nil
    }
    guard let prefix = prefix(rest[slash...]) else {
      context.error(
        value.position,
        "`\(value.shown)` has no usable path (the part that browsers do not use, such as /clinic, as the app writes it: no query, no blanks)"
      )
      return nil
    }
    return InnerAddress(address: UpstreamAddress(host: host, port: port, isSecure: isSecure), prefix: prefix)
  }

  /// In lower case and without brackets.
  private static func host(_ written: String) -> String? {
    let host = written.lowercased()
    if host.hasPrefix("["), host.hasSuffix("]") {
      let inner = String(host.dropFirst().dropLast())
      return inner.contains(":") && IPAddress(inner) != nil ? inner : nil
    }
    return HostName.isValid(host, allowingUnderscore: true) ? host : nil
  }

  /// Without its final slash.
  private static func prefix(_ path: Substring) -> String? {
    let prefix = path.hasSuffix("/") ? path.dropLast() : path
    guard prefix.utf8.count <= 2048, prefix.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"?#\\;".utf8.contains($0) }) else { return nil }
    let segments = prefix.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    guard prefix.isEmpty || segments.allSatisfy({ !["", ".", ".."].contains($0) }) else { return nil }
    return String(prefix)
  }
}
