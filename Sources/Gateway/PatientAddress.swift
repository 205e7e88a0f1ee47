import Audit
import Config
import HTTP
import Login
import Policy

extension Exchange {
  /// Sends somebody who has clicked on a patient on to where the app shows it, where the rule says so; false for what is to be passed to the
  /// app: another method, a script's request, no patient.
  func sendsOn(_ route: Route, _ state: SiteState) -> Bool {
    guard let rule = route.patientRule, let to = state.settings.patients[rule].to, case .get = head.method,
      !(tokenUse?.isProgram ?? false), let patientID = patientID(route), isNavigation
    else { return false }
    if let lookup = state.settings.patients[rule].lookup {
      lookUp(lookup, patientID: patientID, to: to)
    } else {
      sendOn(to.address(patientID: patientID))
    }
    return true
  }

  /// Answers with the way to the patient's page.
  func sendOn(_ address: [UInt8]?) {
    guard let address, leadsIntoTheApp(address) else { return fail(.badGateway) }
    auditEvent = .patientRequest(.shown)
    auditReason = "sent on to the patient's page"
    respond(.redirect(302, to: address))
  }

  /// Whatever an app calls its patients, the way stays on this site, and in the app.
  private func leadsIntoTheApp(_ address: [UInt8]) -> Bool {
    RedirectTarget.isLocal(Array(address.prefix { $0 != UInt8(ascii: "#") }))
  }

  /// The checked digits; `nil` where there are none.
  private func patientID(_ route: Route) -> String? {
    guard case .id(let range) = route.patient, let query = head.query else { return nil }
    return String(decoding: headBytes[query.start + range.lowerBound..<query.start + range.upperBound], as: UTF8.self)
  }
}
