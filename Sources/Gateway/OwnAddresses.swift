import EventLoop
import HTTP
import Login
import Pages
import Policy
import Session
import Upstream

extension Exchange {
  /// Serves what lies below `/.anteroom/` on a site.
  func serve(_ reserved: ReservedPath) {
    switch (reserved, head.method) {
    case (.login, .get), (.login, .head): showLogin()
    case (.login, .post): collectForm()
    case (.logout, .get), (.logout, .head): showLogout()
    case (.logout, .post): collectForm()
    case (.session, .get), (.session, .head): showSession()
    case (.session, .post): keepSignedIn()
    case (.notice, .get), (.notice, .head): showNoticeScript()
    case (.callback, .get): takeCallback()
    case (.callback, .post), (.backchannel, .post): collectForm()
    case (.frontchannel, .get): endAtProvidersWord()
    case (.login, _), (.logout, _), (.session, _), (.callback, _), (.backchannel, _), (.frontchannel, _), (.notice, _):
      fail(.methodNotAllowed)
    case (.healthz, _), (.readyz, _), (.notFound, _): fail(.notFound)
    }
  }

  /// Liveness: the loop that reads this is alive.
  func answerHealth() { respond(.text("ok\n")) }

  /// Readiness: some app takes connections.
  func answerReadiness() {
    stage = .waiting
    let serial = serial
    rules.probeReadiness { [weak self] isReady in
      guard let self, self.serial == serial, self.stage == .waiting else { return }
      if isReady { self.respond(.text("ready\n")) } else { self.respond(.text("no app answers\n", status: 503)) }
    }
  }

  // MARK: Forms

  /// Reads a form's body whole: it is short, or it is none of ours.
  func collectForm() {
    guard let type = onlyField(.contentType), isURLEncoded(type) else { return fail(.unsupportedMediaType) }
    if case .length(let count) = head.body, count > Int64(URLEncodedForm.maximumCount) { return fail(.contentTooLarge) }
    beginCollecting()
  }

  /// Begins to read a body whole, that `form` takes in.
  func beginCollecting() {
    formDecoder = BodyDecoder(head.body)
    stage = .collecting
    if head.expectsContinue, let connection, connection.inputIsEmpty {
      isContinueSent = true
      connection.appendOutput("HTTP/1.1 100 Continue\r\n\r\n".utf8)
      _ = connection.flush()
    }
    collect()
  }

  private func isURLEncoded(_ type: Range<Int>) -> Bool {
    let bytes = headBytes
    return isURLEncodedForm(contentType: bytes.span.extracting(type))
  }

  func collect() {
    guard stage == .collecting, let connection, var decoder = formDecoder else { return }
    var maximum = URLEncodedForm.maximumCount
    var keepsPace = false
    if case .holding(_, let most) = heldForm?.purpose { (maximum, keepsPace) = (most, true) }
    if bodyPace.isWaiting { pauseClientPace() }
    while true {
      let step = connection.inputIsEmpty && !decoder.isComplete ? BodyStep.needMore(consumed: 0) : decode(&decoder, connection)
      switch step {
      case .data(let range, let consumed):
        let input = connection.input
        form += input.bytes[input.start + range.lowerBound..<input.start + range.upperBound]
        connection.consumeInput(consumed)
        if form.count > maximum {
          form = []
          formDecoder = nil
          unreadBody = decoder
          return keepsPace ? holdNothing() : fail(.contentTooLarge)
        }
      case .needMore(let consumed):
        connection.consumeInput(consumed)
        switch connection.fill() {
        case .received: continue
        case .wouldBlock:
          formDecoder = decoder
          // What may be long has the time that any body has.
          if keepsPace { return waitForBody(connection) }
          // For the whole form, however slowly it trickles in.
          if connection.deadline == .max { connection.setDeadline(at: worker.loop.now + rules.limits.headerTimeout) }
          return
        case .full, .ended: return connection.abort()
        }
      case .end(let consumed):
        connection.consumeInput(consumed)
        connection.clearDeadline()
        return takeForm()
      case .failed(let fault):
        end = .clientMalformed
        auditReason = fault.reason
        closesAfter = true
        return fail(.badRequest)
      }
    }
  }

