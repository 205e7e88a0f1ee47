import COpenSSL
import Glibc
import TestCertificates
import Testing

@testable import TLS

@Suite struct TLSConnectionTests {
  private let authority: Authority
  private let tickets = TicketSecrets { 0 }

  init() throws { authority = try Authority() }

  private func server(
    _ names: String = "DNS:app.test", _ kind: Authority.Kind = .ecdsa, authorities: [UInt8]? = nil, isRequired: Bool = true,
    tickets: TicketSecrets? = nil, days: ClosedRange<Int> = 0...10
  ) throws -> TLSServer {
    let (chain, key) = try authority.issue(names, kind, days: days)
    let certificate = try Certificate(chain: chain, key: key)
    return try TLSServer(
      TLSServerSettings(
        certificates: [(certificate, nil)], clientAuthorities: authorities, clientMustHaveCertificate: isRequired, clock: { 0 }),
      tickets: tickets ?? self.tickets)
  }

  private func client(_ certificate: Certificate? = nil, authorities: [UInt8]? = nil) throws -> TLSClient {
    try TLSClient(TLSClientSettings(authorities: authorities ?? authority.pem, certificate: certificate))
  }

  private func exchange(_ from: TLSConnection, _ to: TLSConnection, _ bytes: [UInt8]) -> [UInt8] {
    var received: [UInt8] = []
    var next = 0
    var room = [UInt8](repeating: 0, count: 64 << 10)
    for _ in 0..<10_000 where received.count < bytes.count {
      if next < bytes.count, case .moved(let count) = from.send(bytes, next..<bytes.count) { next += count }
      if case .moved(let count, _) = to.receive(into: &room, from: 0) { received += room[..<count] }
    }
    return received
  }

  @Test("after the handshake bytes arrive as they were sent, both ways, also more than the sockets hold")
  func bytes() throws {
    let pair = try Pair(server(), client())
    let outcome = pair.handshake()
    #expect(outcome.client == .done && outcome.server == .done)
    #expect(pair.client.version == "TLSv1.3")
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    #expect(exchange(pair.client, pair.server, [1, 2, 3]) == [1, 2, 3])
    #expect(exchange(pair.client, pair.server, bytes) == bytes)
    #expect(exchange(pair.server, pair.client, bytes) == bytes)
  }

