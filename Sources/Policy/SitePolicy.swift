import Config

/// One site's rules about paths and queries, compiled once.
package final class SitePolicy: Sendable {
  private let open: PatternSet
  private let background: PatternSet
  private let appLogout: PatternSet
  /// Of `login app`, where there is one.
  private let loginPages: PatternSet?
  private let afterLogin: PatternSet?
  private let patientPages: PatternSet
  /// Empty unless the site has `protect patient`.
  private let belowPatientPages: PatternSet
  /// For each of the site's patient rules.
  private let parameters: [ParameterName]
  private let rejectsMissing: [Bool]
  /// The different names among `parameters`.
  private let watchedParameters: [ParameterName]
  private let protect: Protect

  package init(site: Site) {
    let patientPatterns = site.patients.map(\.path)
    open = PatternSet(site.open)
    background = PatternSet(site.background)
    let app = site.appLogin
    appLogout = PatternSet(site.appLogout + (app?.logout ?? []))
    loginPages = app.map { PatternSet($0.pages) }
    afterLogin = app.flatMap { $0.afterLogin.isEmpty ? nil : PatternSet($0.afterLogin) }
    patientPages = PatternSet(patientPages: patientPatterns)
    belowPatientPages = site.protect == .patient ? PatternSet(belowPatientPages: patientPatterns) : PatternSet()
    parameters = site.patients.map { ParameterName($0.query) }
    rejectsMissing = site.patients.map { $0.missing == .reject }
    var watched: [ParameterName] = []
    for name in parameters where !watched.contains(name) { watched.append(name) }
    watchedParameters = watched
    protect = site.protect
  }

  /// Judges a request by its target as sent: `path` up to the `?` (`*` for `OPTIONS *`), `query` after it; `hasQuery` is false where there is
  /// no `?`. The path is judged in every reading that an app might give it.
  ///
  /// - Parameter survey: of `path`.
  package func route(isGetOrHead: Bool, path: Span<UInt8>, _ survey: PathSurvey, query: Span<UInt8>, hasQuery: Bool) -> Route {
    let match = match(path, survey)
    var route = Route(needsLogin: true, isBackground: match.isBackground, isAppLogout: match.isAppLogout)
    if let rule = match.patientRule {
      route.patientRule = rule
      route.patient = parameter(match, rule: rule, isGetOrHead: isGetOrHead, query: query, hasQuery: hasQuery)
      return route
    }
    route.isOpen = match.isOpen
    route.isLoginPage = loginPages != nil && match.isLoginPage
    switch protect {
    case .all: route.needsLogin = !match.isOpen && !route.isLoginPage
    case .patient: route.needsLogin = match.isBelowPatientPage || match.isDoubtful || hasQuery && namesPatient(query)
    }
    return route
  }

  /// The same for a path that was not surveyed yet.
  package func route(isGetOrHead: Bool, path: Span<UInt8>, query: Span<UInt8>, hasQuery: Bool) -> Route {
    route(isGetOrHead: isGetOrHead, path: path, PathSurvey(path), query: query, hasQuery: hasQuery)
  }

  /// Whether a path, up to its `?`, is one of the app's login pages in every reading.
  package func isLoginPage(_ path: Span<UInt8>) -> Bool { loginPages != nil && match(path, PathSurvey(path)).isLoginPage }

  /// Whether a redirect to this path may be the end of a login: one that `after_login` names, or without that any that is no login page.
  package func isAfterLogin(_ path: Span<UInt8>) -> Bool {
    guard let afterLogin else { return !isLoginPage(path) }
    return afterLogin.firstMatch(path, ignoringCase: false) != nil
  }

  private func parameter(_ match: PathMatch, rule: Int, isGetOrHead: Bool, query: Span<UInt8>, hasQuery: Bool) -> PatientParameter {
    if match.hasConflictingRules { return .faulty(.alias) }
    let parameter = hasQuery ? PatientQuery(query, parameter: parameters[rule]).parameter(query) : .absent
    return parameter == .absent && isGetOrHead && rejectsMissing[rule] ? .faulty(.missing) : parameter
  }

  private func namesPatient(_ query: Span<UInt8>) -> Bool {
    for name in watchedParameters where PatientQuery(query, parameter: name).isPresent { return true }
    return false
  }

  private func match(_ path: Span<UInt8>, _ survey: PathSurvey) -> PathMatch {
    var match = PathMatch()
    if survey.hasOneReading, path.count > 0, path[0] == ASCII.slash {
      add(path, to: &match)
      return match
    }
    if path.count == 1, path[0] == ASCII.asterisk { return PathMatch(isOpen: false, isLoginPage: false, isBackground: false) }
    let readings = PathReadings(of: path)
    for reading in readings.readings { add(reading.span, to: &match) }
    match.isDoubtful = readings.isDoubtful
    if readings.isDoubtful || readings.hasCut {
      match.isOpen = false
      match.isLoginPage = false
      match.isBackground = false
    }
    return match
  }

  private func add(_ reading: Span<UInt8>, to match: inout PathMatch) {
    if match.isOpen { match.isOpen = open.firstMatch(reading, ignoringCase: false) != nil }
    if let loginPages {
      if match.isLoginPage { match.isLoginPage = loginPages.firstMatch(reading, ignoringCase: false) != nil }
    }
    if match.isBackground { match.isBackground = background.firstMatch(reading, ignoringCase: false) != nil }
    if !match.isAppLogout { match.isAppLogout = appLogout.firstMatch(reading, ignoringCase: true) != nil }
    if !match.isBelowPatientPage { match.isBelowPatientPage = belowPatientPages.firstMatch(reading, ignoringCase: true) != nil }
    guard let rule = patientPages.firstMatch(reading, ignoringCase: true) else { return }
    if let known = match.patientRule, parameters[known] != parameters[rule] { match.hasConflictingRules = true }
    match.patientRule = min(match.patientRule ?? rule, rule)
  }
}

/// What the readings of one path have matched so far.
private struct PathMatch {
  /// All readings so far.
  var isOpen = true
  /// All readings so far, where there are such pages at all.
  var isLoginPage = true
  /// All readings so far.
  var isBackground = true
  /// Some reading.
  var isAppLogout = false
  /// Some reading.
  var isBelowPatientPage = false
  /// The first rule that some reading matches.
  var patientRule: Int?
  /// Two readings name patient pages that take the patient from differently named parameters.
  var hasConflictingRules = false
  var isDoubtful = false
}