  private func decode(_ decoder: inout BodyDecoder, _ connection: ClientConnection) -> BodyStep {
    let bytes = connection.input.bytes
    return decoder.next(bytes.span.extracting(connection.input.range))
  }

  private func takeForm() {
    let bytes = form
    form = []
    if case .holding(let room, _) = heldForm?.purpose { return hold(bytes, in: room) }
    guard let fields = URLEncodedForm(bytes.span) else { return fail(.badRequest) }
    switch reserved {
    // These come from the provider: what they carry is proof enough, or is asked for later.
    case .callback: return takePostedAnswer(bytes)
    case .backchannel: return takeLogoutToken(fields)
    default: break
    }
    guard let origin, OriginCheck.isOwn(origin, origin: soleValue(.origin), fetchSite: soleValue(.secFetchSite)) else {
      return fail(.formRefused)
    }
    if case .ordering = heldForm?.purpose { return takeOrder(fields) }
    if reserved == .logout { takeLogout(fields) } else { takeLogin(fields) }
  }

  /// A field's value; of several lines, one that matches nothing.
  func soleValue(_ known: KnownField) -> [UInt8]? {
    switch head.fieldCount(known) {
    case 0: nil
    case 1: head.firstField(known).map { Array(headBytes[$0.value.range]) }
    default: [UInt8]("several".utf8)
    }
  }

  // MARK: The browser

  /// Whom sealed values are for.
  var audience: Audience? { hostContext?.audience }

  /// The origin that the browser knows this site by.
  var origin: WebOrigin? { audience?.origin }

  /// Names and values of our cookies of one kind.
  func ownCookies(_ kind: CookieNames.Kind) -> [(name: String, value: [UInt8])] {
    guard let names = hostContext?.cookieNames else { return [] }
    let bytes = headBytes
    var found: [(name: String, value: [UInt8])] = []
    for field in head.fields where field.known == .cookie {
      let start = field.value.start
      let line = bytes.span.extracting(field.value.range)
      forEachCookie(in: line) { name, value in
        guard found.count < 2 * CookieNames.maximumBindings, names.kind(of: line.extracting(name)) == kind else { return }
        found.append(
          (
            String(decoding: bytes[start + name.lowerBound..<start + name.upperBound], as: UTF8.self),
            Array(bytes[start + value.lowerBound..<start + value.upperBound])
          ))
      }
    }
    return found
  }

  /// The bindings that the browser sent.
  var bindings: [BrowserBinding] {
    ownCookies(.binding).prefix(CookieNames.maximumBindings).compactMap { BrowserBinding(cookie: $0.value.span) }
  }

  /// One of the browser's bindings, or a new one that the answer will set.
  func bindingForAnswer() -> BrowserBinding {
    if head.firstField(.cookie) != nil, let known = bindings.first { return known }
    let random = worker.crypto.random
    let binding = BrowserBinding(random)
    if let hostContext {
      var lines: [UInt8] = []
      swap(&lines, &localLines)
      hostContext.bindingCookie.append(random: random.number(), to: &lines) { binding.appendCookieValue(to: &$0) }
      swap(&lines, &localLines)
    }
    return binding
  }

  /// The key of the account whose session it is: accounts of one name at two logins are two people.
  func accountKey(_ session: SessionContent) -> String {
    guard session.login != SessionContent.passwordLogin else { return UserName.fold([UInt8](session.user.utf8)) ?? "" }
    return session.login + "\n" + session.user
  }

  // MARK: Waiting

  /// Runs async code on this loop's thread, and goes on with what it finds out, if the client is still there.
  func wait<Value: Sendable>(for work: @escaping @Sendable () async -> Value, then: @escaping @Sendable (Exchange, Value) -> Void) {
    guard let token = connection?.token else { return }
    stage = .waiting
    let serial = serial
    let handle = worker.loop.handle
    Task(executorPreference: handle) {
      let value = await work()
      handle.post { loop in
        guard let connection = loop.pollable(token) as? ClientConnection, let exchange = connection.exchange, exchange.serial == serial,
          exchange.stage == .waiting
        else { return }
        then(exchange, value)
      }
    }
  }
}
