import Crypto

/// Somebody who can sign in to the demo.
package struct DemoAccount: Sendable {
  package let user: String
  /// Shown to everybody: it opens nothing but made-up patients on this machine.
  package let password: String
  package let name: String

  /// Those that the demo prints.
  package static let all = [
    DemoAccount(user: "anna", password: "calm-harbour-tide", name: "Anna Gruber"),
    DemoAccount(user: "robin", password: "quiet-anchor-bay", name: "Robin Hale"),
  ]

  /// The accounts file for `accounts`, with hashes made now: takes tens of milliseconds for each.
  package static func file(_ accounts: [DemoAccount]) -> [UInt8] {
    var text = ""
    for account in accounts {
      guard let hash = PasswordHash.make([UInt8](account.password.utf8)) else { continue }
      text += "\(account.user):\(hash):\(account.name)\n"
    }
    return [UInt8](text.utf8)
  }
}
