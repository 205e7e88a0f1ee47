/// What the bytes of a complete head mean: target, host, framing, persistence.
extension RequestHead {
  mutating func interpret(_ input: Span<UInt8>) -> RequestFault? {
    let isPlain =
      !(present.contains(.contentLength) || present.contains(.transferEncoding) || present.contains(.connection)
      || present.contains(.expect) || present.contains(.upgrade))
    return isPlain ? interpretHostAlone(input) : interpretFields(input)
  }

  /// A head that has no other field than Host that means anything here.
  private mutating func interpretHostAlone(_ input: Span<UInt8>) -> RequestFault? {
    if present.isRepeated(.host) { return .repeatedHost }
    guard let field = firstField(.host) else { return .missingHost }
    host = field.value
    if let fault = interpretTarget(input) { return fault }
    keepAlive = minorVersion >= 1
    return nil
  }

  private mutating func interpretFields(_ input: Span<UInt8>) -> RequestFault? {
    var hostField: ByteRange?
    var upgrade: ByteRange?
    var upgradeCount = 0
    var expects = false
    var framing = FramingFields()
    var options = ConnectionOptions()
    for field in fields {
      switch field.known {
      case .host:
        guard hostField == nil else { return .repeatedHost }
        hostField = field.value
      case .contentLength: framing.addContentLength(field.value)
      case .transferEncoding: framing.addTransferEncoding(field.value)
      case .connection: options.add(input, field.value.range)
      case .expect:
        guard Tokens.continueExpectation.equals(anyCase: input, field.value.range) else { return .unknownExpectation }
        expects = true
      case .upgrade:
        upgrade = field.value
        upgradeCount += 1
      default: break
      }
    }
    switch framing.declared(in: input, minorVersion: minorVersion) {
    case .nothing: body = .none
    case .length(let length): body = .length(length)
    case .chunked: body = .chunked
    case .failed(let fault): return .framing(fault)
    }
    guard let hostField else { return .missingHost }
    host = hostField
    if let fault = interpretTarget(input) { return fault }
    keepAlive = options.persists(minorVersion: minorVersion)
    hasConnectionNominations = options.nominates
    let hasBody = body != .none && body != .length(0)
    expectsContinue = expects && minorVersion == 1 && hasBody
    if let upgrade, options.upgrade, minorVersion == 1 {
      wantsUpgrade = true
      upgradesToWebSocket =
        method == .get && body == .none && upgradeCount == 1 && Tokens.websocket.equals(anyCase: input, upgrade.range)
    }
    return nil
  }

  @inline(__always) private mutating func interpretTarget(_ input: Span<UInt8>) -> RequestFault? {
    guard splitHostPort(input.extracting(host.range)) != nil else { return .illFormedHost }
    switch input[target.start] {
    case Octet.slash:
      targetForm = .origin
      splitPath(input, from: target.start)
      return nil
    case Octet.asterisk:
      guard method == .options, target.count == 1 else { return .illFormedTarget }
      targetForm = .asterisk
      path = target
      return nil
    default: return interpretAbsoluteForm(input)
    }
  }

  private mutating func interpretAbsoluteForm(_ input: Span<UInt8>) -> RequestFault? {
    guard let schemeEnd = endOfScheme(input) else { return .illFormedTarget }
    targetForm = .absolute
    var end = schemeEnd
    while end < target.end, input[end] != Octet.slash, input[end] != Octet.question { end += 1 }
    let authority = input.extracting(schemeEnd..<end)
    guard splitHostPort(authority) != nil else { return .illFormedTarget }
    guard equalIgnoringCase(authority, input.extracting(host.range)) else { return .hostUnlikeTarget }
    splitPath(input, from: end)
    return nil
  }

  /// The offset after `http://` or `https://`, the only schemes that are ours.
  private func endOfScheme(_ input: Span<UInt8>) -> Int? {
    func end(of scheme: PackedName) -> Int? {
      guard target.count >= scheme.count else { return nil }
      let end = target.start + scheme.count
      return scheme.equals(anyCase: input, target.start..<end) ? end : nil
    }
    return end(of: Tokens.httpScheme) ?? end(of: Tokens.httpsScheme)
  }

  @inline(__always) private mutating func splitPath(_ input: Span<UInt8>, from start: Int) {
    if let question = Word.firstOffset(of: Octet.question, in: input, start..<target.end) {
      path = ByteRange(start, question)
      query = ByteRange(question &+ 1, target.end)
    } else {
      path = ByteRange(start, target.end)
    }
  }
}
