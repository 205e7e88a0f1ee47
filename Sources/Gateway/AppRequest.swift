import Config
import EventLoop
import Fetch
import HTTP
import TLS
import Upstream

/// A request of the gateway's own to one of a site's apps, on behalf of somebody's request: answered whole, within bounds, and no redirect followed.
struct AppRequest: Sendable {
  /// One of the site's servers, as it was when it was chosen.
  private struct Server: Sendable {
    let address: FetchAddress
    let resolved: [SocketAddress]
    let client: TLSClient?
    let serverName: String?

    init?(_ server: UpstreamServer, target: String) {
      let address = server.address
      let host = address.host.contains(":") ? "[\(address.host)]" : address.host
      guard let whole = FetchAddress("\(address.isSecure ? "https" : "http")://\(host):\(address.port)\(target)") else { return nil }
      self.address = whole
      resolved = server.resolved
      client = server.record.secure?.client
      serverName = server.record.secure?.serverName
    }
  }

  private let servers: [Server]
  private let pool: BlockingPool
  private let host: String
  private var fields: [(name: String, value: [UInt8])]
  /// The body of a POST; `nil` for a GET.
  var content: FetchRequest.Content?
  var accept = "application/json"
  var bounds = FetchBounds()

  fileprivate init?(
    _ target: String, _ servers: [UpstreamServer], host: [UInt8], fields: [(name: String, value: [UInt8])], pool: BlockingPool
  ) {
    self.servers = servers.compactMap { Server($0, target: target) }
    guard !self.servers.isEmpty else { return nil }
    self.host = String(decoding: host, as: UTF8.self)
    self.fields = fields
    self.pool = pool
  }

  /// The Cookie field: what the browser has sent less the gateway's own, unless set anew.
  var cookies: [UInt8] {
    get { Array(fields.filter { $0.name == "Cookie" }.map(\.value).joined(separator: Array("; ".utf8))) }
    set {
      fields.removeAll { $0.name == "Cookie" }
      if !newValue.isEmpty { fields.append(("Cookie", newValue)) }
    }
  }

  /// Asks the app, and another one of the site's where the first takes no connection.
  func send(on handle: LoopHandle) async throws(FetchFault) -> FetchAnswer {
    for server in servers.dropLast() {
      do throws(FetchFault) { return try await send(to: server, on: handle) } catch {
        guard case .unreachable = error.kind else { throw error }
      }
    }
    return try await send(to: servers[servers.count - 1], on: handle)
  }

  private func send(to server: Server, on handle: LoopHandle) async throws(FetchFault) -> FetchAnswer {
    var request = FetchRequest(server.address, accept: accept)
    request.content = content
    request.host = host
    request.serverName = server.serverName
    request.fields = fields
    let resolved = server.resolved
    let fetcher = Fetcher(
      pool: pool, client: server.client, bounds: bounds,
      resolver: { name, port in resolved.isEmpty ? SocketAddress.resolve(host: name, port: port) : resolved })
    return try await fetcher.fetch(request, on: handle)
  }
}

extension Exchange {
  /// A GET of `target`, a path and perhaps a query, with what the app would be told of this request's client, host and language, what `request`
  /// sets, and the browser's cookies less the gateway's own. It takes no place among the site's requests.
  /// - Parameter identity: lines that tell who is signed in; empty while nobody knows.
  /// - Returns: `nil` where all of the site's servers are known to be down, or `target` is none.
  func appRequest(_ target: String, identity: [UInt8] = []) -> AppRequest? {
    guard let state = siteState, let context = hostContext, let connection else { return nil }
    let now = worker.loop.now
    var servers: [UpstreamServer] = []
    var excluded: Int?
    while servers.count < 2, case .server(let index) = state.choose(excluding: excluded, affinity: session?.id.affinity, now),
      index != excluded
    {
      servers.append(state.servers[index])
      excluded = index
      if state.servers.count == 1 { break }
    }
    let bytes = headBytes
    let span = bytes.span
    if !requestCookies.isRead { requestCookies.read(head.fields, in: span, context.cookieNames) }
    var lines: [UInt8] = []
    lines.append(addingCapacity: roomForUpstreamHead(context, connection)) { output in
      var cookieLine = 0
      for field in head.fields {
        switch field.known {
        case .cookie:
          requestCookies.append(line: cookieLine, value: span.extracting(field.value.range), to: &output)
          cookieLine += 1
        case .userAgent, .acceptLanguage:
          output.append(copying: span.extracting(field.name.range))
          output.appendLiteral(": ")
          output.append(copying: span.extracting(field.value.range))
          output.appendLiteral("\r\n")
        default: break
        }
      }
      writeForwarding(context, to: &output, connection)
    }
    lines += context.labelLine + identity
    let settings = state.settings
    let own = Self.fields(settings.requestLines)
    let fields = Self.fields(lines).filter { field in !own.contains { $0.name.lowercased() == field.name.lowercased() } } + own
    return AppRequest(target, servers, host: Array(bytes[hostRange]), fields: fields, pool: worker.services.pool)
  }

  /// The fields of whole lines.
  private static func fields(_ lines: [UInt8]) -> [(name: String, value: [UInt8])] {
    lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      return (String(decoding: line[..<colon], as: UTF8.self), Array(line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }))
    }
  }
}
