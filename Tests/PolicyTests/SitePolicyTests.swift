import Config
import Testing

@testable import Policy

struct SitePolicyTests {
  static let policy = SitePolicy(
    site: site(
      open: ["/static/*", "/public/*", "/favicon.ico", "/api/*/status", "/patients/"], background: ["/api/poll", "/ws"],
      appLogout: ["/logout"]))

  @Test(
    "a path that every reading finds open needs no login",
    arguments: [
      "/static/", "/static/a", "/static/a.css?v=1", "/static/a%20b", "/static/caf%C3%A9.png", "/static/100%25.png", "/static/a//b",
      "/static/x/../y", "/favicon.ico", "/api/x/status", "/api/x/status?path=/private", "/static/x?patient_id=1&patient_id=2",
      "/static/../public/x",
    ])
  func open(target: String) {
    #expect(Self.policy.route(target) == Route(needsLogin: false, isOpen: true))
  }

  @Test(
    "a path that any reading does not find open needs a login",
    arguments: [
      "/", "/static", "/statics/x", "/STATIC/x", "/favicon.ico/", "/favicon.ico;x", "/api/private?path=/status", "/api/x%2fstatus",
      "/api/x%252fstatus", "/api/secret%23/status", "/api/secret%2523/status", "/api/secret%3f/status", "/api/secret#/status",
      "/api/secret%00/status", "/api/x%0a/status", "/api/x;/status/../private", "/public/../private", "/public/%2e%2e/private",
      "/public/.%2e/private", "/public/%252e%252e/private", "/public/..%2fprivate", "/public/..%5cprivate", "/public/..\\private",
      "/public/..;/private", "/public/..;x=1/private", "/public/..%3b/private", "/public//../../private", "/public/x%00", "/public/%",
      "/public/%zz", "/public/%u002e", "/public/%2525252e", "/public/%c0%ae%c0%ae/private", "/public/%ef%bc%8e%ef%bc%8e/private",
      "/public/\u{1}", "/private/../public/x", "//public/x", "/%70ublic/x", "\\public\\x", "public/x", "*", "",
      "/static/%2e%2e/private%3b%2f..%2fstatic", "/api/a\\b/status", "/api/a//status", "/patients%2f..%2fpublic",
      "/patients%2f..%2fpublic/x",
    ])
  func notOpen(target: String) {
    let route = Self.policy.route(target)
    #expect(route.needsLogin)
    #expect(!route.isOpen)
  }

  @Test(
    "a patient rule applies if any reading matches, and wins over open",
    arguments: [
      "/patients", "/patients/", "/PATIENTS", "/Patients/", "/public/../patients", "/public/%2e%2e/patients", "//patients", "/patients/.",
      "/patients;x=1", "/patients;", "/patients/;x", "/%70atients", "/%2570atients", "/%252570atients",
      "\\patients", "/patients%00", "/patients%3fx=1", "/patients%23", "/x/..;/patients", "/patients%2f", "/%50ATIENTS",
      "/patients\\", "/./patients", "/public/..%252fpatients", "/patient%C5%BF", "/%ef%bd%90atients", "/patients%0a", "/%zz/../patients",
    ])
  func patientPath(path: String) {
    let route = Self.policy.route(path + "?patient_id=5")
    #expect(route.patientRule == 0)
    #expect(route.patient == .id(11..<12))
    #expect(route.needsLogin)
    #expect(!route.isOpen)
  }

  @Test(
    "other paths are no patient paths",
    arguments: ["/patients/5", "/patient", "/patientsx", "/x/patients", "/", "*", "/public/x", "/patients%20"])
  func otherPath(path: String) {
    let route = Self.policy.route(path + "?patient_id=5&patient_id=6")
    #expect(route.patientRule == nil)
    #expect(route.patient == .notAPatientPath)
  }

  @Test("on a patient path the query is judged")
  func query() {
    #expect(Self.policy.route("/patients").patient == .absent)
    #expect(Self.policy.route("/patients?").patient == .absent)
    #expect(Self.policy.route("/patients?patient_id=").patient == .faulty(.empty))
    #expect(Self.policy.route("/PATIENTS?patient_id=1&patient_id=2").patient == .faulty(.repeated))
    #expect(Self.policy.route("/patients?x=1", isGetOrHead: false).patient == .absent)
    #expect(Self.policy.route("/patients?patient_id=x", isGetOrHead: false).patient == .faulty(.malformed))
    #expect(Self.policy.identifier("/patients?a&b=&&c&patient_id=1234567890123456789&d=%zz") == "1234567890123456789")
  }

