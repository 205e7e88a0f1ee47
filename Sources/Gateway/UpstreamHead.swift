import Config
import HTTP
import Policy
import Session
import Upstream

extension Exchange {
  /// Writes the request as the app gets it: the client's line and fields, less what is the gateway's own or meant for one hop, and then, after
  /// all removal, what the gateway says.
  func writeUpstreamHead(to upstream: UpstreamConnection, _ client: ClientConnection, _ state: SiteState) -> Bool {
    let bytes = headBytes
    let span = bytes.span
    if head.hasConnectionNominations, !worker.nominations.collect(from: head.fields, in: span) { return false }
    var output = upstream.takeOutput()
    defer { upstream.setOutput(output) }
    output.append(copying: span.extracting(head.methodRange.range))
    output.append(UInt8(ascii: " "))
    if head.path.isEmpty { output.append(UInt8(ascii: "/")) }
    output.append(copying: span.extracting(head.pathAndQuery.range))
    output.appendASCII(" HTTP/1.1\r\nHost: ")
    output.append(copying: span.extracting(head.host.range))
    output.appendASCII("\r\n")
    copyFields(span, to: &output, state.settings.forwarded)
    writeForwarding(span, to: &output, client)
    writeIdentity(span, to: &output, state.settings)
    switch head.body {
    case .length(let count):
      output.appendASCII("Content-Length: ")
      output.appendDecimal(Int(count))
      output.appendASCII("\r\n")
    case .chunked: output.appendASCII("Transfer-Encoding: chunked\r\n")
    case .none, .untilClose: break
    }
    if mayUpgrade { output.appendASCII("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
    output.appendASCII("\r\n")
    return true
  }

  /// WebSocket is for signed-in users: for others the request goes on without its upgrade.
  var mayUpgrade: Bool { head.upgradesToWebSocket && session != nil }

  private func copyFields(_ span: Span<UInt8>, to output: inout [UInt8], _ forwarded: ForwardedFields) {
    // Lines that go on unchanged lie side by side more often than not: each run is copied at once.
    var runStart = 0
    var runEnd = 0
    for field in head.fields {
      var passes = forwarded.passes(field.known)
      if field.known == .other { passes = !forwarded.owned.contains(span.extracting(field.name.range)) }
      if passes, head.hasConnectionNominations { passes = !worker.nominations.contains(span.extracting(field.name.range), in: span) }
      if passes {
        if field.line.start != runEnd {
          if runEnd > runStart { output.append(copying: span.extracting(runStart..<runEnd)) }
          runStart = field.line.start
        }
        runEnd = field.line.end
        continue
      }
      copySpecial(field, span, to: &output, forwarded)
    }
    if runEnd > runStart { output.append(copying: span.extracting(runStart..<runEnd)) }
  }

  private func copySpecial(_ field: FieldLine, _ span: Span<UInt8>, to output: inout [UInt8], _ forwarded: ForwardedFields) {
    guard field.known == .cookie || field.known == .referer else { return }
    let name = span.extracting(field.name.range)
    if forwarded.owned.contains(name) || (head.hasConnectionNominations && worker.nominations.contains(name, in: span)) { return }
    let value = span.extracting(field.value.range)
    if field.known == .cookie {
      let start = output.count
      output.appendASCII("Cookie: ")
      if appendCookies(of: value, to: &output, keeping: { !CookieNames.isOurs(name: value.extracting($0)) }) {
        output.appendASCII("\r\n")
      } else {
        output.removeLast(output.count - start)
      }
    } else if !isOwnPage(value) {
      output.append(copying: span.extracting(field.line.range))
    }
  }

  /// Whether a `Referer` is one of the gateway's own pages, whose addresses are nobody else's business.
  private func isOwnPage(_ referer: Span<UInt8>) -> Bool {
    var start = 0
    var slashes = 0
    while start < referer.count {
      if referer[start] == UInt8(ascii: "/") {
        slashes += 1
        if slashes == 3 { break }
      }
      start += 1
    }
    guard start < referer.count else { return false }
    var end = start
    while end < referer.count, referer[end] != UInt8(ascii: "?"), referer[end] != UInt8(ascii: "#") { end += 1 }
    return ReservedPath.isReserved(referer.extracting(start..<end))
  }

  private func writeForwarding(_ span: Span<UInt8>, to output: inout [UInt8], _ client: ClientConnection) {
    let host = span.extracting(head.host.range)
    let scheme = client.listener.isSecure ? "https" : "http"
    output.appendASCII("X-Forwarded-For: ")
    output.append(contentsOf: client.peerText)
    output.appendASCII("\r\nX-Forwarded-Proto: ")
    output.appendASCII(scheme)
    output.appendASCII("\r\nX-Forwarded-Host: ")
    output.append(copying: host)
    output.appendASCII(client.peer.isIPv6 ? "\r\nForwarded: for=\"[" : "\r\nForwarded: for=")
    output.append(contentsOf: client.peerText)
    // RFC 7239, section 4: a value with a colon or brackets is a quoted string.
    output.appendASCII(client.peer.isIPv6 ? "]\";host=\"" : ";host=\"")
    output.append(copying: host)
    output.appendASCII("\";proto=")
    output.appendASCII(scheme)
    output.appendASCII(head.minorVersion == 0 ? "\r\nVia: 1.0 anteroom\r\nX-Request-Id: " : "\r\nVia: 1.1 anteroom\r\nX-Request-Id: ")
    output.append(contentsOf: requestID)
    output.appendASCII("\r\n")
  }

  private func writeIdentity(_ span: Span<UInt8>, to output: inout [UInt8], _ settings: SiteSettings) {
    if let siteLabel {
      output.appendASCII("X-Anteroom-Site: ")
      // As sessions see it: one site, however the client writes it.
      for index in siteLabel { output.append(span[index] >= 0x41 && span[index] <= 0x5A ? span[index] | 0x20 : span[index]) }
      output.appendASCII("\r\n")
    }
    if let session {
      let identity = settings.site.identity
      if let field = identity.user { append(field, session.user, to: &output) }
      if let field = identity.name, !session.name.isEmpty { append(field, session.name, to: &output) }
      if let field = identity.email, !session.email.isEmpty { append(field, session.email, to: &output) }
      if let field = identity.groups, !session.groups.isEmpty { append(field, session.groups.joined(separator: ","), to: &output) }
    }
    if let route, let rule = route.patientRule, case .id(let range) = route.patient, let query = head.query {
      output.appendASCII(settings.site.patients[rule].header)
      output.appendASCII(": ")
      output.append(copying: span.extracting(query.start + range.lowerBound..<query.start + range.upperBound))
      output.appendASCII("\r\n")
    }
    output.append(contentsOf: settings.requestLines)
  }

  private func append(_ field: String, _ value: String, to output: inout [UInt8]) {
    output.appendASCII(field)
    output.appendASCII(": ")
    output.appendASCII(value)
    output.appendASCII("\r\n")
  }
}
