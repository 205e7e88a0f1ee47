import Testing

@testable import HTTP

/// A parsed request with its bytes.
struct ParsedRequest {
  let bytes: [UInt8]
  let outcome: ParseOutcome<RequestFault>
  let head: RequestHead

  func text(_ range: ByteRange) -> String { String(decoding: bytes[range.range], as: UTF8.self) }
  func text(_ range: ByteRange?) -> String? { range.map { text($0) } }
  var fault: RequestFault? { if case .failed(let fault) = outcome { fault } else { nil } }
}

/// Parses at once and then byte by byte; both must come to the same.
func parseRequest(_ bytes: [UInt8], maxHeadBytes: Int = 16_384, maxFields: Int = 100) -> ParsedRequest {
  var parser = RequestParser(maxHeadBytes: maxHeadBytes, maxFields: maxFields)
  var head = RequestHead()
  let outcome = parser.parse(bytes.span, into: &head)
  var slowParser = RequestParser(maxHeadBytes: maxHeadBytes, maxFields: maxFields)
  var slowHead = RequestHead()
  var slowOutcome = ParseOutcome<RequestFault>.incomplete
  for count in 0...bytes.count {
    slowOutcome = slowParser.parse(bytes.span.extracting(0..<count), into: &slowHead)
    if slowOutcome != .incomplete { break }
  }
  #expect(slowOutcome == outcome, "split byte by byte: \(String(decoding: bytes, as: UTF8.self))")
  if outcome == .complete { #expect(slowHead == head, "split byte by byte: \(String(decoding: bytes, as: UTF8.self))") }
  return ParsedRequest(bytes: bytes, outcome: outcome, head: head)
}

func parseRequest(_ text: String, maxHeadBytes: Int = 16_384, maxFields: Int = 100) -> ParsedRequest {
  parseRequest([UInt8](text.utf8), maxHeadBytes: maxHeadBytes, maxFields: maxFields)
}

/// A parsed response with its bytes.
struct ParsedResponse {
  let bytes: [UInt8]
  let outcome: ParseOutcome<ResponseFault>
  let head: ResponseHead

  func text(_ range: ByteRange) -> String { String(decoding: bytes[range.range], as: UTF8.self) }
  var fault: ResponseFault? { if case .failed(let fault) = outcome { fault } else { nil } }
}

/// Parses at once and then byte by byte; both must come to the same.
func parseResponse(_ bytes: [UInt8], to method: Method = .get, maxHeadBytes: Int = 16_384, maxFields: Int = 100) -> ParsedResponse {
  var parser = ResponseParser(maxHeadBytes: maxHeadBytes, maxFields: maxFields)
  var head = ResponseHead()
  let outcome = parser.parse(bytes.span, into: &head, requestMethod: method)
  var slowParser = ResponseParser(maxHeadBytes: maxHeadBytes, maxFields: maxFields)
  var slowHead = ResponseHead()
  var slowOutcome = ParseOutcome<ResponseFault>.incomplete
  for count in 0...bytes.count {
    slowOutcome = slowParser.parse(bytes.span.extracting(0..<count), into: &slowHead, requestMethod: method)
    if slowOutcome != .incomplete { break }
  }
  #expect(slowOutcome == outcome, "split byte by byte: \(String(decoding: bytes, as: UTF8.self))")
  if outcome == .complete { #expect(slowHead == head, "split byte by byte: \(String(decoding: bytes, as: UTF8.self))") }
  return ParsedResponse(bytes: bytes, outcome: outcome, head: head)
}

func parseResponse(_ text: String, to method: Method = .get, maxHeadBytes: Int = 16_384, maxFields: Int = 100) -> ParsedResponse {
  parseResponse([UInt8](text.utf8), to: method, maxHeadBytes: maxHeadBytes, maxFields: maxFields)
}

/// What a body decoder made of an input.
struct DecodedBody: Equatable {
  enum Ending: Equatable {
    case needsMore, ended
    case failed(BodyFault)
  }
  var data: [UInt8] = []
  var ending = Ending.needsMore
  /// Bytes of the input that belong to the body; after a failure of no meaning, and zero.
  var consumed = 0
}

/// Feeds `input` in pieces that end at multiples of `step`.
func decodeBody(_ input: [UInt8], _ framing: BodyFraming, step: Int) -> DecodedBody {
  var decoder = BodyDecoder(framing)
  var result = DecodedBody()
  var available = 0
  while true {
    switch decoder.next(input.span.extracting(result.consumed..<available)) {
    case .data(let range, let consumed):
      #expect(range.upperBound == consumed && !range.isEmpty)
      result.data += input[(result.consumed + range.lowerBound)..<(result.consumed + range.upperBound)]
      result.consumed += consumed
    case .needMore(let consumed):
      result.consumed += consumed
      if available == input.count { return result }
      available = min(input.count, available + step)
    case .end(let consumed):
      result.consumed += consumed
      result.ending = .ended
      #expect(decoder.isComplete)
      return result
    case .failed(let fault):
      result.ending = .failed(fault)
      result.consumed = 0
      return result
    }
  }
}

/// Decodes at once and in pieces of several sizes; all must come to the same.
func decodeBody(_ input: [UInt8], _ framing: BodyFraming) -> DecodedBody {
  let whole = decodeBody(input, framing, step: max(1, input.count))
  for step in [1, 2, 3, 7] { #expect(decodeBody(input, framing, step: step) == whole, "in pieces of \(step)") }
  return whole
}

func decodeBody(_ input: String, _ framing: BodyFraming) -> DecodedBody { decodeBody([UInt8](input.utf8), framing) }