  @Test("missing reject refuses a GET without the parameter, and no other method")
  func missing() {
    let policy = SitePolicy(site: site(patients: [PatientRule(path: PathPattern("/patients"), missing: .reject)]))
    #expect(policy.route("/patients").patient == .faulty(.missing))
    #expect(policy.route("/patients/?x=1").patient == .faulty(.missing))
    #expect(policy.route("/patients", isGetOrHead: false).patient == .absent)
    #expect(policy.route("/patients?patient_id=1").patient == .id(11..<12))
  }

  @Test("each patient rule has its own parameter, and a path that means two of them is refused")
  func severalRules() {
    let policy = SitePolicy(
      site: site(patients: [
        PatientRule(path: PathPattern("/patients")), PatientRule(path: PathPattern("/chart/*/open"), query: "pid", header: "X-Pid"),
      ]))
    #expect(policy.route("/chart/a/open?pid=12").patientRule == 1)
    #expect(policy.identifier("/chart/a/open?pid=12&patient_id=9") == "12")
    #expect(policy.route("/patients?pid=12").patient == .absent)
    let both = policy.route("/patients%00/../chart/a/open?pid=12")
    #expect(both.patientRule == 0)
    #expect(both.patient == .faulty(.alias))
  }

  @Test("background counts only if every reading agrees, app_logout if any does")
  func backgroundAndLogout() {
    #expect(Self.policy.route("/api/poll?x").isBackground)
    #expect(Self.policy.route("/ws").isBackground)
    for path in ["/api/poll/", "/API/poll", "/api//poll", "/api/%70oll", "/api/poll;x", "/x/../api/poll", "/api/poll%00", "/", "*"] {
      #expect(!Self.policy.route(path).isBackground)
    }
    for path in ["/logout", "/logout?x", "/LOGOUT", "//logout", "/x/../logout", "/logout;x", "/log%6fut"] {
      #expect(Self.policy.route(path).isAppLogout)
    }
    #expect(!Self.policy.route("/logout/x").isAppLogout)
    #expect(!Self.policy.route("/").isAppLogout)
  }

  @Test("open patterns are compared in the case they are written in")
  func openCase() {
    let policy = SitePolicy(site: site(open: ["/Static/*"]))
    #expect(!policy.route("/Static/x").needsLogin)
    #expect(policy.route("/static/x").needsLogin)
  }

  @Test("a site without rules has every path behind the login")
  func noRules() {
    let policy = SitePolicy(site: site(patients: []))
    for target in ["/", "/patients?patient_id=1", "/.well-known/x", "*"] { #expect(policy.route(target) == Route(needsLogin: true)) }
  }
}

struct ProtectPatientTests {
  static let policy = SitePolicy(site: site(protect: .patient, open: ["/static/*", "/patients/css/*"]))

  @Test(
    "what is about a patient needs a login",
    arguments: [
      "/patients", "/patients/", "/PATIENTS", "/patients?patient_id=1", "/patients/5", "/patients/5/notes?x", "/PATIENTS/5",
      "/x/../patients/5",
      "/patients%2f5", "/%70atients/5", "//patients//5", "/patients;x/5", "/patients/css/a", "/?patient_id=1", "/x?patient_id",
      "/x?a=1&patient%5Fid=2",
      "/x?Patient_Id=1", "/x?patient.id=1", "/x?patient_id[]=1", "/x?a;patient_id=1", "/x?patient%255Fid=1", "/static/a?patient_id=1",
      "*?patient_id=1",
      "/x?%EF%BD%90atient_id=1",
    ])
  func needsLogin(target: String) {
    #expect(Self.policy.route(target).needsLogin)
  }

  @Test("so does a path that nobody can be sure about", arguments: ["/%u0070atients", "/x%", "/%2525252570atients", "patients"])
  func doubtful(target: String) {
    #expect(Self.policy.route(target).needsLogin)
  }

  @Test(
    "all else is the app's business",
    arguments: ["/", "/x", "/x?id=1", "/x?q=patient_id", "/static/a", "/a%20b", "/a//b;c", "/what%3f", "*", "/patientsx"])
  func free(target: String) {
    #expect(!Self.policy.route(target).needsLogin)
  }

