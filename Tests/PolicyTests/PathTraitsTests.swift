import Testing

@testable import Policy

@Suite struct PathTraitsTests {
  @Test("The quick look agrees with the thorough one on every byte at every place")
  func everyByte() {
    for template in ["/", "/ab/cd", "/.ab/..", "//", "/a.b/c..d/", ".", "", "*"] {
      for place in 0..<template.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var path = [UInt8](template.utf8)
          path[place] = byte
          agree(path)
        }
      }
      agree([UInt8](template.utf8))
    }
  }

  @Test("The quick look agrees with the thorough one on odd paths, and what it calls clear has one reading")
  func oddPaths() {
    var generator = SeededGenerator(state: 3)
    let parts = ["/", "/", "a", "Bc", ".", "..", "%2e", "%", ";x", "\\", "?", "#", "~", "-", "=&+,:@!$'()*[]^`{|}", "\u{e9}", "\0"]
    for _ in 0..<5000 {
      let count = Int.random(in: 0...9, using: &generator)
      agree([UInt8]((0..<count).map { _ in parts[Int.random(in: 0..<parts.count, using: &generator)] }.joined().utf8))
    }
  }

  private func agree(_ path: [UInt8]) {
    let isClear = PathTraits.none(in: path.span)
    #expect(isClear == PathTraits(of: path.span).isEmpty, "\(path)")
    guard isClear, path.first == 0x2F else { return }
    let readings = PathReadings(of: path.span)
    #expect(readings.readings == [path] && !readings.isDoubtful && !readings.hasCut && !readings.isIncomplete, "\(path)")
  }
}

/// A small generator of the same numbers at each run (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
  }
}
