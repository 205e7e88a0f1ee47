import Testing

@testable import HTTP

@Suite struct ConnectionOptionsTests {
  private func nominations(_ fields: String, maxCount: Int = 32) -> (Bool, ConnectionNominations, [UInt8]) {
    let request = parseRequest("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n")
    var nominations = ConnectionNominations(maxCount: maxCount)
    let fits = nominations.collect(from: request.head.fields, in: request.bytes.span)
    return (fits, nominations, request.bytes)
  }

  private func contains(_ nominations: ConnectionNominations, _ name: String, _ head: [UInt8]) -> Bool {
    let bytes = [UInt8](name.utf8)
    return nominations.contains(bytes.span, in: head.span)
  }

  @Test("Names are found in any case, over all Connection lines, and only whole")
  func contains() {
    let (fits, nominations, head) = nominations("Connection: close, X-Cliniko-Patient-Id ,,\r\nCookie: no\r\nconnection:te")
    #expect(fits)
    for name in ["x-cliniko-patient-id", "X-CLINIKO-PATIENT-ID", "TE", "Close"] {
      #expect(contains(nominations, name, head))
    }
    for name in ["x-cliniko-patient", "no", "", "t", "tex", "x-cliniko-patient-id "] {
      #expect(!contains(nominations, name, head))
    }
  }

  @Test("What the last head nominated is forgotten")
  func reuse() {
    let (_, collected, head) = nominations("Connection: x")
    var nominations = collected
    #expect(contains(nominations, "x", head))
    let fits = nominations.collect(from: [], in: head.span)
    #expect(fits)
    #expect(!contains(nominations, "x", head))
  }

  @Test("More names than the bound are reported")
  func bound() {
    #expect(nominations("Connection: a, b, c", maxCount: 3).0)
    #expect(!nominations("Connection: a, b, c, d", maxCount: 3).0)
    #expect(!nominations("Connection: a, b\r\nConnection: c, d", maxCount: 3).0)
  }
}
