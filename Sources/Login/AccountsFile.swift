import Config
import Crypto

/// An accounts file, read: `user:hash:name:email:groups` lines, the last three fields optional; empty lines and `#` comments between them.
package struct AccountsFile: Sendable {
  /// Largest file in bytes.
  package static let maximumCount = 4 << 20
  /// Most accounts of a file.
  package static let maximumAccounts = 100_000
  /// Most faults that are reported for a file.
  static let maximumFaults = 1_000

  /// Everybody whose line is sound.
  package let accounts: Accounts
  /// Every line that is not, in the order of the file.
  package let faults: [Diagnostic]

  /// Reads `bytes`; a line that is wrong costs its own account only.
  /// - Parameter file: the name that the faults carry.
  package init(_ bytes: [UInt8], file: String) {
    var reader = AccountsFileReader(file: file)
    if bytes.count > Self.maximumCount {
      reader.report(0, "the accounts file is larger than 4 MB, so nobody in it can sign in (take out what is not an account)")
    } else {
      reader.read(bytes)
    }
    accounts = Accounts(reader.accounts)
    faults = reader.faults
  }
}

/// Collects accounts and faults line by line.
private struct AccountsFileReader {
  let file: String
  var accounts: [Account] = []
  var faults: [Diagnostic] = []
  private var lines: [String: Int] = [:]

  init(file: String) { self.file = file }

  mutating func report(_ line: Int, _ message: String) {
    guard faults.count < AccountsFile.maximumFaults else { return }
    let isLast = faults.count == AccountsFile.maximumFaults - 1
    let message = isLast ? message + "; faults after this one are not reported" : message
    faults.append(Diagnostic(.error, file: file, line: line, column: line == 0 ? 0 : 1, message))
  }

  mutating func read(_ bytes: [UInt8]) {
    for (index, line) in AccountsFileLine.split(bytes).enumerated() {
      let content = bytes[line.content]
      guard AccountsFileLine.isAccount(content) else { continue }
      guard accounts.count < AccountsFile.maximumAccounts else {
        report(
          index + 1, "more than \(AccountsFile.maximumAccounts) accounts: this one and those after it cannot sign in (use several sites)")
        return
      }
      read(content, line: index + 1)
    }
  }

  private mutating func read(_ content: ArraySlice<UInt8>, line: Int) {
    guard !content.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
      return report(line, "a control character (take it out)")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      return report(line, "not UTF-8 (save the file in UTF-8)")
    }
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(Self.trimmed)
    guard !fields.contains(where: { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } }) else {
      return report(line, "a control character (take it out)")
    }
    guard !fields[0].isEmpty else { return report(line, "no user name (write user:hash)") }
    guard let key = UserName.fold(fields[0]) else {
      return report(line, "a user name that cannot be matched (at most 256 bytes, no invisible or compatibility characters)")
    }
    if let first = lines[key] {
      return report(line, "the user name \"\(fields[0])\" is that of line \(first), which counts (take one of them out)")
    }
    lines[key] = line
    guard fields.count >= 2 else {
      return report(line, "\"\(fields[0])\" cannot sign in: no hash (write user:hash, or run `anteroom passwd`)")
    }
    guard fields.count <= 5 else {
      return report(line, "more than five fields (user:hash:name:email:groups, and no colon inside a field)")
    }
    guard PasswordHash.kind(of: fields[1]) != nil else {
      return report(line, "\"\(fields[0])\" cannot sign in: a hash of a kind that is refused (run `anteroom passwd`, or `htpasswd -B`)")
    }
    guard PasswordHashShape(fields[1]) != nil else {
      return report(line, "\"\(fields[0])\" cannot sign in: the hash is not complete (run `anteroom passwd`, or `htpasswd -B`)")
    }
    let groups = fields.count > 4 ? fields[4].split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty } : []
    accounts.append(
      Account(
        key: key, user: fields[0], hash: fields[1], name: fields.count > 2 ? fields[2] : "", email: fields.count > 3 ? fields[3] : "",
        groups: groups))
  }

  private static func trimmed(_ field: Substring) -> String {
    var scalars = field.unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}

/// Where the lines of an accounts file are, for reading and for editing.
struct AccountsFileLine {
  /// Without a byte order mark in front and the line's end behind.
  let content: Range<Int>

  static func split(_ bytes: [UInt8]) -> [AccountsFileLine] {
    var lines: [AccountsFileLine] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      let newline = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let end = newline > start && bytes[newline - 1] == 0x0D ? newline - 1 : newline
      lines.append(AccountsFileLine(content: start..<end))
      start = newline + 1
    }
    return lines
  }

  /// Whether it is neither empty nor a comment.
  static func isAccount(_ content: ArraySlice<UInt8>) -> Bool {
    guard let first = content.first(where: { $0 != 0x20 && $0 != 0x09 }) else { return false }
    return first != UInt8(ascii: "#")
  }
}
