import Session

/// Whom a sealed value is for: it is good on this site and origin, and nowhere else.
package struct Audience: Sendable, Hashable {
  /// The site's name (`Site.name`).
  package let site: String
  package let origin: WebOrigin

  package init(site: String, origin: WebOrigin) {
    self.site = site
    self.origin = origin
  }

  /// What a value for `purpose` is authenticated with, beside its content.
  func context(_ purpose: String) -> [UInt8] {
    var fields = SealedWriter()
    fields.write(purpose)
    fields.write(site)
    fields.write(origin.description)
    return fields.bytes
  }
}
