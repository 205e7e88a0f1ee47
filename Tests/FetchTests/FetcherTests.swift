import EventLoop
import Glibc
import Synchronization
import TLS
import TestCertificates
import TestServers
import Testing

@testable import Fetch

/// A loop, a pool and a fetcher for one test.
private final class Bench {
  let thread: LoopThread
  let pool: BlockingPool
  let fetcher: Fetcher

  init(
    authorities: [UInt8]? = nil, milliseconds: Int64 = 10_000, poolLimit: Int = 8,
    resolver: @escaping Fetcher.Resolver = { SocketAddress.resolve(host: $0, port: $1) }
  ) throws {
    thread = try LoopThread(name: "fetch", inputBytes: 4096) { _ in }
    pool = try BlockingPool(name: "fetch-pool", threads: 1, limit: poolLimit)
    var bounds = FetchBounds()
    bounds.milliseconds = milliseconds
    fetcher = Fetcher(
      pool: pool, client: try TLSClient(TLSClientSettings(authorities: authorities)), bounds: bounds, resolver: resolver)
  }

  deinit {
    thread.stop()
    thread.join()
    pool.finish()
  }

  func fetch(_ address: String, form: [UInt8]? = nil) async throws -> FetchAnswer {
    try await fetcher.fetch(FetchRequest(try #require(FetchAddress(address)), form: form), on: thread.handle)
  }

  /// Why a fetch comes to nothing.
  func fault(_ address: String) async throws -> FetchFault.Kind? {
    let request = FetchRequest(try #require(FetchAddress(address)))
    do throws(FetchFault) {
      _ = try await fetcher.fetch(request, on: thread.handle)
      return nil
    } catch {
      return error.kind
    }
  }
}

@Suite struct FetcherTests {
  @Test("an answer comes back whole, whatever its status, and the loop has nothing left of it")
  func plain() async throws {
    let log = Log()
    let server = try TestServer { connection in
      log.lines.withLock { $0.append(connection.request()) }
      connection.answer(404, ["Location: http://127.0.0.1:1/", "Cache-Control: max-age=5"], "not here")
    }
    defer { server.stop() }
    let bench = try Bench()
    let answer = try await bench.fetch("http://\(server.address)/a?b=c")
    #expect(answer.status == 404 && answer.body == Array("not here".utf8) && answer.fields["cache-control"] == "max-age=5")
    _ = try await bench.fetch("http://\(server.address)/t", form: Array("code=x".utf8))
    let seen = log.lines.withLock { $0 }
    #expect(
      seen.count == 2 && seen[0].hasPrefix("GET /a?b=c HTTP/1.1\r\nHost: \(server.address)\r\n") && seen[1].hasSuffix("\r\n\r\ncode=x"))
  }

  private final class Log: Sendable { let lines = Mutex<[String]>([]) }

  @Test("a redirect is an answer, and not followed")
  func redirect() async throws {
    let target = Log()
    let other = try TestServer { connection in target.lines.withLock { $0.append(connection.request()) } }
    let server = try TestServer { connection in
      _ = connection.request()
      connection.answer(302, ["Location: http://\(other.address)/"], "")
    }
    #expect(try await Bench().fetch("http://\(server.address)/").status == 302)
    server.stop()
    other.stop()
    #expect(target.lines.withLock { $0.isEmpty })
  }

  @Test("a chunked answer in single bytes comes back whole")
  func chunked() async throws {
    let server = try TestServer { connection in
      _ = connection.request()
      for byte in "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8 {
        connection.send([byte])
        usleep(200)
      }
    }
    defer { server.stop() }
    #expect(try await Bench().fetch("http://\(server.address)/").body == Array("abc".utf8))
  }

  @Test("50 MB are not received", arguments: [true, false])
  func huge(_ isAnnounced: Bool) async throws {
    let counter = Counter()
    let server = try TestServer { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 200 A\r\n" + (isAnnounced ? "Content-Length: 52428800\r\n\r\n" : "\r\n"))
      let piece = [UInt8](repeating: 65, count: 64 << 10)
      for _ in 0..<800 {
        guard connection.send(piece) else { return }
        counter.value.add(piece.count, ordering: .relaxed)
      }
    }
    #expect(try await Bench().fault("http://\(server.address)/") == .tooLarge(limit: 1 << 20))
    server.stop()
    #expect(counter.value.load(ordering: .relaxed) < 40 << 20)
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test("an answer that is cut short is none", arguments: [false, true])
  func cut(_ isReset: Bool) async throws {
    let server = try TestServer { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 200 A\r\nContent-Length: 9\r\n\r\nabc")
      connection.close(reset: isReset)
    }
    defer { server.stop() }
    #expect(try await Bench().fault("http://\(server.address)/") == .cutShort)
  }

  @Test("what is slow has its time, all together", arguments: [FetchFault.Step.answer, .body])
  func slow(_ step: FetchFault.Step) async throws {
    let server = try TestServer { connection in
      _ = connection.request()
      if step == .body { for byte in "HTTP/1.1 200 A".utf8 where connection.send([byte]) { usleep(50_000) } }
      _ = connection.receive()
    }
    // The server waits for as long as it takes: nothing but the bound ends this.
    let bench = try Bench(milliseconds: 1000)
    #expect(try await bench.fault("http://\(server.address)/") == .timedOut(step))
    server.stop()
  }

  @Test("a server that never shakes hands runs out of time")
  func silentTLS() async throws {
    let server = try TestServer { connection in
      _ = connection.receive()
      _ = connection.receive()
    }
    #expect(try await Bench(milliseconds: 200).fault("https://\(server.address)/") == .timedOut(.handshake))
    server.stop()
  }

  @Test("a refused connection is told as such")
  func refused() async throws {
    let server = try TestServer { _ in }
    let address = server.address
    server.stop()
    #expect(try await Bench().fault("http://\(address)/") == .unreachable("connect: Connection refused"))
  }

  @Test("the addresses of a name are tried one after the other")
  func addresses() async throws {
    let server = try TestServer { connection in
      _ = connection.request()
      connection.answer("here")
    }
    defer { server.stop() }
    let port = server.address.port
    let bench = try Bench { _, port in ["127.0.0.2", "127.0.0.3", "127.0.0.1"].compactMap { SocketAddress($0, port: port) } }
    #expect(try await bench.fetch("http://name.test:\(port)/").body == Array("here".utf8))
  }

  @Test("a name that nobody knows, or whose look-up takes too long, and a full pool")
  func names() async throws {
    #expect(try await Bench { _, _ in [] }.fault("http://name.test/") == .unknownName)
    let slow = try Bench(milliseconds: 50) { _, port in
      usleep(300_000)
      return [SocketAddress("127.0.0.1", port: port)].compactMap { $0 }
    }
    #expect(try await slow.fault("http://name.test/") == .timedOut(.name))
    #expect(try await Bench(poolLimit: 0).fault("http://name.test/") == .noRoom("too many names wait to be looked up"))
  }

  @Test("over TLS the name in the certificate counts")
  func secure() async throws {
    let authority = try Authority()
    let server = try TestServer(certificate: try authority.issue("DNS:name.test")) { connection in
      _ = connection.request()
      connection.answer("secret")
    }
    defer { server.stop() }
    let port = server.address.port
    let resolver: Fetcher.Resolver = { _, port in [SocketAddress("127.0.0.1", port: port)].compactMap { $0 } }
    let bench = try Bench(authorities: authority.pem, resolver: resolver)
    #expect(try await bench.fetch("https://name.test:\(port)/").body == Array("secret".utf8))
    guard case .tls(let reason, true) = try await bench.fault("https://other.test:\(port)/") else { throw TestServer.Fault() }
    #expect(reason.contains("not for other.test"))
    guard
      case .tls(_, true) = try await Bench(authorities: try Authority("other").pem, resolver: resolver).fault("https://name.test:\(port)/")
    else { throw TestServer.Fault() }
    let plain = try TestServer { connection in
      _ = connection.receive()
      connection.send("HTTP/1.1 400 No\r\n\r\n")
    }
    defer { plain.stop() }
    guard case .tls(_, false) = try await bench.fault("https://name.test:\(plain.address.port)/") else { throw TestServer.Fault() }
  }

  @Test("over TLS a body that ends with the connection needs the server's word that it is whole", arguments: [true, false])
  func secureEnd(_ isWhole: Bool) async throws {
    let authority = try Authority()
    let server = try TestServer(certificate: try authority.issue("IP:127.0.0.1")) { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 200 A\r\n\r\nabc")
      connection.close(isWhole: isWhole)
    }
    defer { server.stop() }
    #expect(try await Bench(authorities: authority.pem).fault("https://\(server.address)/") == (isWhole ? nil : .cutShort))
  }

  @Test("whoever waits is told when the loop ends, before or after the request has begun")
  func ending() async throws {
    let server = try TestServer { connection in _ = connection.receive() + connection.receive() }
    let thread = try LoopThread(name: "ends") { _ in }
    let bench = try Bench()
    let request = FetchRequest(try #require(FetchAddress("http://\(server.address)/")))
    async let outcome = Self.fault(bench.fetcher, request, thread.handle)
    try await Task.sleep(for: .milliseconds(100))
    thread.stop()
    thread.join()
    #expect(await outcome == .ended)
    #expect(await Self.fault(bench.fetcher, request, thread.handle) == .ended)
    server.stop()
  }

  private static func fault(_ fetcher: Fetcher, _ request: FetchRequest, _ handle: LoopHandle) async -> FetchFault.Kind? {
    do throws(FetchFault) {
      _ = try await fetcher.fetch(request, on: handle)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test("a fault says where without the query, and how to mend it")
  func words() throws {
    let fault = FetchFault(.unknownName, try #require(FetchAddress("https://a.test/token?code=secret")))
    #expect("\(fault)".hasPrefix("https://a.test/token: the host's name is not known (") && !"\(fault)".contains("secret"))
  }
}
