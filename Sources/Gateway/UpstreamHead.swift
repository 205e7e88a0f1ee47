import Config
import HTTP
import Login
import Policy
import Session
import Upstream

extension Exchange {
  /// Writes the request as the app gets it: the client's line and fields, less what is the gateway's own or meant for one hop, and then, after
  /// all removal, what the gateway says.
  func writeUpstreamHead(to upstream: UpstreamConnection, _ client: ClientConnection) -> Bool {
    guard let host = hostContext else { return false }
    let bytes = headBytes
    let span = bytes.span
    if head.hasConnectionNominations, !worker.nominations.collect(from: head.fields, in: span) { return false }
    if !requestCookies.isRead { requestCookies.read(head.fields, in: span, host.cookieNames) }
    let room = roomForUpstreamHead(host, client)
    var output = upstream.takeOutput()
    output.append(addingCapacity: room) { writeUpstreamHead(span, host, client, to: &$0) }
    upstream.setOutput(output)
    return true
  }

  private func writeUpstreamHead(
    _ span: Span<UInt8>, _ host: HostContext, _ client: ClientConnection, to output: inout OutputSpan<UInt8>
  ) {
    writeRequestLine(span, host, to: &output)
    copyFields(span, to: &output, host.settings.forwarded)
    writeForwarding(host, to: &output, client)
    writeIdentity(span, host, to: &output)
    switch head.body {
    case .length(let count):
      output.appendLiteral("Content-Length: ")
      output.appendDecimal(Int(count))
      output.appendLiteral("\r\n")
    case .chunked: output.appendLiteral("Transfer-Encoding: chunked\r\n")
    case .none, .untilClose: break
    }
    if mayUpgrade { output.appendLiteral("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
    output.appendLiteral("\r\n")
  }

  /// No head for the app is longer: what is copied of the client's, what is kept ready, and `words` for literals, numbers and an id.
  func roomForUpstreamHead(_ host: HostContext, _ client: ClientConnection) -> Int {
    let words = 512
    let settings = host.settings
    var room = words + headBytes.count + requestCookies.byteCount
    room += host.requestLineEnd.count + host.forwardingMiddle.count + host.forwardingEnd.count + host.labelLine.count
    room += 2 * client.peerText.count + client.certificateLines.count + settings.requestLines.count
    if let told { room += told.roomForLines }
    if let session { room += session.identityLines.count }
    if let rule = route?.patientRule { room += settings.patients[rule].fieldStart.count }
    return room
  }

  /// WebSocket is for signed-in users: for others the request goes on without its upgrade.
  var mayUpgrade: Bool { head.upgradesToWebSocket && session != nil }

  private func writeRequestLine(_ span: Span<UInt8>, _ host: HostContext, to output: inout OutputSpan<UInt8>) {
    if appUse != nil, route?.isLoginPage ?? false {
      // The app sees its own page's address.
      output.append(copying: span.extracting(head.methodRange.range))
      output.appendLiteral(" ")
      output.append(copying: TabField.removed(from: Array(headBytes[head.pathAndQuery.range])).span)
    } else if case .origin = head.targetForm {
      output.append(copying: span.extracting(head.methodRange.start..<head.target.end))
    } else {
      output.append(copying: span.extracting(head.methodRange.range))
      output.appendLiteral(head.path.isEmpty ? " /" : " ")
      output.append(copying: span.extracting(head.pathAndQuery.range))
    }
    output.append(copying: host.requestLineEnd)
  }

  private func copyFields(_ span: Span<UInt8>, to output: inout OutputSpan<UInt8>, _ forwarded: ForwardedFields) {
    let cookies = requestCookies
    let isTrusted = told != nil
    var cookieLine = 0
    let nominates = head.hasConnectionNominations
    let nominations = nominates ? worker.nominations : nil
    let dropsAuthorization = tokenUse?.dropsAuthorization ?? false
    let asksPlain = hostContext?.settings.injectsNotice ?? false ? mayTakeNotice : false
    output.appendLines(head.fields, of: span, passing: nominates || dropsAuthorization || asksPlain ? KnownFieldSet([]) : forwarded.passing)
    {
      field, output in
      if case .cookie = field.known { cookieLine += 1 }
      let name = span.extracting(field.name.range)
      if let nominations, nominations.contains(name, in: span) { return false }
      switch field.known {
      case .other: return !forwarded.owned.contains(name, isTrustedPeer: isTrusted)
      case .cookie:
        guard !forwarded.ownsCookie else { return false }
        cookies.append(line: cookieLine - 1, value: span.extracting(field.value.range), to: &output)
        return false
      case .referer where appUse != nil && !forwarded.ownsReferer && !Exchange.isOwnPage(span.extracting(field.value.range)):
        // The tab's name is nobody else's business.
        output.append(copying: name)
        output.appendLiteral(": ")
        output.append(copying: TabField.removed(from: Array(headBytes[field.value.range])).span)
        output.appendLiteral("\r\n")
        return false
      case .referer: return !forwarded.ownsReferer && !Exchange.isOwnPage(span.extracting(field.value.range))
      case .authorization where dropsAuthorization: return false
      // A line can only be put behind what is not compressed.
      case .acceptEncoding where asksPlain: return false
      default: return forwarded.passes(field.known)
      }
    }
    if asksPlain { output.appendLiteral("Accept-Encoding: identity\r\n") }
  }

  /// Whether a `Referer` is one of the gateway's own pages, whose addresses are nobody else's business.
  private static func isOwnPage(_ referer: Span<UInt8>) -> Bool {
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

  func writeForwarding(_ host: HostContext, to output: inout OutputSpan<UInt8>, _ client: ClientConnection) {
    if let told {
      writeForwarding(told, host, to: &output)
    } else {
      let peer = client.peerText
      output.appendLiteral("X-Forwarded-For: ")
      output.append(copying: peer)
      output.append(copying: host.forwardingMiddle)
      output.appendForwardedNode(peer, isIPv6: client.peer.isIPv6)
      output.append(copying: host.forwardingEnd)
    }
    output.appendLiteral(head.minorVersion == 0 ? "1.0 anteroom\r\nX-Request-Id: " : "1.1 anteroom\r\nX-Request-Id: ")
    let identifier = requestID
    output.append(copying: identifier.digits.span)
    output.appendLiteral("\r\n")
    // A trusted proxy's certificate is its own, and says nothing of whose request it passes on.
    if told == nil, !client.certificateLines.isEmpty { output.append(copying: client.certificateLines) }
  }

  private func writeIdentity(_ span: Span<UInt8>, _ host: HostContext, to output: inout OutputSpan<UInt8>) {
    let settings = host.settings
    if !host.labelLine.isEmpty { output.append(copying: host.labelLine) }
    if let session { output.append(copying: session.identityLines) }
    if let route, let rule = route.patientRule, case .id(let range) = route.patient, let query = head.query {
      output.append(copying: settings.patients[rule].fieldStart)
      output.append(copying: span.extracting(query.start + range.lowerBound..<query.start + range.upperBound))
      output.appendLiteral("\r\n")
    }
    if !settings.requestLines.isEmpty { output.append(copying: settings.requestLines) }
  }
}