  @Test("it tells whether the socket is drained, so that nobody has to ask once more")
  func drained() throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    var room = [UInt8](repeating: 0, count: 64 << 10)
    #expect(pair.server.receive(into: &room, from: 0) == .wantsRead)
    #expect(pair.client.send([1, 2, 3], 0..<3) == .moved(3))
    #expect(pair.server.receive(into: &room, from: 0) == .moved(3, isDrained: true))
    #expect(pair.client.send([1, 2, 3], 0..<3) == .moved(3))
    #expect(pair.server.receive(into: &room, from: room.count - 2) == .moved(2, isDrained: false))
    #expect(
      pair.server.receive(into: &room, from: 0) == .moved(1, isDrained: false) || pair.server.receive(into: &room, from: 0) == .wantsRead)
  }

  @Test("an end that was told is an end; one that was not is none for a client, to whom it may be an attack")
  func ends() throws {
    var room = [UInt8](repeating: 0, count: 100)
    let told = try Pair(server(), client())
    _ = told.handshake()
    #expect(told.server.send([1], 0..<1) == .moved(1))
    told.server.sendEnd()
    #expect(told.client.receive(into: &room, from: 0) == .moved(1, isDrained: false) || told.client.receive(into: &room, from: 0) == .ended)
    #expect(told.client.receive(into: &room, from: 0) == .ended)
    let cut = try Pair(server(), client())
    _ = cut.handshake()
    shutdown(cut.sockets[0], Int32(SHUT_WR))
    #expect(cut.client.receive(into: &room, from: 0) == .failed)
    let gone = try Pair(server(), client())
    _ = gone.handshake()
    shutdown(gone.sockets[1], Int32(SHUT_WR))
    #expect(gone.server.receive(into: &room, from: 0) == .ended)
  }

  @Test("whoever has said that it sends no more still receives, however often it says so")
  func halfClosed() throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    _ = exchange(pair.server, pair.client, [1])
    var room = [UInt8](repeating: 0, count: 100)
    #expect(pair.client.sendEnd())
    for byte in UInt8(1)...3 {
      #expect(pair.server.send([byte], 0..<1) == .moved(1))
      #expect(pair.client.sendEnd())
      guard case .moved(1, _) = pair.client.receive(into: &room, from: 0) else { throw Authority.Fault.openSSL }
      #expect(room[0] == byte)
    }
  }

  @Test("an end for which the socket has no room is told when there is some")
  func endWithoutRoom() throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    let bytes = [UInt8](repeating: 7, count: 60_000)
    var sent = 0
    while sent < bytes.count, case .moved(let count) = pair.server.send(bytes, sent..<bytes.count) { sent += count }
    var least: Int32 = 1
    setsockopt(pair.sockets[0], SOL_SOCKET, SO_SNDBUF, &least, socklen_t(MemoryLayout<Int32>.size))
    #expect(!pair.server.sendEnd())
    var room = [UInt8](repeating: 0, count: 64 << 10)
    var received = 0
    while received < sent, case .moved(let count, _) = pair.client.receive(into: &room, from: 0) { received += count }
    #expect(received == sent && sent > 0)
    #expect(pair.client.receive(into: &room, from: 0) == .wantsRead)
    #expect(pair.server.sendEnd())
    #expect(pair.client.receive(into: &room, from: 0) == .ended)
  }

  @Test("a server whose name or authority is another one is refused")
  func verification() throws {
    let wrongName = try Pair(server("DNS:other.test"), client()).handshake()
    guard case .failed(.refused(let reason)) = wrongName.client else { throw Authority.Fault.openSSL }
    #expect(reason == "the certificate is not accepted: hostname mismatch")
    let stranger = try Pair(server(), client(authorities: Authority().pem)).handshake()
    guard case .failed(.refused(let why)) = stranger.client else { throw Authority.Fault.openSSL }
    #expect(why.hasPrefix("the certificate is not accepted: "))
    #expect(stranger.server != .done)
  }

  @Test("a server whose certificate has expired, or is not valid yet, is refused", arguments: [-10...(-1), 1...10])
  func times(_ days: ClosedRange<Int>) throws {
    let outcome = try Pair(server(days: days), client()).handshake()
    let why = days.lowerBound < 0 ? "certificate has expired" : "certificate is not yet valid"
    #expect(outcome.client == .failed(.refused("the certificate is not accepted: \(why)")))
    #expect(outcome.server != .done)
  }

  @Test("an address has to be in the certificate as an address")
  func address() throws {
    #expect(try Pair(server("IP:127.0.0.1"), client(), name: "127.0.0.1").handshake().client == .done)
    #expect(try Pair(server("DNS:app.test"), client(), name: "127.0.0.1").handshake().client != .done)
  }

  @Test("a session is taken up again")
  func resumption() throws {
    let server = try server()
    let client = try client()
    let first = try Pair(server, client)
    _ = first.handshake()
    _ = exchange(first.server, first.client, [1])
    #expect(!first.server.isResumed)
    let session = try #require(first.client.session)
    let second = try Pair(server, client, session: session)
    #expect(second.handshake().client == .done)
    #expect(second.client.isResumed && second.server.isResumed)
  }

  @Test("what one client has verified is not taken for verified by another one, whose authorities may be others")
  func noSessionOfOthers() throws {
    let server = try server()
    let first = try Pair(server, client())
    _ = first.handshake()
    _ = exchange(first.server, first.client, [1])
    let session = try #require(first.client.session)
    let second = try Pair(server, client(), session: session)
    #expect(second.handshake().client == .done)
    #expect(!second.client.isResumed)
    let third = try Pair(server, client(authorities: Authority("another").pem), session: session)
    #expect(third.handshake().client != .done)
  }

  @Test("new keys are taken, but not without end: each costs as much as a hundred requests' bytes", arguments: [true, false])
  func newKeys(withData: Bool) throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    _ = exchange(pair.server, pair.client, [1])
    var room = [UInt8](repeating: 0, count: 64 << 10)
    var rounds = 0
    var outcome = TLSConnection.Received.wantsRead
    while rounds < 100, outcome != .failed {
      rounds += 1
      for _ in 0..<20 {
        pair.client.withPointer { client in
          SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED)
          SSL_do_handshake(client)
        }
      }
      _ = pair.client.flush()
      if withData { #expect(pair.client.send([1], 0..<1) == .moved(1)) }
      outcome = pair.server.receive(into: &room, from: 0)
      if rounds <= 5 { #expect(outcome == (withData ? .moved(1, isDrained: true) : .wantsRead)) }
    }
    #expect(rounds < 100)
    #expect(pair.server.receive(into: &room, from: 0) == .failed)
  }

  @Test("a session does not pass from one listener to another where anything differs")
  func noConfusion() throws {
    let open = try server("DNS:app.test")
    let client = try client()
    let first = try Pair(open, client)
    _ = first.handshake()
    _ = exchange(first.server, first.client, [1])
    let session = try #require(first.client.session)
    // Another certificate for the same name, and one that asks for certificates.
    for other in [try server("DNS:app.test"), try server("DNS:app.test", authorities: authority.pem, isRequired: false)] {
      let second = try Pair(other, client, session: session)
      #expect(second.handshake().client == .done)
      #expect(!second.client.isResumed && !second.server.isResumed)
    }
  }

  @Test("nor from one name of a listener to another one with its own certificate")
  func noConfusionOfNames() throws {
    let a = try authority.issue("DNS:a.test")
    let b = try authority.issue("DNS:b.test")
    let server = try TLSServer(
      TLSServerSettings(
        certificates: [
          (try Certificate(chain: a.chain, key: a.key), nil), (try Certificate(chain: b.chain, key: b.key), nil),
        ], clock: { 0 }),
      tickets: tickets)
    let client = try client()
    let first = try Pair(server, client, name: "a.test")
    #expect(first.handshake().client == .done)
    _ = exchange(first.server, first.client, [1])
    let session = try #require(first.client.session)
    let second = try Pair(server, client, name: "b.test", session: session)
    #expect(second.handshake().client == .done)
    #expect(!second.server.isResumed)
  }

  @Test("a client without the certificate that is asked for is turned away, and one with it is not")
  func clientCertificates() throws {
    let own = try authority.issue("DNS:client.test")
    let stranger = try Authority("another").issue("DNS:client.test")
    let server = try server(authorities: authority.pem)
    #expect(try Pair(server, client()).handshake().server != .done)
    #expect(try Pair(server, client(Certificate(chain: stranger.chain, key: stranger.key))).handshake().server != .done)
    #expect(try Pair(server, client(Certificate(chain: own.chain, key: own.key))).handshake().server == .done)
    let expired = try authority.issue("DNS:client.test", days: -10...(-1))
    #expect(try Pair(server, client(Certificate(chain: expired.chain, key: expired.key))).handshake().server != .done)
    let optional = try self.server(authorities: authority.pem, isRequired: false)
    #expect(try Pair(optional, client()).handshake().server == .done)
    #expect(try Pair(optional, client(Certificate(chain: stranger.chain, key: stranger.key))).handshake().server != .done)
  }

  @Test("what is encrypted goes out with one send, and what the socket does not take goes before anything else")
  func batches() throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    let bytes = (0..<TLSConnection.batchCount + 1000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    // A record of TLS 1.3 has 22 bytes around its data.
    #expect(pair.server.seal(bytes, 0..<100) == .moved(100))
    #expect(pair.server.seal(bytes, 100..<bytes.count) == .moved(TLSConnection.batchCount - 122))
    #expect(pair.server.seal(bytes, 0..<1) == .moved(0))
    #expect(pair.server.flush() == .moved(0) && pair.server.waiting == 0)
    // Nobody reads now.
    var sent = 0
    while pair.server.waiting == 0 {
      guard case .moved(let count) = pair.server.seal(bytes, 0..<bytes.count) else { break }
      sent += count
      _ = pair.server.flush()
    }
    #expect(pair.server.flush() == .wantsWrite)
    #expect(pair.server.seal(bytes, 0..<1) == .wantsWrite)
    var room = [UInt8](repeating: 0, count: 1 << 20)
    var received = 0
    while received < TLSConnection.batchCount - 122 + 100 + sent {
      _ = pair.server.flush()
      if case .moved(let count, _) = pair.client.receive(into: &room, from: 0) { received += count }
    }
    #expect(pair.server.waiting == 0 && pair.server.seal(bytes, 0..<1) == .moved(1))
  }

  @Test("a peer that asks for new keys again and again, and takes none of the answers, is given up")
  func askingOnly() throws {
    let pair = try Pair(server(), client())
    _ = pair.handshake()
    let bytes = [UInt8](repeating: 1, count: 8 << 10)
    while pair.server.waiting == 0 { _ = pair.server.send(bytes, 0..<bytes.count) }
    var room = [UInt8](repeating: 0, count: 64 << 10)
    var isGivenUp = false
    for _ in 0..<100_000 where !isGivenUp {
      pair.client.withPointer { _ = SSL_key_update($0, SSL_KEY_UPDATE_REQUESTED) }
      _ = pair.client.send([1], 0..<1)
      isGivenUp = pair.server.receive(into: &room, from: 0) == .failed
      isGivenUp = pair.server.flush() == .failed || isGivenUp
    }
    #expect(isGivenUp)
  }

  @Test("HTTP without TLS is told from other nonsense, and from a client that goes away")
  func nonsense() throws {
    func outcome(_ text: String?) throws -> TLSConnection.Handshake {
      let pair = try Pair(server(), client())
      if let text { send(pair.sockets[1], text, text.utf8.count, 0) } else { shutdown(pair.sockets[1], Int32(SHUT_WR)) }
      return pair.server.handshake()
    }
    #expect(try outcome("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n") == .failed(.plainHTTP))
    #expect(try outcome("SSH-2.0-OpenSSH_9.2p1\r\n") == .failed(.refused("wrong version number")))
    #expect(try outcome(nil) == .failed(.closed))
  }
}
