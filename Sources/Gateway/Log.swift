import Audit
import EventLoop
import HTTP
import Pages

extension Exchange {
  /// The log phase: one access line for every exchange, whatever became of it, and what the audit trail has to say.
  func log() {
    guard let connection else { return }
    if let heldForm { settleHeldForm(heldForm) }
    logAccess(connection)
    logAudit(connection)
    if let heldForm { logForms(heldForm, connection) }
  }

  private func logAccess(_ connection: ClientConnection) {
    let worker = worker
    guard let accessLog = worker.accessLog else { return }
    let entry = AccessEntry(
      time: startedAt, version: isUnreadable ? .unknown : head.minorVersion == 0 ? .http10 : .http11, status: status,
      bytesOut: connection.bytesOut - bytesOutAtStart,
      // What is left in the buffer belongs to the next request.
      bytesIn: connection.bytesIn - bytesInAtStart - Int64(connection.inputCount),
      totalMicroseconds: System.monotonicMicroseconds() - startedMicroseconds, upstreamMicroseconds: upstreamMicroseconds, end: end)
    let bytes = headBytes
    let span = bytes.span
    let site = siteState?.settings.nameBytes ?? []
    let user = session?.user ?? ""
    let upstream = upstreamName
    let identifier = requestID
    let peer = clientText(connection)
    accessLog.append(
      entry, requestID: identifier.digits.span, client: peer.span, site: site.span, user: user.utf8.span,
      method: span.extracting(isUnreadable ? 0..<0 : head.methodRange.range),
      target: span.extracting(isUnreadable ? 0..<0 : head.target.range), upstream: upstream.utf8.span)
    worker.accessLineAdded()
  }

  private func logAudit(_ connection: ClientConnection) {
    guard var event = auditEvent, !isUnreadable else { return }
    if case .patientRequest(.refused) = event, upstreamStartedMicroseconds >= 0 {
      // Whoever has got a part of the answer has seen something, however it ended.
      var isShown = status == 101
      if upstreamMicroseconds >= 0 {
        if case .ok = end { isShown = true } else if connection.bytesOut > bytesOutAtAnswer { isShown = true }
      }
      event = .patientRequest(isShown ? .shown : .failed)
    }
    let worker = worker
    let bytes = headBytes
    let span = bytes.span
    let settings = siteState?.settings
    let user = auditUser ?? session?.user ?? ""
    let rule = patientRule(event, settings)
    let reason = auditReason ?? ""
    let identifier = requestID
    let peer = clientText(connection)
    let site = settings?.nameBytes ?? []
    let isQueued = worker.auditRecorder.append(
      AuditRecord(event, time: startedAt, status: status), requestID: identifier.digits.span, site: site.span,
      host: span.extracting(hostRange), user: user.utf8.span, client: peer.span, method: span.extracting(head.methodRange.range),
      patient: span.extracting(patientDigits(event)), rule: rule.span, reason: reason.utf8.span)
    if !isQueued { worker.services.auditWarning.warn() }
  }

  /// What has become of forms that were held, beside the request's own record.
  private func logForms(_ use: HeldFormUse, _ connection: ClientConnection) {
    let worker = worker
    let bytes = headBytes
    let span = bytes.span
    let none: [UInt8] = []
    let identifier = requestID
    let peer = clientText(connection)
    let site = siteState?.settings.nameBytes ?? []
    for note in use.notes {
      let reason = note.reason ?? ""
      let isQueued = worker.auditRecorder.append(
        AuditRecord(.form(note.outcome), time: startedAt, status: status), requestID: identifier.digits.span, site: site.span,
        host: span.extracting(hostRange), user: note.user.utf8.span, client: peer.span, method: span.extracting(head.methodRange.range),
        patient: none.span, rule: none.span, reason: reason.utf8.span)
      if !isQueued { worker.services.auditWarning.warn() }
    }
  }

  /// Where a patient request's id stands in the head's bytes; empty where it names none.
  private func patientDigits(_ event: AuditRecord.Event) -> Range<Int> {
    guard case .patientRequest = event, case .id(let range) = route?.patient, let query = head.query else { return 0..<0 }
    return query.start + range.lowerBound..<query.start + range.upperBound
  }

  /// The pattern that makes it a patient request.
  private func patientRule(_ event: AuditRecord.Event, _ settings: SiteSettings?) -> [UInt8] {
    guard case .patientRequest = event, let rule = route?.patientRule, let settings else { return [] }
    return settings.patients[rule].path
  }

  /// Notes in the audit trail that a request was turned away, where nothing more exact is noted.
  func auditFailure(_ failure: Failure) {
    switch failure {
    case .signInNeeded, .formRefused, .forbidden, .foreignOrigin, .unknownHost:
      if case .patientRequest = auditEvent {
        auditEvent = .patientRequest(failure == .signInNeeded ? .loginRequired : .refused)
      } else if auditEvent == nil {
        auditEvent = .refusal
        auditReason = failure.title
      }
    case .checkFailed, .checkBusy, .checkTimeout: if case .patientRequest = auditEvent { auditEvent = .patientRequest(.failed) }
    case .badGateway, .gatewayTimeout, .requestTimeout, .unavailable, .internalError:
      if case .patientRequest = auditEvent { auditEvent = .patientRequest(.failed) }
    default: break
    }
  }
}
