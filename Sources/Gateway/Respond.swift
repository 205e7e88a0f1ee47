import Audit
import EventLoop
import HTTP
import Pages

/// An answer that the gateway itself gives.
struct LocalAnswer {
  var status: Int
  var contentType: String?
  var body: [UInt8] = []
  /// For pages.
  var contentSecurityPolicy: String?
  /// The value of Cache-Control.
  var cacheControl = "no-store"
  /// Further fields, names and values ready to be sent.
  var fields: [(name: String, value: String)] = []

  static func page(_ page: Page, status: Int = 200) -> LocalAnswer {
    LocalAnswer(status: status, contentType: Page.contentType, body: page.body, contentSecurityPolicy: page.contentSecurityPolicy)
  }

  static func redirect(_ status: Int, to location: [UInt8]) -> LocalAnswer {
    LocalAnswer(status: status, fields: [("Location", String(decoding: location, as: UTF8.self))])
  }

  static func text(_ text: String, status: Int = 200) -> LocalAnswer {
    LocalAnswer(status: status, contentType: "text/plain; charset=utf-8", body: [UInt8](text.utf8))
  }
}

extension Exchange {
  /// Answers with what went wrong: a page for a person, problem details for a program.
  func fail(_ failure: Failure, retryAfter: Int64? = nil) {
    dropUpstream()
    requestRelayAbandoned()
    if end == .ok, failure.status >= 500 {
      end = failure == .unavailable || failure == .loginBusy || failure == .checkBusy ? .overload : .fault
    }
    auditFailure(failure)
    if heldForm != nil, failSending(failure) { return }
    let requestID = requestID.text
    var answer: LocalAnswer
    if !isUnreadable, !(tokenUse?.isProgram ?? false), isNavigation {
      let pages = siteState?.settings.pages ?? SitePages.unbranded
      answer = .page(
        pages.error(failure, requestID: requestID, host: site == nil ? "" : hostText, retryAfter: retryAfter), status: failure.status)
    } else {
      answer = LocalAnswer(
        status: failure.status, contentType: Problem.contentType,
        body: Problem.json(failure, requestID: requestID, login: failure == .signInNeeded ? popupLogin : ""))
    }
    // RFC 9110, 15.5.2 wants a challenge; browsers ask nothing of their own for this scheme.
    if failure == .signInNeeded { answer.fields.append(("WWW-Authenticate", "Cookie realm=\"anteroom\"")) }
    if let challenge = tokenUse?.challenge { answer.fields.append(("WWW-Authenticate", challenge)) }
    if failure == .methodNotAllowed { answer.fields.append(("Allow", allowedMethods)) }
    if let retryAfter { answer.fields.append(("Retry-After", "\(retryAfter)")) }
    if retryAfter == nil, failure == .unavailable { answer.fields.append(("Retry-After", "1")) }
    respond(answer)
  }

  /// Where a page may have its user sign in; empty where somebody else keeps the logins.
  private var popupLogin: String { siteState.map { $0.settings.keepsOutsideLogin } ?? true ? "" : "/.anteroom/login?popup=1" }

  /// What a 405 names (RFC 9110, 15.5.6).
  private var allowedMethods: String {
    switch reserved {
    case .login, .logout, .session: "GET, HEAD, POST"
    case .callback: "GET, POST"
    case .backchannel: "POST"
    case .frontchannel: "GET"
    case .some: "GET, HEAD"
    case nil: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    }
  }

  /// Answers what was no request.
  func refuseUnreadable(status: Int, reason: String) {
    end = status == 408 ? .clientTimeout : .clientMalformed
    closesAfter = true
    let requestID = requestID.text
    let body = Problem.json(status: status, title: reasonPhrase(status), detail: reason, requestID: requestID)
    respond(LocalAnswer(status: status, contentType: Problem.contentType, body: body))
  }

  /// Sends a local answer. Whatever of the request's body is not read yet is read and dropped after it, or the connection ends.
  func respond(_ answer: LocalAnswer) {
    guard let connection else { return }
    status = answer.status
    connection.clearDeadline()
    if unreadBody == nil, requestRelay == nil, formDecoder == nil, head.body != .none, head.body != .length(0), !isUnreadable {
      unreadBody = BodyDecoder(head.body)
    }
    // A client that waits for a 100 may send its body or not: where the next request begins cannot be known.
    if isUnreadable || !head.keepAlive || worker.isDraining || (head.expectsContinue && !isContinueSent && unreadBody != nil) {
      closesAfter = true
    }
    write(answer, connection)
    stage = .answering
    finishAnswer(connection)
  }

