/// Where a form that was sent after the session ended comes back to: the page that it was on.
package enum RefererAddress {
  /// Path and query of `referer` if it is an address of `origin` that may be gone back to (`RedirectTarget.isLocal`); else `nil`.
  package static func sameOrigin(referer: Span<UInt8>, origin: WebOrigin) -> [UInt8]? {
    guard referer.count <= RedirectTarget.maximumCount else { return nil }
    var address: [UInt8] = []
    address.reserveCapacity(referer.count)
    for i in 0..<referer.count { address.append(referer[i]) }
    guard let (scheme, rest) = WebOrigin.splitScheme(address) else { return nil }
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard WebOrigin(scheme: scheme, authority: [UInt8](authority)) == origin else { return nil }
    var target = [UInt8](rest[authority.endIndex...].prefix { $0 != UInt8(ascii: "#") })
    if target.first != UInt8(ascii: "/") { target.insert(UInt8(ascii: "/"), at: 0) }
    return RedirectTarget.isLocal(target) ? target : nil
  }
}
