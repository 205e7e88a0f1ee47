import Session

/// Whom a sealed value is for: it is good on this site and origin, and nowhere else.
package final class Audience: Sendable {
  /// The site's name (`Site.name`).
  package let site: String
  package let origin: WebOrigin
  /// What values are authenticated with, beside their content, after what is their purpose's.
  let context: [UInt8]

  package init(site: String, origin: WebOrigin) {
    self.site = site
    self.origin = origin
    var fields = SealedWriter()
    fields.write(site)
    fields.write(origin.description)
    context = fields.bytes
  }

  /// What a purpose's values are authenticated with, before what is their audience's.
  static func purposeContext(_ purpose: String) -> [UInt8] {
    var fields = SealedWriter()
    fields.write(purpose)
    return fields.bytes
  }
}
