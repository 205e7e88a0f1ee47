import Crypto
import EventLoop
import HTTP
import Login
import Pages
import Policy
import Session

/// From a login to a form that was held before it: it is offered, and sent once.
extension Exchange {
  // MARK: The offer

  /// Where a ticket to a form leads: a page of ours, since nothing is sent unasked.
  func goToOffer(_ ticket: [UInt8], status: Int) {
    respond(.redirect(status, to: [UInt8](Self.loginAddress([], ticket).utf8)))
  }

  /// Shows what waits, or what has become of it.
  func offer(_ reference: HeldFormReference, _ ticket: [UInt8], _ audience: Audience, status: Int = 200, couldNotBeSent: Bool = false) {
    guard let state = siteState, let session else { return fail(.internalError) }
    switch lookAtForm(reference, audience) {
    case .failure(let end): show(end, reference)
    case .success(let form):
      let token = rules.generation.formTokens.mint(
        .held, audience: audience, binding: bindingForAnswer(), subject: ticket, now: now, using: worker.crypto)
      let target = String(decoding: form.target, as: UTF8.self)
      let mark = (target.contains("?") ? "&" : "?") + FormField.heldMark
      let offer = HeldFormOffer(
        action: "\(audience.origin)\(target)\(mark)", path: String(target.prefix { $0 != "?" }), fields: form.summary.fields,
        files: form.summary.files.map { HeldFormOffer.File(name: $0.name, size: $0.size) }, fileCount: form.summary.fileCount,
        age: max(0, now - form.sentAt), couldNotBeSent: couldNotBeSent)
      let page = state.settings.pages.heldForm(
        offer, returnTicket: String(decoding: ticket, as: UTF8.self), token: token, user: session.user, host: hostText)
      respond(.page(page, status: status))
    }
  }

  private enum Look {
    case success(HeldForm)
    case failure(HeldFormEnd)
  }

  private func lookAtForm(_ reference: HeldFormReference, _ audience: Audience) -> Look {
    switch worker.services.heldForms.look(reference.id, now: now) {
    case .held(let sealed):
      guard let form = HeldForm(sealed: sealed, key: Secret(reference.key), audience: audience, using: worker.crypto) else {
        return .failure(.gone)
      }
      return .success(form)
    case .underWay: return .failure(.uncertain)
    case .gone(let fate): return .failure(HeldFormEnd(fate))
    case nil: return .failure(.gone)
    }
  }

  /// Says what has become of a form; the page that it was on is a link away.
  func show(_ end: HeldFormEnd, _ reference: HeldFormReference, status: Int = 200) {
    guard let state = siteState else { return fail(.internalError) }
    // Somebody else's page is nobody's business.
    let back = end == .otherUser || end == .otherBrowser ? "" : String(decoding: reference.page, as: UTF8.self)
    respond(.page(state.settings.pages.heldFormEnd(end, back: back, host: hostText), status: status))
  }

  /// Destroys a form that has come up with somebody else, or elsewhere, and says so.
  func destroyForm(_ reference: HeldFormReference, _ fate: HeldFormFate) {
    if let lost = worker.services.heldForms.destroy(reference.id, fate) {
      noteForm(.destroyed, user: lost.user, reason: fate == .otherUser ? "somebody else has signed in" : "it came up in another browser")
    }
    show(HeldFormEnd(fate), reference)
  }

  /// Throws a form away because its sender says so.
  func takeDiscard(_ fields: URLEncodedForm, _ ticket: [UInt8], _ audience: Audience) {
    guard let reference = orderedForm(fields, ticket, audience) else { return }
    if let lost = worker.services.heldForms.destroy(reference.id, .discarded) {
      noteForm(.destroyed, user: lost.user, reason: "thrown away by its sender")
    }
    if case .failure(let end) = lookAtForm(reference, audience) { show(end, reference) } else { fail(.internalError) }
  }

  /// The form that an order is about, whose origin is checked; `nil`, with an answer, where it is none of this person's in this browser.
  private func orderedForm(_ fields: URLEncodedForm, _ ticket: [UInt8], _ audience: Audience) -> HeldFormReference? {
    authenticate()
    guard let session else {
      showLogin(audience, ticket: ticket, notice: .staleForm)
      return nil
    }
    let token = fields.value(FormField.token) ?? []
    let outcome = rules.generation.formTokens.check(
      token.span, .held, audience: audience, bindings: bindings, subject: ticket, now: now, using: worker.crypto)
    guard outcome == .valid else {
      fail(.formRefused)
      return nil
    }
    switch open(ticket, audience, user: accountKey(session.content)) {
    case .follow(.held(let reference)), .ask(.held(let reference), .old): return reference
    case .ask(.held(let reference), .otherUser): destroyForm(reference, .otherUser)
    case .otherBrowser(let reference): destroyForm(reference, .otherBrowser)
    case .follow, .ask, .none: fail(.formRefused)
    }
    return nil
  }

  // MARK: The order to send it

