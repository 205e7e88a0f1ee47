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
      var end = start
      while end < query.count {
        let byte = query[end]
        if byte == ASCII.ampersand || byte == ASCII.semicolon { break }
        if byte == ASCII.equals, equals < 0 { equals = end }
        end += 1
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
    guard query[range.lowerBound] != ASCII.zero else { return .faulty(.malformed) }
    for index in range where !ASCII.isDigit(query[index]) { return .faulty(.malformed) }
    guard range.count <= 19 else { return .faulty(.tooLarge) }
    // 19 digits fit 64 bits without a sign.
    var number: UInt64 = 0
    for index in range { number = number * 10 + UInt64(query[index] - ASCII.zero) }
    return number <= UInt64(Int64.max) ? .id(range) : .faulty(.tooLarge)
  }
}