  @Test("the parameter on another path names no patient")
  func noPatientHeader() {
    #expect(Self.policy.route("/x?patient_id=1").patient == .notAPatientPath)
    #expect(Self.policy.route("/x?patient_id=1").patientRule == nil)
  }
}

/// xorshift64*: the same paths in each run.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 2_685_821_657_736_338_717
  }
}

struct RandomPathTests {
  static let policy = SitePolicy(site: site(protect: .all, open: ["/public/*"]))

  private func encode(_ byte: UInt8, with generator: inout SeededGenerator) -> String {
    let digits = Array((generator.next() % 2 == 0 ? "0123456789abcdef" : "0123456789ABCDEF").utf8)
    let hex = String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
    let plain = String(decoding: [byte], as: UTF8.self)
    switch generator.next() % 12 {
    case 0, 1: return "%\(hex)"
    case 2: return "%25\(hex)"
    case 3: return "%2525\(hex)"
    case 4: return plain.uppercased()
    default: return plain
    }
  }

  /// `/public/…/../patients` with every separator and letter written in some way that some app undoes.
  private func disguise(_ segments: [String], with generator: inout SeededGenerator) -> String {
    var path = "/"
    for (index, segment) in segments.enumerated() {
      for byte in segment.utf8 { path += encode(byte, with: &generator) }
      if generator.next() % 6 == 0 { path += generator.next() % 2 == 0 ? ";" : "%3bx=1" }
      if index + 1 < segments.count {
        path += ["/", "/", "/", "//", "\\", "%2f", "%5C", "/./", "%252F", "/%2e/"][Int(generator.next() % 10)]
      }
    }
    return path + ["", "", "/", "%00x", "%23", "%3F", ";y", "/.", "%2f"][Int(generator.next() % 9)]
  }

  @Test("a disguised way out of an open folder to the patient page is never open, and the patient rule applies", arguments: 1...8)
  func neverOpen(seed: UInt64) {
    var generator = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15)
    for _ in 0..<400 {
      let depth = Int(generator.next() % 3)
      let segments = ["public"] + (0..<depth).map { "d\($0)" } + (0...depth).map { _ in ".." } + ["patients"]
      let path = disguise(segments, with: &generator)
      let route = Self.policy.route(path + "?patient_id=5")
      #expect(route.needsLogin && !route.isOpen, "\(path)")
      #expect(route.patientRule == 0, "\(path)")
    }
  }

  @Test("a path is open only if the form that all steps together give is", arguments: 1...8)
  func openAgreesWithReducedForm(seed: UInt64) {
    var generator = SeededGenerator(state: seed &* 0xD134_2543_DE82_EF95)
    let pieces = [
      "public", "/", "/", "/", "..", ".", "patients", "%2e", "%2f", "%5c", "\\", ";", "%3b", "%25", "2e", "2f", "%00", "%23", "x", "%",
      "a%20b",
      "%c0%ae", "PUBLIC",
    ]
    for _ in 0..<600 {
      var path = "/public/"
      for _ in 0..<Int(generator.next() % 10) { path += pieces[Int(generator.next() % UInt64(pieces.count))] }
      var reduced = Array(path.utf8)
      for _ in 0..<3 { reduced = PathTransforms.decoded(reduced) }
      reduced = PathTransforms.withBackslashesAsSlashes(PathTransforms.withoutLookAlikes(reduced))
      reduced = PathTransforms.withoutDotSegments(PathTransforms.withSlashesMerged(PathTransforms.withoutParameters(reduced)))
      let route = Self.policy.route(path)
      if !reduced.starts(with: "/public/".utf8) { #expect(!route.isOpen, "\(path)") }
      if route.isOpen { #expect(!path.contains("%00") && !path.contains("%23"), "\(path)") }
      #expect(route.isOpen != route.needsLogin)
    }
  }

  @Test("twenty thousand ordinary requests are routed", .timeLimit(.minutes(1)))
  func ordinary() {
    let path = Array("/api/v1/appointments/upcoming".utf8)
    let query = Array("page=1&per_page=50&sort=starts_at".utf8)
    var logins = 0
    for _ in 0..<20_000 {
      let route = Self.policy.route(isGetOrHead: true, path: path.span, query: query.span, hasQuery: true)
      if route.needsLogin { logins += 1 }
    }
    #expect(logins == 20_000)
  }
}
