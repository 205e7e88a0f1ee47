/// Somebody, as a provider knows them. Nothing in it has a control byte.
package struct Identity: Sendable, Equatable {
  /// 1 to 256 bytes.
  package var user: String
  /// Up to 256 bytes; empty where the provider says none.
  package var name: String
  /// Up to 320 bytes; empty where the provider says none, or that it is not verified.
  package var email: String
  /// At most 200, each 1 to 256 bytes without a comma.
  package var groups: [String]
  /// `sub`: whom the provider means, for good. 1 to 255 ASCII characters.
  package var subject: String

  package init(user: String, name: String, email: String, groups: [String], subject: String) {
    self.user = user
    self.name = name
    self.email = email
    self.groups = groups
    self.subject = subject
  }
}
