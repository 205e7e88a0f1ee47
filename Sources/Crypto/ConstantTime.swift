/// Comparison whose time does not tell where two secrets differ.
package enum ConstantTime {
  /// Whether both hold the same bytes. The time depends on the lengths alone.
  @inline(never)
  package static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for i in 0..<a.count { difference |= a[i] ^ b[i] }
    return difference == 0
  }
}
