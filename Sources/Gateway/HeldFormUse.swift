import Audit
import HTTP
import Login
import Session

/// What a form that is held, or sent on, has to do with a request: in one place, so that all others pay for it with one look.
final class HeldFormUse {
  enum Purpose {
    /// Only for what the audit trail says.
    case none
    /// The body is read, to be held in a place of its own.
    case holding(HeldForms.Room, maximum: Int)
    /// The order to send a form on is read.
    case ordering
    /// The form itself goes to the app.
    case sending(HeldForm, HeldFormReference, ticket: [UInt8])
  }

  /// What the audit trail says beside the request's own record.
  struct Note {
    let outcome: AuditRecord.FormOutcome
    let user: String
    let reason: String?
  }

  var purpose = Purpose.none
  /// Taken from among those that are held: nobody else sends it.
  var isTaken = false
  /// A byte of it may have gone to the app.
  var hasLeft = false
  var notes: [Note] = []
}

extension Exchange {
  /// Notes for the audit trail what has become of a form.
  func noteForm(_ outcome: AuditRecord.FormOutcome, user: String, reason: String? = nil) {
    let use = heldForm ?? HeldFormUse()
    use.notes.append(HeldFormUse.Note(outcome: outcome, user: user, reason: reason))
    heldForm = use
  }

  /// Whose forms a session's are.
  func formOwner(_ content: SessionContent) -> HeldFormOwner? {
    siteState.map { HeldFormOwner(site: $0.settings.site.name, key: accountKey(content)) }
  }

  /// Throws away all that waits for somebody who signs out.
  func destroyForms(of owner: HeldFormOwner) {
    for lost in worker.services.heldForms.destroyAll(of: owner, .loggedOut) { noteForm(.destroyed, user: lost.user, reason: "signed out") }
  }

  /// The request is over: what it has taken has been sent, or is held as before.
  func settleHeldForm(_ use: HeldFormUse) {
    guard case .sending(_, let reference, _) = use.purpose, use.isTaken else { return }
    use.isTaken = false
    guard use.hasLeft else { return worker.services.heldForms.putBack(reference.id) }
    worker.services.heldForms.wasSent(reference.id)
    noteForm(.sent, user: session?.user ?? "")
  }
}

extension Worker {
  /// Destroys the forms that nobody has come for, with a record of each.
  func expireHeldForms() {
    for lost in services.heldForms.expire(now: loop.wallNow / 1000) {
      let record = AuditRecord(.form(.destroyed), time: loop.wallNow, status: 0)
      let none: [UInt8] = []
      let isQueued = auditRecorder.append(
        record, requestID: none.span, site: lost.site.utf8.span, host: none.span, user: lost.user.utf8.span, client: none.span,
        method: none.span, patient: none.span, rule: none.span, reason: "nobody came for it in time".utf8.span)
      if !isQueued { services.auditWarning.warn() }
    }
  }
}
