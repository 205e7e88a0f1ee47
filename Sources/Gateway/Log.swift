import Audit
import EventLoop
import HTTP
import Pages

extension Exchange {
  /// The log phase: one access line for every exchange, whatever became of it, and what the audit trail has to say.
  func log() {
    guard let connection else { return }
    logAccess(connection)
    logAudit(connection)
  }

  private func logAccess(_ connection: ClientConnection) {
    guard worker.accessLog != nil else { return }
    let entry = AccessEntry(
      time: startedAt, version: isUnreadable ? .unknown : head.minorVersion == 0 ? .http10 : .http11, status: status,
      bytesOut: connection.bytesOut - bytesOutAtStart,
      // What is left in the buffer belongs to the next request.
      bytesIn: connection.bytesIn - bytesInAtStart - Int64(connection.inputCount),
      totalMicroseconds: System.monotonicMicroseconds() - startedMicroseconds, upstreamMicroseconds: upstreamMicroseconds, end: end)
    let bytes = headBytes
    let span = bytes.span
    let site = siteState?.settings.nameBytes ?? []
    let user = [UInt8]((session?.user ?? "").utf8)
    let upstream = [UInt8](upstreamName.utf8)
    let identifier = requestID
    let peer = connection.peerText
    worker.accessLog?.append(
      entry, requestID: identifier.span, client: peer.span, site: site.span, user: user.span,
      method: span.extracting(isUnreadable ? 0..<0 : head.methodRange.range),
      target: span.extracting(isUnreadable ? 0..<0 : head.target.range), upstream: upstream.span)
    worker.accessLineAdded()
  }

  private func logAudit(_ connection: ClientConnection) {
    guard var event = auditEvent, !isUnreadable else { return }
    if case .patientRequest(let patient, let rule, .refused) = event, upstreamStartedMicroseconds >= 0 {
      // Whoever has got a part of the answer has seen something, however it ended.
      let isShown = status == 101 || (upstreamMicroseconds >= 0 && (end == .ok || connection.bytesOut > bytesOutAtAnswer))
      event = .patientRequest(patient: patient, rule: rule, outcome: isShown ? .shown : .failed)
    }
    let record = AuditRecord(
      event, time: startedAt, requestID: String(decoding: requestID, as: UTF8.self), site: siteState?.settings.site.name ?? "",
      host: hostText, user: auditUser ?? session?.user, client: String(decoding: connection.peerText, as: UTF8.self),
      method: String(decoding: headBytes[head.methodRange.range], as: UTF8.self), status: status == 0 ? nil : status, reason: auditReason)
    if !worker.services.audit.append(record) { worker.services.auditWarning.warn() }
  }

  /// Notes in the audit trail that a request was turned away, where nothing more exact is noted.
  func auditFailure(_ failure: Failure) {
    switch failure {
    case .signInNeeded, .formRefused, .forbidden, .unknownHost:
      if case .patientRequest(let patient, let rule, _) = auditEvent {
        auditEvent = .patientRequest(patient: patient, rule: rule, outcome: failure == .signInNeeded ? .loginRequired : .refused)
      } else if auditEvent == nil {
        auditEvent = .refusal(rule: nil)
        auditReason = failure.title
      }
    case .badGateway, .gatewayTimeout, .requestTimeout, .unavailable, .internalError:
      if case .patientRequest(let patient, let rule, _) = auditEvent {
        auditEvent = .patientRequest(patient: patient, rule: rule, outcome: .failed)
      }
    default: break
    }
  }
}
