import Crypto
import Session

/// One line of an accounts file: somebody who can sign in.
package struct Account: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The folded user name (`UserName.fold`): what sessions, tickets and throttle buckets go by.
  package let key: String
  /// The user name as the file has it, without outer blanks: what apps are told.
  package let user: String
  /// In the notation of crypt(5), of a kind that verifies.
  package let hash: String
  /// Empty if the file has none.
  package let name: String
  /// Empty if the file has none.
  package let email: String
  /// In the order of the file.
  package let groups: [String]
  /// 16 bytes that change with the user, the hash or the groups: a session that carries other ones has ended.
  package let stamp: [UInt8]

  init(key: String, user: String, hash: String, name: String = "", email: String = "", groups: [String] = []) {
    self.key = key
    self.user = user
    self.hash = hash
    self.name = name
    self.email = email
    self.groups = groups
    var fields = SealedWriter()
    fields.write(key)
    fields.write(hash)
    fields.write(groups.sorted())
    stamp = [UInt8](SHA256.hash(fields.bytes).prefix(16))
  }

  /// Without the hash.
  package var description: String { "Account(\(user))" }
  package var debugDescription: String { description }
}

/// The accounts of a site, as they were when the file was last read. Immutable, and shared by all threads.
package final class Accounts: Sendable {
  private let all: [Account]
  private let byKey: [String: Int]
  private let byEmail: [String: Int]
  private let stamps: [String: [UInt8]]
  private let decoys: [Decoy]

  /// A hash that nobody's password has, with the kind and cost of `count` real ones.
  private struct Decoy: Sendable {
    let hash: String
    var count: Int
  }

  /// What an empty file's unknown users are checked against: a yescrypt hash at libcrypt's default cost whose digest is none.
  private static let defaultDecoy = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$" + String(repeating: ".", count: 43)

  /// - Parameter accounts: of two with one key, the first counts.
  package init(_ accounts: [Account]) {
    var all: [Account] = []
    var byKey: [String: Int] = [:]
    var byEmail: [String: Int] = [:]
    var shared: Set<String> = []
    var order: [String] = []
    var decoys: [String: Decoy] = [:]
    for account in accounts where byKey[account.key] == nil {
      byKey[account.key] = all.count
      if let email = UserName.fold(account.email), byEmail.updateValue(all.count, forKey: email) != nil { shared.insert(email) }
      all.append(account)
      guard let shape = PasswordHashShape(account.hash) else { continue }
      if decoys[shape.cost] == nil { order.append(shape.cost) }
      decoys[shape.cost, default: Decoy(hash: shape.decoy, count: 0)].count += 1
    }
    for email in shared { byEmail[email] = nil }
    self.all = all
    self.byKey = byKey
    self.byEmail = byEmail
    stamps = Dictionary(all.map { ($0.user, $0.stamp) }, uniquingKeysWith: { first, _ in first })
    self.decoys = order.compactMap { decoys[$0] }
  }

  /// How many can sign in.
  package var count: Int { all.count }

  /// The account whose user name, or else whose e-mail if nobody shares it, is `name`, an already folded name.
  package func account(named name: String) -> Account? {
    (byKey[name] ?? byEmail[name]).map { all[$0] }
  }

  /// What a session of a user name, as the file writes it, must carry; `nil` if there is no such account any more. Asked for each request, so
  /// without folding.
  package func stamp(writtenUser: String) -> [UInt8]? { stamps[writtenUser] }

  /// The hash that an unknown user's password is checked against, so that the answer takes as long as a known user's.
  ///
  /// In a file of several kinds or costs each unknown name keeps one of them, as likely as a real account has it: a time that only some
  /// names show would tell which names exist. `Hasher` goes by canonical equivalence and is seeded anew for each process.
  func decoy(for name: String) -> String {
    var hasher = Hasher()
    hasher.combine(name)
    let total = decoys.reduce(0) { $0 + $1.count }
    guard total > 0 else { return Self.defaultDecoy }
    var place = Int(UInt(bitPattern: hasher.finalize()) % UInt(total))
    for decoy in decoys {
      if place < decoy.count { return decoy.hash }
      place -= decoy.count
    }
    return Self.defaultDecoy
  }
}
