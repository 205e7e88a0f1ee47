/// Whether a form was sent from a page of ours.
package enum OriginCheck {
  /// Browsers send `Origin` with every POST: it must be our own; `null` never is. Only where it is absent does
  /// `Sec-Fetch-Site: same-origin`, which no page can forge, take its place.
  /// - Parameters:
  ///   - origin: the value of `Origin`, several joined by `, ` (they then match nothing); `nil` if the request has none.
  ///   - fetchSite: the value of `Sec-Fetch-Site`; `nil` if the request has none.
  package static func isOwn(_ own: WebOrigin, origin: [UInt8]?, fetchSite: [UInt8]?) -> Bool {
    let sameOrigin = fetchSite.map { $0.elementsEqual("same-origin".utf8) }
    guard let origin else { return sameOrigin ?? false }
    // A site that a browser calls another one is another one, whatever `Origin` says.
    if let fetchSite, fetchSite.elementsEqual("cross-site".utf8) { return false }
    return WebOrigin(serialized: origin) == own
  }

  /// Whether a form of the app's was sent from the app's own pages: both that browsers say of it agree, where they say both.
  ///
  /// Stricter than for forms of ours, which carry a token besides.
  /// - Parameters: as for `isOwn`.
  package static func isSameOrigin(_ own: WebOrigin, origin: [UInt8]?, fetchSite: [UInt8]?) -> Bool {
    guard let origin, WebOrigin(serialized: origin) == own else { return false }
    return fetchSite?.elementsEqual("same-origin".utf8) ?? true
  }

  /// Whether a WebSocket may be opened from where it comes. Browsers send `Origin` with every handshake; one without it is a program's, which has
  /// its cookie from nowhere but its user.
  /// - Parameters:
  ///   - others: origins that may do so beside the site's own.
  ///   - origin: as for `isOwn`.
  ///   - fetchSite: as for `isOwn`.
  package static func mayOpenWebSocket(_ own: WebOrigin, others: [WebOrigin], origin: [UInt8]?, fetchSite: [UInt8]?) -> Bool {
    guard let origin else {
      return fetchSite.map { $0.elementsEqual("same-origin".utf8) || $0.elementsEqual("none".utf8) } ?? true
    }
    guard let sent = WebOrigin(serialized: origin) else { return false }
    if sent == own, !(fetchSite?.elementsEqual("cross-site".utf8) ?? false) { return true }
    return others.contains(sent)
  }
}
