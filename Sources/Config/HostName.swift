/// Host names as `site` and `upstream` take them.
enum HostName {
  /// Labels of letters, digits and dashes (RFC 1123 section 2.1), 63 bytes each and 253 in all; `_` too where names of machines may have it.
  static func isValid(_ host: String, allowingUnderscore: Bool = false) -> Bool {
    guard (1...253).contains(host.utf8.count) else { return false }
    let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy({ isLabel($0, allowingUnderscore: allowingUnderscore) }) else { return false }
    // A name whose last label is a number would be read as an address.
    guard let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) else { return true }
    return IPAddress(host) != nil
  }

  private static func isLabel(_ label: Substring.UTF8View, allowingUnderscore: Bool) -> Bool {
    guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else { return false }
    return label.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
      case UInt8(ascii: "_"): allowingUnderscore
      default: false
      }
    }
  }
}
