import Config

@testable import Policy

func site(
  _ hosts: [HostPattern] = [.exact("app.example.com")], patients: [PatientRule] = [PatientRule(path: PathPattern("/patients"))],
  protect: Protect = .all, open: [String] = [], background: [String] = [], appLogout: [String] = [],
  identity: IdentityFields = IdentityFields(), request: RequestFields = RequestFields()
) -> Site {
  Site(
    name: "app.example.com", hosts: hosts, upstreams: [UpstreamAddress(host: "127.0.0.1", port: 9000)], patients: patients,
    protect: protect, open: open.map { PathPattern($0) }, background: background.map { PathPattern($0) },
    appLogout: appLogout.map { PathPattern($0) }, logins: [LoginSettings(.password(PasswordLoginSettings(users: "/users.passwd")))],
    identity: identity,
    request: request)
}

extension SitePolicy {
  /// Splits a target at its first `?`, as the request parser does.
  func route(_ target: String, isGetOrHead: Bool = true) -> Route {
    let bytes = Array(target.utf8)
    let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
    let path = Array(bytes[..<(mark ?? bytes.count)])
    let query = Array(mark.map { bytes[($0 + 1)...] } ?? [])
    return route(isGetOrHead: isGetOrHead, path: path.span, query: query.span, hasQuery: mark != nil)
  }

  /// The digits that the route names, out of the query.
  func identifier(_ target: String) -> String? {
    guard case .id(let range) = route(target).patient else { return nil }
    let query = Array(target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())
    return String(decoding: query[range], as: UTF8.self)
  }
}
