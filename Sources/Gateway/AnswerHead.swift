import HTTP
import Session
import Upstream

extension Exchange {
  /// Writes the app's answer as the client gets it: its status and fields, less what is for one hop, the gateway's own, or forbidden here.
  func writeAnswerHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    status = response.status
    bytesOutAtAnswer = connection.bytesOut
    let body = response.body
    let isOpenEnded =
      switch body {
      case .chunked, .untilClose: true
      case .none, .length: false
      }
    let isChunked = isOpenEnded && head.minorVersion == 1
    let isUnframed = isOpenEnded && head.minorVersion == 0
    if isOpenEnded, isEventStream(upstream) { becomeLasting(.events) }
    closesAfter = closesAfter || !head.keepAlive || worker.isDraining || isUnframed
    var output = connection.takeOutput()
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    let takesNotice = hostContext?.settings.injectsNotice ?? false ? takesNotice(span) : false
    let replacements = answerReplacements(span)
    let room = roomForAnswerHead(replacements)
    output.append(addingCapacity: room) { output in
      writeStatusLine(span, to: &output)
      copyFields(span, replacements, to: &output)
      if !response.present.contains(.date) { output.append(copying: worker.dateLine()) }
      switch body {
      case .length(let count):
        output.appendLiteral("Content-Length: ")
        output.appendDecimal(Int(count) + (takesNotice ? Self.noticeLine.utf8CodeUnitCount : 0))
        output.appendLiteral("\r\n")
      case .chunked, .untilClose: if isChunked { output.appendLiteral("Transfer-Encoding: chunked\r\n") }
      case .none: break
      }
      writeOwnFields(to: &output)
      output.appendLiteral("\r\n")
    }
    connection.setOutput(output)
    responseRelay = BodyRelay(body, isChunkedOut: isChunked, takesNotice: takesNotice)
  }

  private func isEventStream(_ upstream: UpstreamConnection) -> Bool {
    guard let field = response.firstField(.contentType) else { return false }
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start + field.value.start..<input.start + field.value.end)
    let type = Self.eventStream
    guard span.count >= type.count else { return false }
    for index in type.indices where span[index] | 0x20 != type[index] | 0x20 { return false }
    return span.count == type.count || [0x20, 0x09, UInt8(ascii: ";")].contains(span[type.count])
  }

  private static let eventStream = [UInt8]("text/event-stream".utf8)

  /// An interim answer, passed on as it came.
  func writeInformational(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    var output = connection.takeOutput()
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    let replacements = answerReplacements(span)
    let room = roomForAnswerHead(replacements)
    output.append(addingCapacity: room) { output in
      writeStatusLine(span, to: &output)
      copyFields(span, replacements, to: &output)
      output.appendLiteral("\r\n")
    }
    connection.setOutput(output)
  }

  /// The answer to an upgrade.
  func writeSwitchingHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    var output = connection.takeOutput()
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    let replacements = answerReplacements(span)
    let room = roomForAnswerHead(replacements)
    output.append(addingCapacity: room) { output in
      writeStatusLine(span, to: &output)
      copyFields(span, replacements, to: &output)
      output.appendLiteral("Connection: Upgrade\r\nUpgrade: websocket\r\n")
      writeCookies(to: &output)
      output.appendLiteral("\r\n")
    }
    connection.setOutput(output)
  }

  /// No head for the client is longer: what is copied of the app's, our cookies, and `words` for literals, a length and a date.
  private func roomForAnswerHead(_ replacements: [FieldReplacement]) -> Int {
    let words = 512
    let room = words + response.byteCount + (strictTransportLine?.count ?? 0) + cookies.reduce(0) { $0 + 16 + $1.utf8.count }
    return replacements.reduce(room) { $0 + 16 + $1.value.count }
  }

  private func writeStatusLine(_ span: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    let reason = response.reason
    if response.minorVersion == 1, reason.start == Self.reasonStart {
      output.append(copying: span.extracting(0..<reason.end + 2))
      return
    }
    output.appendLiteral("HTTP/1.1 ")
    output.appendDecimal(response.status)
    output.appendLiteral(" ")
    output.append(copying: span.extracting(reason.range))
    output.appendLiteral("\r\n")
  }

  /// Where the reason begins in a line that has everything that belongs there: after `HTTP/1.1 200 `.
  private static let reasonStart = 13

  /// What needs no second look in an answer whose Connection field names nothing.
  private static let passing = KnownFieldSet(
    KnownField.allCases.filter { known in
      switch known {
      case .contentLength, .setCookie, .cacheControl, .pragma, .expires, .age, .clearSiteData, .strictTransportSecurity: false
      default: !known.isHopByHop
      }
    })

  /// What of an answer goes on, as far as that is not the same for all answers.
  private struct FieldFilter {
    let nominations: ConnectionNominations?
    let forbidsCaching: Bool
    let clearsSiteData: Bool
    let keepsLength: Bool
    let hasStrictTransport: Bool
    let namesTab: Bool

    @inline(__always) func passes(_ field: FieldLine, _ span: Span<UInt8>) -> Bool {
      switch field.known {
      case .contentLength: keepsLength
      case .setCookie: !CookieNames.isOurs(setCookie: span.extracting(field.value.range))
      case .cacheControl, .pragma, .expires, .age: !forbidsCaching
      case .clearSiteData: !clearsSiteData
      case .strictTransportSecurity: !hasStrictTransport
      case .other where namesTab && equalIgnoringCase(span.extracting(field.name.range), "referrer-policy"): false
      default: !field.known.isHopByHop && !(nominations?.contains(span.extracting(field.name.range), in: span) ?? false)
      }
    }
  }

  private func copyFields(_ span: Span<UInt8>, _ replacements: [FieldReplacement], to output: inout OutputSpan<UInt8>) {
    let hasNominations = response.hasConnectionNominations && worker.nominations.collect(from: response.fields, in: span)
    let filter = FieldFilter(
      nominations: hasNominations ? worker.nominations : nil, forbidsCaching: forbidsCaching, clearsSiteData: clearsSiteData,
      keepsLength: keepsLength, hasStrictTransport: strictTransportLine != nil, namesTab: namesTab)
    guard replacements.isEmpty else {
      return output.appendLines(response.fields, of: span, replacing: replacements) { filter.passes($0, span) }
    }
    output.appendLines(response.fields, of: span, passing: hasNominations || filter.namesTab ? KnownFieldSet([]) : Self.passing) {
      field, _ in
      filter.passes(field, span)
    }
  }

  /// A length is told anew where there is a body; where there is none, it is information about the representation (RFC 9110, 8.6).
  private var keepsLength: Bool {
    guard case .none = response.body else { return false }
    if case .head = head.method { return true }
    return response.status == 304
  }

  /// Whether no copy of the answer may be kept: it carries a cookie of ours, which a shared cache would hand to others, or it is about a
  /// patient, and the site does not leave that to the app.
  private var forbidsCaching: Bool {
    if clearsSiteData || !cookies.isEmpty || namesTab { return true }
    guard let rule = route?.patientRule, let state = siteState else { return false }
    return !state.settings.patients[rule].appCaches
  }

  /// It is a login page whose address says which tab it is: where that one's forms come from must be told.
  private var namesTab: Bool { appUse?.tab?.isInAddress ?? false }

  private func writeOwnFields(to output: inout OutputSpan<UInt8>) {
    if forbidsCaching { output.appendLiteral("Cache-Control: no-store\r\n") }
    if namesTab { output.appendLiteral("Referrer-Policy: same-origin\r\n") }
    writeCookies(to: &output)
    if clearsSiteData { output.appendLiteral("Clear-Site-Data: \"cache\"\r\n") }
    if let line = strictTransportLine { output.append(copying: line) }
    if let line = connectionLine { output.appendLiteral(line) }
  }

  private func writeCookies(to output: inout OutputSpan<UInt8>) {
    for cookie in cookies {
      output.appendLiteral("Set-Cookie: ")
      output.append(copying: cookie.utf8.span)
      output.appendLiteral("\r\n")
    }
  }

  /// The site's own word for how long browsers are to come by https only; `nil` where it has none, or the browser came without.
  var strictTransportLine: [UInt8]? {
    guard let host = hostContext, host.isSecure else { return nil }
    let line = host.settings.strictTransportLine
    return line.isEmpty ? nil : line
  }

  /// Says what becomes of the connection, where the version's default does not.
  private var connectionLine: StaticString? {
    if closesAfter { return "Connection: close\r\n" }
    return head.minorVersion == 0 ? "Connection: keep-alive\r\n" : nil
  }

  func appendConnectionField(to output: inout [UInt8]) {
    if let line = connectionLine { output.appendLiteral(line) }
  }

  func appendContentLength(_ count: Int, to output: inout [UInt8]) {
    output.appendLiteral("Content-Length: ")
    output.appendDecimal(count)
    output.appendLiteral("\r\n")
  }
}
