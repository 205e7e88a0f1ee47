/// `identity`: the fields that carry the signed-in user to the app; a `nil` one is not sent.
package struct IdentityFields: Sendable, Equatable {
  package var user: String?
  package var name: String?
  package var email: String?
  package var groups: String?

  package init(user: String? = "X-Auth-User", name: String? = nil, email: String? = nil, groups: String? = nil) {
    self.user = user
    self.name = name
    self.email = email
    self.groups = groups
  }
}

/// `request`: fields set or dropped on the way to the app.
package struct RequestFields: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package var name: String
    /// 1 to 8192 bytes without control bytes and without a blank at either end.
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
  /// No two of the same name, compared without case and with `-` for all but letters and digits; none of those in `drop`.
  package var set: [Field]
  package var drop: [String]

  package init(set: [Field] = [], drop: [String] = []) {
    self.set = set
    self.drop = drop
  }
}
