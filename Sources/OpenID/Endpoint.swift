import HTTP

/// Whether a text is an absolute address to send a browser or a request to: https, or http on loopback; printable ASCII, at most 2048
/// bytes, with a host, without user information and fragment.
func isEndpoint(_ text: String) -> Bool {
  let bytes = [UInt8](text.utf8)
  guard bytes.count <= 2048, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
  // What browsers read in another way than we do.
  guard !bytes.contains(where: { #""<>\^`{|}#"#.utf8.contains($0) }) else { return false }
  let scheme = text.hasPrefix("https://") ? "https://" : "http://"
  guard text.hasPrefix(scheme) else { return false }
  let authority = Array(bytes.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
  guard let parts = splitHostPort(authority.span), !parts.host.isEmpty else { return false }
  let host = String(decoding: authority[parts.host], as: UTF8.self)
  return scheme == "https://" || isLoopback(host)
}

private func isLoopback(_ host: String) -> Bool {
  if ["localhost", "[::1]", "::1"].contains(host) { return true }
  let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
  return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { $0.count <= 3 && UInt8($0) != nil }
}
