import HTTP

/// Makes an answer of what a connection brings, piece by piece, within its bounds.
struct AnswerReader: Sendable {
  /// How a connection ended: by the peer's word, or in another way.
  enum End { case whole, broken }

  /// Why there is no answer.
  struct Fault: Error, Equatable { let kind: FetchFault.Kind }

  private let bounds: FetchBounds
  private let method: Method
  private var parser: ResponseParser
  private var head = ResponseHead()
  // Heads that are not complete.
  private var pending: [UInt8] = []
  private var answer: FetchAnswer?
  private var decoder = BodyDecoder(.none)
  private var headBytes = 0
  private var wireBytes = 0

  init(_ bounds: FetchBounds, isPost: Bool) {
    self.bounds = bounds
    method = isPost ? .post : .get
    parser = ResponseParser(maxHeadBytes: bounds.headBytes, maxFields: 200)
  }

  /// Takes what came next, and perhaps the end; `nil` while more must come.
  mutating func take(_ bytes: [UInt8], end: End?) -> Result<FetchAnswer, Fault>? {
    do throws(Fault) {
      if answer == nil {
        pending += bytes
        if let rest = try readHeads() { try readBody(rest) }
      } else {
        try readBody(bytes)
      }
      if let answer, decoder.isComplete { return .success(answer) }
      guard let end else { return nil }
      guard let answer, end == .whole, decoder.endOfInput() else { throw Fault(kind: .cutShort) }
      return .success(answer)
    } catch {
      return .failure(error)
    }
  }

  /// What follows the head that counts, once it is there.
  private mutating func readHeads() throws(Fault) -> [UInt8]? {
    while true {
      let received = pending
      switch parser.parse(received.span, into: &head, requestMethod: method) {
      case .incomplete:
        guard headBytes + pending.count <= bounds.headBytes else { throw Fault(kind: .tooLarge(limit: bounds.headBytes)) }
        return nil
      case .failed(.headTooLarge): throw Fault(kind: .tooLarge(limit: bounds.headBytes))
      case .failed(let fault): throw Fault(kind: .notHTTP(fault.reason))
      case .complete:
        headBytes += head.byteCount
        guard headBytes <= bounds.headBytes else { throw Fault(kind: .tooLarge(limit: bounds.headBytes)) }
        guard head.status != 101 else { throw Fault(kind: .notHTTP("it changes to another protocol")) }
        let isInterim = head.status < 200
        if !isInterim { try begin() }
        pending.removeFirst(head.byteCount)
        if isInterim { continue }
        defer { pending = [] }
        return pending
      }
    }
  }

  private mutating func begin() throws(Fault) {
    var fields: [String: String] = [:]
    var lines: [String: [[UInt8]]] = [:]
    for field in head.fields {
      let name = String(decoding: pending[field.name.range], as: UTF8.self).lowercased()
      let bytes = Array(pending[field.value.range])
      lines[name, default: []].append(bytes)
      let value = String(decoding: bytes, as: UTF8.self)
      fields[name] = fields[name].map { "\($0), \(value)" } ?? value
    }
    if let coding = fields["content-encoding"], coding.lowercased() != "identity" { throw Fault(kind: .encoded) }
    // What is announced need not be received to be too much.
    if case .length(let count) = head.body, count > Int64(bounds.bodyBytes) { throw Fault(kind: .tooLarge(limit: bounds.bodyBytes)) }
    decoder = BodyDecoder(head.body)
    answer = FetchAnswer(status: head.status, fields: fields)
    answer?.cookies = lines["set-cookie"] ?? []
    answer?.lines = lines
  }

  private mutating func readBody(_ bytes: [UInt8]) throws(Fault) {
    // Chunks may be mostly framing.
    wireBytes += bytes.count
    guard wireBytes <= 2 * bounds.bodyBytes + (64 << 10) else { throw Fault(kind: .tooLarge(limit: bounds.bodyBytes)) }
    var start = 0
    while true {
      switch decoder.next(bytes.span.extracting(start..<bytes.count)) {
      case .data(let range, let consumed):
        guard (answer?.body.count ?? 0) + range.count <= bounds.bodyBytes else { throw Fault(kind: .tooLarge(limit: bounds.bodyBytes)) }
        answer?.body.append(contentsOf: bytes[start + range.lowerBound..<start + range.upperBound])
        start += consumed
      case .needMore, .end: return
      case .failed(let fault): throw Fault(kind: .notHTTP(fault.reason))
      }
    }
  }
}
