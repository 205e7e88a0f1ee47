import HTTP
import Login

/// The audience of a site's values at the host that was asked for last: the same browsers ask for the same host.
final class AudienceCache {
  private var host: [UInt8] = []
  private var isSecure = false
  private var last: Audience?

  /// Whom values of `site` are for at `host`, a `Host` field's value; `nil` if that is no host.
  func audience(site: String, host: Span<UInt8>, isSecure: Bool) -> Audience? {
    if let last, self.isSecure == isSecure, equal(host, self.host.span) { return last }
    var bytes: [UInt8] = []
    bytes.append(copying: host)
    guard let origin = WebOrigin(scheme: isSecure ? "https" : "http", authority: bytes) else { return nil }
    let audience = Audience(site: site, origin: origin)
    self.host = bytes
    self.isSecure = isSecure
    last = audience
    return audience
  }

  private func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for i in a.indices where a[i] != b[i] { return false }
    return true
  }
}
