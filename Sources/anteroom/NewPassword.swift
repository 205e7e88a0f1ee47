import Glibc

/// A password that somebody chose, wiped from memory when its last reference goes. Its bytes never appear in a description.
final class NewPassword: CustomStringConvertible {
  /// Characters, as people count them.
  static let minimumCharacters = 12
  /// libcrypt hashes no longer phrase (`CRYPT_MAX_PASSPHRASE_SIZE` with its NUL).
  static let maximumBytes = 511

  /// What is wrong, with the mend.
  enum Fault: Error, Equatable, CustomStringConvertible {
    case tooShort
    case tooLong
    case controlCharacter
    case notUTF8

    var description: String {
      switch self {
      case .tooShort: "the password has less than \(minimumCharacters) characters (take a longer one: three or four words do well)"
      case .tooLong: "the password has more than \(maximumBytes) bytes (take a shorter one)"
      case .controlCharacter: "the password holds a control character, which no login page can send (take it out)"
      case .notUTF8: "the password is not UTF-8, as login pages send it (set the terminal to UTF-8)"
      }
    }
  }

  /// Reserved at its full size, so that no copy is left behind when it grows.
  private(set) var bytes: [UInt8] = []
  private var isOverfull = false

  init() { bytes.reserveCapacity(Self.maximumBytes + 1) }

  /// Takes one more byte; those that are too many are only counted.
  func append(_ byte: UInt8) {
    if bytes.count < Self.maximumBytes { bytes.append(byte) } else { isOverfull = true }
  }

  var isEmpty: Bool { bytes.isEmpty }

  /// Whether it may be a password.
  func check() throws(Fault) {
    if isOverfull { throw .tooLong }
    var characters = 0
    do {
      let bytes = bytes
      guard let text = try? UTF8Span(validating: bytes.span) else { throw Fault.notUTF8 }
      var scalars = text.makeUnicodeScalarIterator()
      while let scalar = scalars.next() {
        if scalar.properties.generalCategory == .control { throw .controlCharacter }
      }
      var iterator = text.makeCharacterIterator()
      while iterator.next() != nil { characters += 1 }
    }
    if characters < Self.minimumCharacters { throw .tooShort }
  }

  /// Whether both are the same.
  func matches(_ other: NewPassword) -> Bool { bytes == other.bytes && isOverfull == other.isOverfull }

  var description: String { "NewPassword" }

  deinit {
    // Safe: the pointer is good for the whole array, which is this object's own and about to be freed.
    unsafe bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { unsafe explicit_bzero(base, $0.count) } }
  }
}
