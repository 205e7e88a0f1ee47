import Testing

@testable import Fetch

@Suite struct AnswerReaderTests {
  private func read(_ text: String, end: AnswerReader.End? = .whole, by count: Int = .max, bounds: FetchBounds = FetchBounds())
    -> Result<FetchAnswer, AnswerReader.Fault>?
  {
    var reader = AnswerReader(bounds, isPost: false)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(count))
      rest = rest.dropFirst(piece.count)
      if let outcome = reader.take(piece, end: nil) { return outcome }
    }
    return end.flatMap { reader.take([], end: $0) }
  }

  private static let chunked = "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"

  @Test(
    "a body is taken out of its framing, wherever the bytes are split",
    arguments: ["HTTP/1.1 200 A\r\nContent-Length: 5\r\n\r\nabcde", chunked, "HTTP/1.1 200 A\r\n\r\nabcde", "HTTP/1.0 200 A\r\n\r\nabcde"])
  func framings(_ text: String) throws {
    for count in [1, 2, 7, .max] { #expect(try read(text, by: count)?.get().body == Array("abcde".utf8)) }
  }

  @Test("a body whose end is known needs no end of the connection")
  func noWaiting() throws {
    #expect(try read(Self.chunked, end: nil)?.get().body.count == 5)
    #expect(try read("HTTP/1.1 204 A\r\n\r\n", end: nil)?.get() == FetchAnswer(status: 204))
    #expect(read("HTTP/1.1 200 A\r\n\r\nabc", end: nil) == nil)
  }

  @Test("fields are found by their names in lower case, lines of one name together")
  func fields() throws {
    let answer = try read(
      "HTTP/1.1 400 A\r\nCache-Control: no-cache\r\nCACHE-CONTROL: max-age=5\r\nContent-Type: Application/JSON ; x\r\nContent-Length: 0\r\n\r\n"
    )?.get()
    #expect(answer?.status == 400 && answer?.fields["cache-control"] == "no-cache, max-age=5" && answer?.mediaType == "application/json")
  }

  @Test("each line is told as it came")
  func lines() throws {
    let answer = try read("HTTP/1.1 200 A\r\nSet-Cookie: a=1\r\nX: b\r\nset-cookie: c, d\r\nContent-Length: 0\r\n\r\n")?.get()
    #expect(answer?.lines["set-cookie"] == [Array("a=1".utf8), Array("c, d".utf8)] && answer?.cookies == answer?.lines["set-cookie"])
    #expect(answer?.lines["x"] == [Array("b".utf8)])
  }

  @Test("interim answers are passed over, within the bound of the head")
  func interim() throws {
    let final = "HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\n"
    #expect(try read("HTTP/1.1 103 E\r\nA: b\r\n\r\n" + final)?.get().fields["a"] == nil)
    let many = String(repeating: "HTTP/1.1 100 C\r\n\r\n", count: 2000)
    #expect(read(many + final, by: 1000) == .failure(.init(kind: .tooLarge(limit: 32 << 10))))
    #expect(read("HTTP/1.1 101 S\r\n\r\n" + final) == .failure(.init(kind: .notHTTP("it changes to another protocol"))))
  }

  @Test(
    "what ends before the answer does is no answer",
    arguments: [
      "", "HTTP/1.1 200", "HTTP/1.1 200 A\r\nContent-Length: 5\r\n\r\nabcd",
      "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ])
  func truncated(_ text: String) { #expect(read(text) == .failure(.init(kind: .cutShort))) }

  @Test("a body that ends with the connection is whole only where the peer has said so")
  func untilClose() { #expect(read("HTTP/1.1 200 A\r\n\r\nabc", end: .broken) == .failure(.init(kind: .cutShort))) }

  @Test("head and body have bounds, and so has what is only framing")
  func bounds() throws {
    var bounds = FetchBounds()
    bounds.headBytes = 100
    bounds.bodyBytes = 10
    let tooLarge = { (limit: Int) -> Result<FetchAnswer, AnswerReader.Fault>? in .failure(.init(kind: .tooLarge(limit: limit))) }
    #expect(read("HTTP/1.1 200 A\r\nA: \(String(repeating: "x", count: 100))\r\n\r\n", bounds: bounds) == tooLarge(100))
    #expect(read("HTTP/1.1 200 A\r\nContent-Length: 11\r\n\r\n", end: nil, bounds: bounds) == tooLarge(10))
    #expect(try read("HTTP/1.1 200 A\r\nContent-Length: 10\r\n\r\n0123456789", bounds: bounds)?.get().body.count == 10)
    #expect(read("HTTP/1.1 200 A\r\n\r\n0123456789x", bounds: bounds) == tooLarge(10))
    let chunked = "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(read(chunked + "6\r\n012345\r\n6\r\n012345\r\n", bounds: bounds) == tooLarge(10))
    let framing = String(repeating: "1;\(String(repeating: "x", count: 250))\r\na\r\n", count: 9)
    #expect(try read(chunked + framing + "0\r\n\r\n", bounds: bounds)?.get().body.count == 9)
    bounds.bodyBytes = 2000
    #expect(read(chunked + String(repeating: framing, count: 60), by: 1000, bounds: bounds) == tooLarge(2000))
  }

  @Test("what is not HTTP/1, ambiguous or compressed is refused")
  func refused() {
    for text in ["SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 A\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"] {
      guard case .failure(let fault) = read(text), case .notHTTP = fault.kind else {
        Issue.record("it passed: \(text)")
        continue
      }
    }
    #expect(read("HTTP/1.1 200 A\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na") == .failure(.init(kind: .encoded)))
  }
}
