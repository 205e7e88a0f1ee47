/// `brand`: whose pages they are.
package struct Brand: Sendable, Equatable {
  package struct Logo: Sendable, Equatable {
    /// `image/svg+xml` or `image/png`.
    package var type: String
    package var bytes: [UInt8]

    package init(type: String, bytes: [UInt8]) {
      self.type = type
      self.bytes = bytes
    }
  }
  package var name: String?
  package var logo: Logo?

  package init(name: String? = nil, logo: Logo? = nil) {
    self.name = name
    self.logo = logo
  }
}
