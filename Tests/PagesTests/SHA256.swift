/// SHA-256 (FIPS 180-4), written out so that the tests of a target without dependencies need none either.
func sha256(_ message: [UInt8]) -> [UInt8] {
  func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
  func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var candidate = 2
    while found.count < count {
      if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }
  /// The first 32 bits of the fractional part of the root: the largest r with r^power <= prime * 2^(32 * power), by bisection.
  func fraction(_ prime: Int, power: Int) -> UInt32 {
    var low: UInt64 = 0
    var high: UInt64 = 1 << 37
    let target = wide(UInt64(prime), shiftedBy: 32 * power)
    while high - low > 1 {
      let middle = (low + high) / 2
      if compare(raise(middle, power), target) { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
  var state = primes(8).map { fraction($0, power: 2) }
  let constants = primes(64).map { fraction($0, power: 3) }
  var padded = message + [0x80]
  while padded.count % 64 != 56 { padded.append(0) }
  for shift in stride(from: 56, through: 0, by: -8) { padded.append(UInt8(truncatingIfNeeded: (message.count * 8) >> shift)) }
  for block in stride(from: 0, to: padded.count, by: 64) {
    var words = (0..<16).map { word in padded[block + word * 4..<block + word * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
    for index in 16..<64 {
      let early = words[index - 15]
      let late = words[index - 2]
      let first = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
      let second = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
      words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
    }
    var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let choose = e & f ^ ~e & g
      let one = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choose &+ constants[index] &+ words[index]
      let two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
  }
  return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
}

/// Numbers of up to 128 bits, as (high, low), enough for a cube of 37 bits.
private func wide(_ value: UInt64, shiftedBy bits: Int) -> (UInt64, UInt64) {
  bits >= 64 ? (value << (bits - 64), 0) : (bits == 0 ? 0 : value >> (64 - bits), value << bits)
}

private func raise(_ value: UInt64, _ power: Int) -> (UInt64, UInt64) {
  let square = value.multipliedFullWidth(by: value)
  guard power == 3 else { return (square.high, square.low) }
  let low = square.low.multipliedFullWidth(by: value)
  return (square.high * value + low.high, low.low)
}

private func compare(_ left: (UInt64, UInt64), _ right: (UInt64, UInt64)) -> Bool {
  left.0 != right.0 ? left.0 < right.0 : left.1 <= right.1
}
