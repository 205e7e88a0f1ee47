import Crypto

/// Changes an accounts file as `anteroom passwd` does: one hash, and everything else as it was.
package enum AccountsEditor {
  package enum Fault: Error, Equatable, CustomStringConvertible {
    case userName
    case hash
    case tooLarge

    /// What is wrong, and the mend in parentheses.
    package var description: String {
      switch self {
      case .userName:
        "not a user name (1 to 256 bytes; no colon, control, invisible or compatibility character, no blank at either end, no # in front)"
      case .hash: "not a hash that verifies (yescrypt, bcrypt or SHA-512 in the notation of crypt(5))"
      case .tooLarge: "the accounts file would be larger than 4 MB (take out what is not an account)"
      }
    }
  }

  /// `file` with `hash` as the hash of `user`: put in place in the line of that user, however it is spelled, or in a new line at the end.
  package static func set(_ file: [UInt8], user: String, hash: String) throws(Fault) -> [UInt8] {
    guard isUserName(user), let key = UserName.fold(user) else { throw .userName }
    guard PasswordHashShape(hash) != nil else { throw .hash }
    let lines = AccountsFileLine.split(file)
    var edited: [UInt8]?
    for line in lines where AccountsFileLine.isAccount(file[line.content]) {
      let content = file[line.content]
      let colon = content.firstIndex(of: UInt8(ascii: ":")) ?? content.endIndex
      guard UserName.fold([UInt8](content[..<colon])) == key else { continue }
      let rest = colon < content.endIndex ? content[(colon + 1)...].firstIndex(of: UInt8(ascii: ":")) ?? content.endIndex : colon
      edited = file[..<colon] + [UInt8(ascii: ":")] + hash.utf8 + file[rest...]
      break
    }
    let result = edited ?? appending(user + ":" + hash, to: file, lines: lines)
    guard result.count <= AccountsFile.maximumCount else { throw .tooLarge }
    return result
  }

  private static func appending(_ line: String, to file: [UInt8], lines: [AccountsFileLine]) -> [UInt8] {
    let usesReturns = lines.first.map { $0.content.upperBound < file.count && file[$0.content.upperBound] == 0x0D } ?? false
    let end: [UInt8] = usesReturns ? [0x0D, 0x0A] : [0x0A]
    var file = file
    if let last = file.last, last != 0x0A, !lines.isEmpty { file += end }
    return file + line.utf8 + end
  }

  private static func isUserName(_ user: String) -> Bool {
    guard let first = user.unicodeScalars.first, let last = user.unicodeScalars.last else { return false }
    return first != "#" && !first.properties.isWhitespace && !last.properties.isWhitespace && !user.unicodeScalars.contains(":")
      && !user.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
