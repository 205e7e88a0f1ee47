/// What a query says about one patient parameter.
struct PatientQuery {
  private var exactCount = 0
  private var aliasCount = 0
  /// The value of an exact occurrence; `nil` where a `;` ran into it.
  private var value: Range<Int>?

  /// Goes once through the query, and stops at the second occurrence.
  init(_ query: Span<UInt8>, parameter: ParameterName) {
    var start = 0
    var followsSemicolon = false
    while start <= query.count, exactCount + aliasCount < 2 {
      var equals = -1
      var end = query.count
      for index in start..<query.count {
        let byte = query[index]
        // Nearly all bytes are above these.
        if byte > ASCII.equals { continue }
        if byte == ASCII.ampersand || byte == ASCII.semicolon {
          end = index
          break
        }
        if byte == ASCII.equals, equals < 0 { equals = index }
      }
      let nameEnd = equals < 0 ? end : equals
      let endsInSemicolon = end < query.count && query[end] == ASCII.semicolon
      switch parameter.match(query, in: start..<nameEnd) {
      case .differs: break
      case .exact where !followsSemicolon:
        exactCount += 1
        value = endsInSemicolon ? nil : (equals < 0 ? end..<end : equals + 1..<end)
      // After a semicolon, only some apps read a parameter.
      case .exact, .alias: aliasCount += 1
      }
      followsSemicolon = endsInSemicolon
      start = end + 1
    }
  }

  var isPresent: Bool { exactCount + aliasCount > 0 }

  /// `absent` where the parameter is not there under any name.
  func parameter(_ query: Span<UInt8>) -> PatientParameter {
    if exactCount + aliasCount > 1 { return .faulty(.repeated) }
    if aliasCount > 0 { return .faulty(.alias) }
    if exactCount == 0 { return .absent }
    guard let value else { return .faulty(.malformed) }
    return Self.identifier(query, value)
  }

  /// `[1-9][0-9]{0,18}`, at most 9223372036854775807.
  private static func identifier(_ query: Span<UInt8>, _ range: Range<Int>) -> PatientParameter {
    guard !range.isEmpty else { return .faulty(.empty) }
    let digits = query.extracting(range)
    guard digits[0] != ASCII.zero else { return .faulty(.malformed) }
    // 19 digits fit 64 bits without a sign.
    var number: UInt64 = 0
    for index in digits.indices {
      guard ASCII.isDigit(digits[index]) else { return .faulty(.malformed) }
      number = number &* 10 &+ UInt64(digits[index] &- ASCII.zero)
    }
    return digits.count <= 19 && number <= UInt64(Int64.max) ? .id(range) : .faulty(.tooLarge)
  }
}
