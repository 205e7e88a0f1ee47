import Config
import EventLoop
import Fetch
import Pages

/// A patient rule's `lookup`, and who is at it.
final class PatientLookup: Sendable {
  let settings: PatientLookupSettings
  let gate: Gate

  init(_ settings: PatientLookupSettings) {
    self.settings = settings
    gate = Gate(limit: settings.requests)
  }

  enum Outcome: Sendable {
    case answered(FetchAnswer)
    case failed(FetchFault)
    /// As many as may be are under way.
    case busy
  }

  func ask(_ request: AppRequest, on handle: LoopHandle) async -> Outcome {
    guard gate.enter() else { return .busy }
    // Nobody queues up at this gate.
    defer { _ = gate.leave() }
    do throws(FetchFault) {
      return .answered(try await request.send(on: handle))
    } catch {
      return .failed(error)
    }
  }
}

extension Exchange {
  /// Asks the app what it calls the patient, and sends the browser on to it.
  func lookUp(_ lookup: PatientLookup, patientID: String, to: PatientTemplate) {
    let settings = lookup.settings
    guard let target = settings.target.address(patientID: patientID) else { return fail(.internalError) }
    guard var request = appRequest(String(decoding: target, as: UTF8.self), identity: session?.identityLines ?? []) else {
      return noServer()
    }
    request.accept = "application/json, */*;q=0.1"
    request.bounds.milliseconds = settings.timeout.milliseconds
    if let body = settings.body {
      request.content = FetchRequest.Content(
        type: body.type, bytes: [UInt8](PatientLookupSettings.fill(body.text, patientID: patientID).utf8))
    }
    let asked = request
    let handle = worker.loop.handle
    wait(for: { await lookup.ask(asked, on: handle) }, then: { $0.lookedUp($1, settings, patientID: patientID, to: to) })
  }

  private func lookedUp(_ outcome: PatientLookup.Outcome, _ settings: PatientLookupSettings, patientID: String, to: PatientTemplate) {
    switch outcome {
    case .answered(let answer):
      goOn(LookupAnswer(answer, settings, patientID: patientID), patientID: patientID, to: to)
    case .failed(let fault):
      warnOfLookup(fault.reason)
      switch fault.kind {
      case .timedOut: failLookup(.gatewayTimeout)
      case .noRoom, .ended: failLookup(.unavailable)
      default: failLookup(.badGateway)
      }
    case .busy: failLookup(.unavailable)
    }
  }

  private func goOn(_ answer: LookupAnswer, patientID: String, to: PatientTemplate) {
    switch answer {
    case .known(let appID):
      guard let address = to.address(patientID: patientID, appID: appID) else {
        warnOfLookup("its id has characters that cannot stand in a path (let `to` have it after a `?` or `#`, if the app takes it there)")
        return failLookup(.badGateway)
      }
      sendOn(address)
    case .unknown: refuse(.patientUnknown, "the app does not know the patient")
    case .several: refuse(.patientSeveral, "the app knows several such patients")
    case .forbidden: refuse(.forbidden, "the app says that this user may not")
    case .invalid(let reason):
      warnOfLookup(reason)
      failLookup(.badGateway)
    }
  }

  private func refuse(_ failure: Failure, _ reason: String) {
    auditReason = reason
    fail(failure)
  }

  private func failLookup(_ failure: Failure) {
    auditReason = "the app could not be asked for the patient"
    fail(failure)
  }

  /// The app's address is not named: the patient's number may stand in it.
  private func warnOfLookup(_ reason: String) {
    let site = siteState?.settings.site.name ?? ""
    worker.services.lookupWarning.warn(["site": site, "reason": reason])
  }
}
