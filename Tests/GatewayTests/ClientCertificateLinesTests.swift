import Config
import TLS
import TestCertificates
import Testing

@testable import Gateway

@Suite struct ClientCertificateLinesTests {
  private let sent = [
    "X-Client-Certificate-Verified: SUCCESS", "x_client_certificate_subject: CN=eve", "X-Client-Certificate-Serial: 1",
    "X.Client.Certificate: x", "Connection: X-Client-Certificate-Verified",
  ]

  /// What the app gets for a request of a client who makes such fields up, over a connection of which this is known.
  private func got(_ lines: [UInt8], _ fields: [String] = [], change: (inout Configuration) -> Void = { _ in }) throws -> Message {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: change)
    defer { rig.stop() }
    let client = try rig.connect()
    try rig.until("connected") { $0.connections.count == 1 }
    try rig.onLoop { worker in
      for connection in worker.connections.values { connection.tellCertificate(lines) }
    }
    try client.send(request("GET", "/open/x", sent + fields))
    return try app.accept().message()
  }

  @Test("without a certificate that is told apps are told that there is none, or nothing where nobody asks")
  func none() throws {
    let asked = try got(ClientCertificateLines.lines(nil))
    #expect(asked.all("X-Client-Certificate-Verified") == ["NONE"])
    let unasked = try got([])
    #expect(unasked.all("X-Client-Certificate-Verified").isEmpty)
    for name in ["X-Client-Certificate-Subject", "x_client_certificate_subject", "X-Client-Certificate-Serial", "X.Client.Certificate"] {
      #expect(asked.all(name).isEmpty && unasked.all(name).isEmpty)
    }
  }

  @Test("a trusted proxy's certificate is not taken for that of whose request it passes on")
  func proxy() throws {
    let trust: (inout Configuration) -> Void = { configuration in
      configuration.trustedProxies = [ToldClientTests.loopback].compactMap { $0 }
    }
    let got = try got(ClientCertificateLines.lines(nil), ["X-Forwarded-For: 192.0.2.1"], change: trust)
    #expect(got["X-Forwarded-For"] == "192.0.2.1, 127.0.0.1" && got.all("X-Client-Certificate-Verified").isEmpty)
  }
}