  // On its own, so that nobody but the connection holds the buffer when it goes back to the pool.
  private func write(_ answer: LocalAnswer, _ connection: ClientConnection) {
    var output = connection.takeOutput()
    writeLocalHead(answer, to: &output)
    if head.method != .head || isUnreadable { output.append(contentsOf: answer.body) }
    connection.setOutput(output)
  }

  private func writeLocalHead(_ answer: LocalAnswer, to output: inout [UInt8]) {
    output.appendASCII("HTTP/1.1 ")
    output.appendDecimal(answer.status)
    output.appendASCII(" ")
    output.appendASCII(reasonPhrase(answer.status))
    output.appendASCII("\r\n")
    worker.appendDate(to: &output)
    if let contentType = answer.contentType { output.appendASCII("Content-Type: \(contentType)\r\n") }
    if let policy = answer.contentSecurityPolicy {
      output.appendASCII("Content-Security-Policy: \(policy)\r\nX-Frame-Options: DENY\r\n")
    } else if answer.contentType != nil {
      output.appendASCII("Content-Security-Policy: default-src 'none'\r\n")
    }
    if let line = strictTransportLine { output.append(contentsOf: line) }
    for (name, value) in answer.fields { output.appendASCII("\(name): \(value)\r\n") }
    for cookie in cookies { output.appendASCII("Set-Cookie: \(cookie)\r\n") }
    appendLocalLines(to: &output)
    if clearsSiteData { output.appendASCII("Clear-Site-Data: \"cache\"\r\n") }
    output.appendASCII(
      "Cache-Control: \(answer.cacheControl)\r\nReferrer-Policy: same-origin\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ")
    let identifier = requestID
    output.append(copying: identifier.digits.span)
    output.appendASCII("\r\n")
    if answer.status != 304 { appendContentLength(answer.body.count, to: &output) }
    if isUnreadable { output.appendASCII("Connection: close\r\n") } else { appendConnectionField(to: &output) }
    output.appendASCII("\r\n")
  }

  private func appendLocalLines(to output: inout [UInt8]) {
    var lines: [UInt8] = []
    swap(&lines, &localLines)
    output.append(copying: lines.span)
    // What they were in serves the next request too.
    lines.removeAll(keepingCapacity: true)
    swap(&lines, &localLines)
  }

  /// Sends what waits, and ends the exchange when all of the answer is gone.
  func finishAnswer() {
    guard stage == .answering, let connection else { return }
    finishAnswer(connection)
  }

  func finishAnswer(_ connection: ClientConnection) {
    guard connection.flush() else {
      if connection.failure != 0 { return connection.abort() }
      waitForReader(connection)
      return
    }
    connection.clearDeadline()
    let rest = unreadBody
    unreadBody = nil
    over()
    connection.exchangeEnded(mayContinue: !closesAfter, rest: rest)
  }

  /// What was begun of the request's body is not wanted any more; what is left of it will be dropped.
  func requestRelayAbandoned() {
    guard var relay = requestRelay, let connection else { return }
    unreadBody = relay.abandon(connection)
    requestRelay = relay
  }

  /// The host as the client named it.
  var hostText: String { String(decoding: headBytes[hostRange], as: UTF8.self) }
}

/// The reason phrases of RFC 9110 and RFC 6585.
func reasonPhrase(_ status: Int) -> String {
  switch status {
  case 200: "OK"
  case 301: "Moved Permanently"
  case 302: "Found"
  case 303: "See Other"
  case 304: "Not Modified"
  case 308: "Permanent Redirect"
  case 400: "Bad Request"
  case 401: "Unauthorized"
  case 403: "Forbidden"
  case 404: "Not Found"
  case 405: "Method Not Allowed"
  case 408: "Request Timeout"
  case 409: "Conflict"
  case 411: "Length Required"
  case 413: "Content Too Large"
  case 414: "URI Too Long"
  case 415: "Unsupported Media Type"
  case 417: "Expectation Failed"
  case 421: "Misdirected Request"
  case 429: "Too Many Requests"
  case 431: "Request Header Fields Too Large"
  case 500: "Internal Server Error"
  case 501: "Not Implemented"
  case 502: "Bad Gateway"
  case 503: "Service Unavailable"
  case 504: "Gateway Timeout"
  case 505: "HTTP Version Not Supported"
  default: "Status \(status)"
  }
}
