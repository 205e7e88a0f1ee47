import Testing

@testable import HTTP

@Suite struct MutationTests {
  private static let rounds = 7000
  private static let snippets: [[UInt8]] = [
    "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "#", "?", "Host: a\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    "Connection: close\r\n", "\u{e9}", "ffffffffffffffff", "HTTP/1.1", "\r\n\r\n",
  ].map { [UInt8]($0.utf8) }

  private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = Int.random(in: 0...result.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0 where place < result.count: result[place] = UInt8.random(in: 0...255, using: &generator)
      case 1 where place < result.count: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: result.removeSubrange(place..<min(result.count, place + Int.random(in: 1...6, using: &generator)))
      case 3: result.insert(contentsOf: Self.snippets[Int.random(in: 0..<Self.snippets.count, using: &generator)], at: place)
      default:
        let end = min(result.count, place + Int.random(in: 1...20, using: &generator))
        result.insert(contentsOf: result[place..<end], at: end)
      }
    }
    return result
  }

  @Test("Mutated requests never trap, and come to the same however they are split")
  func requests() {
    let seeds = [
      "GET /patients?patient_id=1 HTTP/1.1\r\nHost: au.example.com\r\nCookie: a=b; c=d\r\nConnection: keep-alive\r\n\r\n",
      "POST http://a/b HTTP/1.1\r\nhost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde",
      "\r\nPUT /x HTTP/1.1\r\nHost: [::1]:8080\r\nTransfer-Encoding: chunked\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "OPTIONS * HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive, X-Y\r\nX-Y: 1\r\n\r\n",
    ].map { [UInt8]($0.utf8) }
    var generator = SeededGenerator(state: 1)
    var completed = 0
    for round in 0..<Self.rounds {
      let request = parseRequest(mutate(seeds[round % seeds.count], &generator), maxHeadBytes: 220, maxFields: 6)
      guard request.outcome == .complete else { continue }
      completed += 1
      #expect(request.head.byteCount <= request.bytes.count)
      #expect(request.bytes[request.head.byteCount - 4..<request.head.byteCount].elementsEqual("\r\n\r\n".utf8))
      #expect(request.bytes[request.head.target.range].allSatisfy { (0x21...0x7E).contains($0) })
      for field in request.head.fields {
        #expect(request.bytes[field.name.range].allSatisfy(isTokenByte))
        #expect(request.bytes[field.value.range].allSatisfy(isFieldValueByte))
      }
    }
    #expect(completed > Self.rounds / 20)
  }

  @Test("Mutated responses never trap, and come to the same however they are split")
  func responses() {
    let seeds = [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\nabcde", "HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n",
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ].map { [UInt8]($0.utf8) }
    var generator = SeededGenerator(state: 2)
    var completed = 0
    for round in 0..<Self.rounds {
      let response = parseResponse(mutate(seeds[round % seeds.count], &generator), maxHeadBytes: 160, maxFields: 6)
      guard response.outcome == .complete else { continue }
      completed += 1
      #expect((100...599).contains(response.head.status))
      #expect(response.bytes[response.head.byteCount - 4..<response.head.byteCount].elementsEqual("\r\n\r\n".utf8))
    }
    #expect(completed > Self.rounds / 20)
  }

  @Test("Mutated chunked bodies never trap, and come to the same however they are split")
  func chunkedBodies() {
    let seeds = [
      "3\r\nabc\r\n0\r\n\r\n", "1;x=y\r\na\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
      "5\r\n0\r\n\r\n\r\n000\r\nA: b\r\nC: d\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ].map { [UInt8]($0.utf8) }
    var generator = SeededGenerator(state: 3)
    var ended = 0
    for round in 0..<Self.rounds {
      let body = decodeBody(mutate(seeds[round % seeds.count], &generator), .chunked)
      if body.ending == .ended { ended += 1 }
    }
    #expect(ended > Self.rounds / 20)
  }

  @Test("Small readers take any bytes")
  func smallReaders() {
    let seeds = [
      "a=b; c=d; __Host-x=\"1\"", "[::ffff:1.2.3.4]:8080", "application/x-www-form-urlencoded; a=b",
    ].map { [UInt8]($0.utf8) }
    var generator = SeededGenerator(state: 4)
    for round in 0..<Self.rounds {
      let bytes = mutate(seeds[round % seeds.count], &generator)
      forEachCookie(in: bytes.span) { name, value in #expect(name.upperBound <= value.lowerBound) }
      _ = isURLEncodedForm(contentType: bytes.span)
      if let (host, _) = splitHostPort(bytes.span) { #expect(!host.isEmpty) }
    }
  }
}
