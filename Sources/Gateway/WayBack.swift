import HTTP
import Login
import Pages
import Session

/// From a login back to what was chosen before it.
extension Exchange {
  /// What a ticket is good for in this browser, once the account of this key has signed in.
  func open(_ ticket: [UInt8], _ audience: Audience, user: String) -> TicketOutcome {
    rules.generation.tickets.open(ticket.span, audience: audience, bindings: bindings, user: user, now: now, using: worker.crypto)
  }

  /// To what was chosen before the login.
  func follow(_ ticket: [UInt8], _ content: SessionContent, _ audience: Audience, status: Int) {
    switch open(ticket, audience, user: accountKey(content)) {
    case .follow(.held), .ask(.held, _), .otherBrowser: goToOffer(ticket, status: status)
    case .follow(.popup), .ask(.popup, .old): respond(.redirect(status, to: Self.popupIsDone))
    case .ask(.popup, .otherUser): respond(.redirect(status, to: Self.popupIsAnothers))
    case .follow(let address): respond(.redirect(status, to: location(address, audience)))
    case .ask(_, let reason): confirm(reason, ticket, audience, user: content.user)
    case .none: respond(.redirect(status, to: [UInt8]((siteState?.settings.site.start ?? "/").utf8)))
    }
  }

  /// The address itself, checked once more; the start page where it is gone or leads elsewhere.
  func location(_ address: ReturnAddress, _ audience: Audience) -> [UInt8] {
    let start = [UInt8]((siteState?.settings.site.start ?? "/").utf8)
    let bytes: [UInt8]
    switch address {
    case .inline(let inline): bytes = inline
    case .stored(let id):
      guard let sealed = try? worker.services.store.pendingReturn(id, now: now),
        let opened = rules.pendingReturns.open(sealed, audience: audience, using: worker.crypto)
      else { return start }
      bytes = opened
    case .held(let form): bytes = form.page
    case .popup: return start
    }
    return RedirectTarget.isLocal(bytes) ? bytes : start
  }

  /// Asks before a patient is opened that was chosen long ago, or by somebody else.
  func confirm(_ reason: TicketOutcome.Reason, _ ticket: [UInt8], _ audience: Audience, user: String) {
    guard let state = siteState else { return fail(.internalError) }
    let token = rules.generation.formTokens.mint(
      .confirm, audience: audience, binding: bindingForAnswer(), subject: ticket, now: now, using: worker.crypto)
    let shown: ConfirmReason =
      switch reason {
      case .old(let seconds): .old(seconds: seconds)
      case .otherUser: .otherUser
      }
    let page = state.settings.pages.confirm(
      shown, returnTicket: String(decoding: ticket, as: UTF8.self), token: token, user: user, host: hostText)
    respond(.page(page))
  }

  func takeConfirmation(_ fields: URLEncodedForm, _ ticket: [UInt8], _ audience: Audience) {
    whenIdentified { $0.takeConfirmationOfUser(fields, ticket, audience) }
  }

  private func takeConfirmationOfUser(_ fields: URLEncodedForm, _ ticket: [UInt8], _ audience: Audience) {
    guard let session, let state = siteState else { return showChoice(audience, ticket: ticket, notice: .staleForm) }
    let token = fields.value(FormField.token) ?? []
    switch rules.generation.formTokens.check(
      token.span, .confirm, audience: audience, bindings: bindings, subject: ticket, now: now, using: worker.crypto)
    {
    case .valid: break
    case .stale, .invalid: return fail(.formRefused)
    }
    switch open(ticket, audience, user: accountKey(session.content)) {
    case .follow(let address), .ask(let address, _): respond(.redirect(303, to: location(address, audience)))
    case .otherBrowser, .none: respond(.redirect(303, to: [UInt8](state.settings.site.start.utf8)))
    }
  }
}