  /// Whether the request is one to send a form on, at the form's own address: then it has its answer, or will.
  func takesHeldForm(_ settings: SiteSettings) -> Bool {
    guard let query = head.query, !settings.keepsOutsideLogin, heldForm == nil, endsWithMark(query) else { return false }
    switch head.method {
    case .get, .head:
      // Somebody asks for the address anew under which the app's answer was shown.
      let address = (head.path.isEmpty ? rootPath : []) + headBytes[head.pathAndQuery.start..<query.end - Self.mark.count - 1]
      respond(.redirect(303, to: RedirectTarget.isLocal(address) ? address : [UInt8](settings.site.start.utf8)))
    case .post:
      let use = HeldFormUse()
      use.purpose = .ordering
      heldForm = use
      collectForm()
    default: return false
    }
    return true
  }

  private static let mark = [UInt8](FormField.heldMark.utf8)

  private func endsWithMark(_ query: ByteRange) -> Bool {
    let mark = Self.mark
    let start = query.end - mark.count
    guard start >= query.start, start == query.start || headBytes[start - 1] == UInt8(ascii: "&") else { return false }
    return headBytes[start..<query.end].elementsEqual(mark)
  }

  /// The order, whose origin is checked: from here on the request is the form's.
  func takeOrder(_ fields: URLEncodedForm) {
    guard let audience, let connection else { return fail(.badRequest) }
    let ticket = fields.value(FormField.returnTicket) ?? []
    guard let reference = orderedForm(fields, ticket, audience) else { return }
    switch lookAtForm(reference, audience) {
    case .failure(let end): show(end, reference)
    case .success(let form):
      guard become(form) else { return fail(.badRequest) }
      heldForm?.purpose = .sending(form, reference, ticket: ticket)
      session = nil
      endedSession = nil
      route = nil
      requestCookies.reset()
      routeRequest(connection)
    }
  }

  /// Takes a form's line and what says of its body in place of the order's; everything else is as the browser has sent it now. False where that
  /// is no request.
  private func become(_ form: HeldForm) -> Bool {
    guard let origin else { return false }
    let bytes = headBytes
    var output = [UInt8]("POST ".utf8) + form.target + " HTTP/1.\(head.minorVersion)\r\n".utf8
    for field in head.fields {
      switch field.known {
      case .contentType, .contentLength, .transferEncoding, .expect, .origin, .referer, .trailer: continue
      default: output += bytes[field.name.range] + ": ".utf8 + bytes[field.value.range] + "\r\n".utf8
      }
    }
    output += "Origin: \(origin)\r\n".utf8
    if let referer = form.referer { output += "Referer: ".utf8 + referer + "\r\n".utf8 }
    output += "Content-Type: ".utf8 + form.contentType + "\r\nContent-Length: \(form.body.count)\r\n\r\n".utf8
    let limits = rules.limits
    var parser = RequestParser(maxHeadBytes: 2 * limits.headerBytes + 1024, maxFields: limits.headerCount + 4)
    var parsed = RequestHead()
    guard case .complete = parser.parse(output.span, into: &parsed) else { return false }
    headBytes = output
    head = parsed
    return true
  }

  // MARK: On its way

  /// Takes the form for this request alone, just before it goes to the app; false, with an answer, where somebody else was quicker.
  func takeHeldForm(_ use: HeldFormUse) -> Bool {
    guard case .sending(_, let reference, _) = use.purpose, !use.isTaken else { return true }
    use.isTaken = worker.services.heldForms.take(reference.id, now: now)
    if use.isTaken { return true }
    guard let audience, case .failure(let end) = lookAtForm(reference, audience) else {
      fail(.internalError)
      return false
    }
    show(end, reference)
    return false
  }

  /// The body of the form that this request sends on.
  var heldBody: [UInt8]? {
    if case .sending(let form, _, _) = heldForm?.purpose { form.body } else { nil }
  }

  /// What the request's body comes through on its way to the app: what was held is in the app's output already.
  func newRequestRelay() -> BodyRelay {
    if heldForm != nil, heldBody != nil { return BodyRelay(.none, isChunkedOut: false) }
    return BodyRelay(head.body, isChunkedOut: head.body == .chunked, limit: rules.limits.body)
  }

  /// The app could not be reached, or has not answered: what that means for the form. False where it is not about one.
  func failSending(_ failure: Failure) -> Bool {
    guard let use = heldForm, case .sending(_, let reference, let ticket) = use.purpose, use.isTaken, status == 0, let audience else {
      return false
    }
    let hasLeft = use.hasLeft
    settleHeldForm(use)
    use.purpose = .none
    if hasLeft {
      show(.uncertain, reference, status: failure.status)
    } else {
      offer(reference, ticket, audience, status: failure.status, couldNotBeSent: true)
    }
    return true
  }
}

extension HeldFormEnd {
  init(_ fate: HeldFormFate) {
    switch fate {
    case .sent: self = .sent
    case .discarded: self = .discarded
    case .otherUser: self = .otherUser
    case .otherBrowser: self = .otherBrowser
    case .loggedOut: self = .loggedOut
    case .madeRoom, .expired: self = .gone
    }
  }
}
