import Config
import Testing

@testable import Policy

struct OwnedFieldsTests {
  static let own = site(
    patients: [PatientRule(path: PathPattern("/p"), header: "X-Chart-Patient")],
    identity: IdentityFields(user: "X-User", name: "X-User-Name", email: nil, groups: "X-User-Groups"),
    request: RequestFields(
      set: [.init(name: "Authorization", value: "Basic x"), .init(name: "X-Gateway-Secret", value: "s")], drop: ["X-Debug"]))
  static let other = site(
    [.exact("other.example.com")], patients: [PatientRule(path: PathPattern("/p"), header: "X-Other-Patient")],
    identity: IdentityFields(user: "X-Other-User"),
    request: RequestFields(
      set: [.init(name: "X-Other-Secret", value: "s"), .init(name: "User-Agent", value: "u")], drop: ["X-Other-Debug"]))
  static let fields = OwnedFields(site: own, allSites: [own, other])

  private func contains(_ name: String, in fields: OwnedFields = fields, isTrustedPeer: Bool = false) -> Bool {
    let bytes = Array(name.utf8)
    return fields.contains(bytes.span, isTrustedPeer: isTrustedPeer)
  }

  @Test(
    "the gateway's fields are known in every spelling, from whatever peer",
    arguments: [
      "X-Cliniko-Patient-Id", "X_Cliniko_Patient_Id", "x-cliniko_patient-id", "X.Cliniko.Patient!Id", "x-CLINIKO-patient-ID",
      "X-Chart-Patient",
      "x_chart_patient", "X-User", "x_user", "X-User-Name", "X-User-Groups", "X_User_Groups", "X-Auth-User", "X-Auth-Name", "X-Auth-Email",
      "x_auth_groups", "X-Forwarded-For", "X_Forwarded_For", "x.forwarded.proto", "X-Forwarded-Host", "Forwarded", "FORWARDED",
      "X-Request-Id", "X-Anteroom-Site", "x_anteroom_site", "X-Anteroom-", "X-Anteroom-Anything", "X-Anteroom", "X-Client-Certificate",
      "x_client_certificate", "X-Client-Certificate-Verified", "X_Client_Certificate_Subject",
      "x.client.certificate.issuer", "X-Client-Certificate-Anything", "Authorization",
      "AUTHORIZATION", "X-Gateway-Secret", "X_Gateway_Secret", "X-Debug", "x_debug", "X-Other-Patient", "X-Other-User", "X-Other-Secret",
    ])
  func owned(name: String) {
    #expect(contains(name))
    #expect(contains(name, isTrustedPeer: true))
  }

  @Test(
    "what proxies set is taken from trusted peers only",
    arguments: [
      "Remote-User", "Remote_User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups",
      "X-Forwarded-Preferred-Username", "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Server",
      "X-Original-URL", "x_original_url", "X-Rewrite-URL", "X-Real-IP", "X-HTTP-Method-Override", "X_HTTP_Method_Override", "Proxy",
      "proxy",
    ])
  func untrusted(name: String) {
    #expect(contains(name))
    #expect(!contains(name, isTrustedPeer: true))
  }

  @Test(
    "all else is the client's",
    arguments: [
      "", "X", "Accept", "Cookie", "Content-Type", "User-Agent", "X-Requested-With", "X-Chart-Patients", "X-Chart", "XChartPatient",
      "X-Other-Debug", "Proxy-Authorization", "X-Anteroo", "X-Client-Cert", "X-Client-Certificates", "X-Forwarde", "Remote-Users", "Host",
      "x-users",
    ])
  func clients(name: String) {
    #expect(!contains(name))
  }

  @Test("the field of an access token is the gateway's, on its site and, unless it is an ordinary one, on all others")
  func accessToken() {
    func provider(_ host: String, _ header: String) -> Site {
      var settings = OpenIDLoginSettings(issuer: "https://login.example.com", clientID: "a")
      settings.accessTokenHeader = header
      var site = site([.exact(host)])
      site.logins.append(LoginSettings(.openID(settings)))
      return site
    }
    let own = provider("a.example.com", "X-Token")
    let other = provider("b.example.com", "Authorization")
    let fields = OwnedFields(site: own, allSites: [own, other])
    #expect(contains("x_token", in: fields, isTrustedPeer: true) && !contains("Authorization", in: fields))
    let others = OwnedFields(site: other, allSites: [own, other])
    #expect(contains("X-Token", in: others) && contains("authorization", in: others))
  }

  @Test("what a checker's answer is copied to is the gateway's, on its site and, unless it is an ordinary one, on all others")
  func copied() {
    var own = site([.exact("a.example.com")])
    own.logins = [LoginSettings(.forward(ForwardLoginSettings(check: "https://auth.test/", copy: ["X-Role", "Authorization"])))]
    let other = site([.exact("b.example.com")])
    let fields = OwnedFields(site: own, allSites: [own, other])
    #expect(contains("x_role", in: fields, isTrustedPeer: true) && contains("Authorization", in: fields))
    let others = OwnedFields(site: other, allSites: [own, other])
    #expect(contains("X.ROLE", in: others) && !contains("Authorization", in: others))
  }

  @Test("another site's use of an ordinary field leaves the client's own alone")
  func ordinary() {
    let fields = OwnedFields(site: Self.other, allSites: [Self.own, Self.other])
    #expect(!contains("Authorization", in: fields))
    #expect(contains("User-Agent", in: fields))
    #expect(contains("X-Gateway-Secret", in: fields))
  }
}
