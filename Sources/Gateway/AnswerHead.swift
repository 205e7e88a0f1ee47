import HTTP
import Session
import Upstream

extension Exchange {
  /// Writes the app's answer as the client gets it: its status and fields, less what is for one hop, the gateway's own, or forbidden here.
  func writeAnswerHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    status = response.status
    bytesOutAtAnswer = connection.bytesOut
    let body = response.body
    let isChunked = head.minorVersion == 1 && (body == .chunked || body == .untilClose)
    let isUnframed = head.minorVersion == 0 && (body == .chunked || body == .untilClose)
    closesAfter = closesAfter || !head.keepAlive || worker.isDraining || isUnframed
    var output = connection.takeOutput()
    defer { connection.setOutput(output) }
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    writeStatusLine(span, to: &output)
    copyFields(span, to: &output)
    if !response.fields.contains(where: { $0.known == .date }) { worker.appendDate(to: &output) }
    switch body {
    case .length(let count): appendContentLength(Int(count), to: &output)
    case .chunked, .untilClose: if isChunked { output.appendASCII("Transfer-Encoding: chunked\r\n") }
    case .none: break
    }
    appendOwnFields(to: &output)
    output.appendASCII("\r\n")
    responseRelay = BodyRelay(body, isChunkedOut: isChunked)
  }

  /// An interim answer, passed on as it came.
  func writeInformational(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    var output = connection.takeOutput()
    defer { connection.setOutput(output) }
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    writeStatusLine(span, to: &output)
    copyFields(span, to: &output)
    output.appendASCII("\r\n")
  }

  /// The answer to an upgrade.
  func writeSwitchingHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    var output = connection.takeOutput()
    defer { connection.setOutput(output) }
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    writeStatusLine(span, to: &output)
    copyFields(span, to: &output)
    output.appendASCII("Connection: Upgrade\r\nUpgrade: websocket\r\n")
    for cookie in cookies { output.appendASCII("Set-Cookie: \(cookie)\r\n") }
    output.appendASCII("\r\n")
  }

  private func writeStatusLine(_ span: Span<UInt8>, to output: inout [UInt8]) {
    output.appendASCII("HTTP/1.1 ")
    output.appendDecimal(response.status)
    output.appendASCII(" ")
    output.append(copying: span.extracting(response.reason.range))
    output.appendASCII("\r\n")
  }

  private func copyFields(_ span: Span<UInt8>, to output: inout [UInt8]) {
    let hasNominations = response.hasConnectionNominations && worker.nominations.collect(from: response.fields, in: span)
    let forbidsCaching = forbidsCaching
    // A length is told anew where there is a body; where there is none, it is information about the representation (RFC 9110, 8.6).
    let keepsLength = response.body == .none && (head.method == .head || response.status == 304)
    var runStart = 0
    var runEnd = 0
    for field in response.fields {
      let passes: Bool
      switch field.known {
      case .contentLength: passes = keepsLength
      case .setCookie: passes = !CookieNames.isOurs(setCookie: span.extracting(field.value.range))
      case .cacheControl, .pragma, .expires, .age: passes = !forbidsCaching
      case .clearSiteData: passes = !clearsSiteData
      case .strictTransportSecurity: passes = !hasStrictTransport
      default:
        passes = !field.known.isHopByHop && !(hasNominations && worker.nominations.contains(span.extracting(field.name.range), in: span))
      }
      guard passes else { continue }
      if field.line.start != runEnd {
        if runEnd > runStart { output.append(copying: span.extracting(runStart..<runEnd)) }
        runStart = field.line.start
      }
      runEnd = field.line.end
    }
    if runEnd > runStart { output.append(copying: span.extracting(runStart..<runEnd)) }
  }

  /// Whether no copy of the answer may be kept: it carries a cookie of ours, which a shared cache would hand to others, or it is about a
  /// patient, and the site does not leave that to the app.
  private var forbidsCaching: Bool {
    if clearsSiteData || !cookies.isEmpty { return true }
    guard let rule = route?.patientRule, let state = siteState else { return false }
    return !state.settings.site.patients[rule].appCaches
  }

  private func appendOwnFields(to output: inout [UInt8]) {
    if forbidsCaching { output.appendASCII("Cache-Control: no-store\r\n") }
    for cookie in cookies {
      output.appendASCII("Set-Cookie: ")
      output.appendASCII(cookie)
      output.appendASCII("\r\n")
    }
    if clearsSiteData { output.appendASCII("Clear-Site-Data: \"cache\"\r\n") }
    appendStrictTransport(to: &output)
    appendConnectionField(to: &output)
  }

  /// Whether the site says itself for how long browsers are to come by https only.
  private var hasStrictTransport: Bool { connection?.listener.isSecure == true && siteState?.settings.strictTransportLine.isEmpty == false }

  func appendStrictTransport(to output: inout [UInt8]) {
    guard let connection, connection.listener.isSecure, let siteState else { return }
    output.append(contentsOf: siteState.settings.strictTransportLine)
  }

  /// Says what becomes of the connection, where the version's default does not.
  func appendConnectionField(to output: inout [UInt8]) {
    if closesAfter {
      output.appendASCII("Connection: close\r\n")
    } else if head.minorVersion == 0 {
      output.appendASCII("Connection: keep-alive\r\n")
    }
  }

  func appendContentLength(_ count: Int, to output: inout [UInt8]) {
    output.appendASCII("Content-Length: ")
    output.appendDecimal(count)
    output.appendASCII("\r\n")
  }
}
