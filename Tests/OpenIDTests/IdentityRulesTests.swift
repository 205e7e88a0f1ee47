import Config
import JOSE
import Testing

@testable import OpenID

@Suite struct IdentityRulesTests {
  private let good: [String: JSONValue] = [
    "sub": .text("4711"), "preferred_username": .text("anna"), "name": .text("Anna Ärztin"), "email": .text("anna@clinic.example"),
    "groups": .array([.text("clinicians"), .text("staff")]),
  ]

  private func identify(
    _ changes: [String: JSONValue] = [:], without: [String] = [], userinfo: JSONValue? = nil,
    allow: [OpenIDLoginSettings.AllowRule] = [], names: OpenIDLoginSettings.ClaimNames = .init(),
    issuer: String = "https://login.example.com"
  ) -> Result<Identity, IdentityFault> {
    var claims = good.merging(changes) { $1 }
    for name in without { claims[name] = nil }
    let rules = IdentityRules(OpenIDLoginSettings(issuer: issuer, clientID: "anteroom", allow: allow, claims: names))
    return Result { () throws(IdentityFault) in try rules.identity(.object(claims), userinfo: userinfo) }
  }

  private func identity(_ result: Result<Identity, IdentityFault>) -> Identity? { try? result.get() }

  /// The words of a refusal for claims; empty for anything else.
  private func reason(_ result: Result<Identity, IdentityFault>) -> String {
    if case .failure(.unusable(let reason)) = result { reason } else { "" }
  }

  private func texts(_ values: [String]) -> JSONValue { .array(values.map { .text($0) }) }

  // MARK: who

  @Test func takesTheClaims() {
    #expect(
      identity(identify())
        == Identity(
          user: "anna", name: "Anna Ärztin", email: "anna@clinic.example", groups: ["clinicians", "staff"], subject: "4711"))
    #expect(
      identity(identify(without: ["name", "email", "groups"])) == Identity(user: "anna", name: "", email: "", groups: [], subject: "4711"))
    #expect(identity(identify(names: .init(user: "email")))?.user == "anna@clinic.example")
  }

  @Test func aMissingUserIsNeverAnotherClaim() {
    for result in [
      identify(without: ["preferred_username"]), identify(["preferred_username": .null]), identify(["preferred_username": .text("")]),
    ] { #expect(reason(result).contains("preferred_username")) }
    #expect(reason(identify(["preferred_username": .integer(1)])).contains("preferred_username"))
    #expect(reason(identify(names: .init(user: "upn"))).contains("upn"))
  }

  @Test func aUserKeepsItsEnds() {
    for user in [" anna", "anna "] { #expect(reason(identify(["preferred_username": .text(user)])).contains("blank")) }
  }

  @Test func theSubjectIsNeeded() {
    for value: JSONValue in [.null, .text(""), .integer(1), .text(String(repeating: "a", count: 256))] {
      #expect(reason(identify(["sub": value])).contains("sub"))
    }
    #expect(reason(identify(without: ["sub"])).contains("sub"))
  }

  @Test(arguments: ["\u{0}", "\r\n", "\u{1F}", "\u{7F}", "\u{80}", "\u{85}", "\u{9F}"])
  func noValueHasAControlCharacter(_ character: String) {
    let text = JSONValue.text("a\(character)b@clinic.example")
    for name in ["preferred_username", "name", "email", "groups"] { #expect(reason(identify([name: text])).contains("control"), "\(name)") }
  }

  @Test func valuesHaveBounds() {
    for (name, most) in [("preferred_username", 256), ("name", 256), ("groups", 256)] {
      #expect(identity(identify([name: .text(String(repeating: "a", count: most))])) != nil, "\(name)")
      #expect(reason(identify([name: .text(String(repeating: "a", count: most + 1))])).contains("bytes"), "\(name)")
    }
    #expect(identity(identify(["email": .text(String(repeating: "a", count: 305) + "@clinic.example")]))?.email.utf8.count == 320)
    #expect(reason(identify(["email": .text(String(repeating: "a", count: 306) + "@clinic.example")])).contains("bytes"))
    #expect(reason(identify(["name": .text(String(repeating: "é", count: 129))])).contains("bytes"))
  }

  @Test func anAddressThatIsNotVerifiedIsNone() {
    for value: JSONValue in [.bool(false), .text("false"), .text("False"), .text("no"), .text(""), .integer(0), .integer(1), .array([])] {
      #expect(identity(identify(["email_verified": value]))?.email == "")
      #expect(identify(["email_verified": value], allow: [.emailDomain("clinic.example")]) == .failure(.notAllowed))
    }
    for value: JSONValue in [.bool(true), .text("true")] { #expect(identity(identify(["email_verified": value]))?.email != "") }
    let userinfo = JSONValue.object(["sub": .text("4711"), "email_verified": .bool(false)])
    #expect(identity(identify(userinfo: userinfo))?.email == "")
  }

  @Test func anAddressThatIsNotVerifiedIsNobodysName() {
    let denied: [String: JSONValue] = ["email_verified": .bool(false), "email": .text("boss@clinic.example")]
    #expect(reason(identify(denied, names: .init(user: "email"))).contains("not verified"))
    #expect(identify(denied, allow: [.claim(name: "email", value: "boss@clinic.example")]) == .failure(.notAllowed))
  }

  @Test func anAddressHasOneAt() {
    for text in ["anna", "@clinic.example", "anna@", "a@evil.example@clinic.example"] {
      #expect(identity(identify(["email": .text(text)]))?.email == "", "\(text)")
    }
  }

  // MARK: groups

  @Test func groupsAreATextOrAList() {
    #expect(identity(identify(["groups": .text("one")]))?.groups == ["one"])
    #expect(identity(identify(["groups": .array([])]))?.groups == [])
    for value: JSONValue in [.integer(1), .object([:]), .array([.text("a"), .integer(1)]), .array([.array([.text("a")])])] {
      #expect(reason(identify(["groups": value])).contains("groups"))
    }
  }

  @Test func groupsWithACommaAreLeftOut() {
    #expect(identity(identify(["groups": texts(["a", "x,clinicians", "", "b"])]))?.groups == ["a", "b"])
  }

  @Test func tooManyGroupsAreSaidSo() {
    let many = (0..<201).map { "g\($0)" }
    #expect(identity(identify(["groups": texts(Array(many.dropLast()))]))?.groups.count == 200)
    #expect(reason(identify(["groups": texts(many)])).contains("200"))
    let overage = JSONValue.object(["groups": .text("src1")])
    #expect(reason(identify(["_claim_names": overage], without: ["groups"])).contains("Entra"))
    #expect(reason(identify(["hasgroups": .bool(true)], without: ["groups"])).contains("Entra"))
    #expect(identity(identify(["_claim_names": .object(["other": .text("src1")])], without: ["groups"]))?.groups == [])
  }

  @Test func aClaimInsideOthersIsNamedWithDots() {
    let inside = JSONValue.object(["roles": texts(["r"])])
    let names = OpenIDLoginSettings.ClaimNames(groups: "realm_access.roles")
    #expect(identity(identify(["realm_access": inside], names: names))?.groups == ["r"])
    #expect(identity(identify(["realm_access": inside, "realm_access.roles": texts(["w"])], names: names))?.groups == ["w"])
    #expect(identity(identify(["realm_access": .text("x")], names: names))?.groups == [])
  }

  // MARK: allow

  @Test func withoutRulesEverybodyMayIn() { #expect(identity(identify()) != nil) }

  @Test func oneRuleThatFitsIsEnough() {
    #expect(identity(identify(allow: [.group("none"), .group("staff")])) != nil)
    #expect(identify(allow: [.group("none"), .emailDomain("other.example")]) == .failure(.notAllowed))
  }

  @Test func theDomainIsTheWholeOfWhatFollowsTheAt() {
    let rule = [OpenIDLoginSettings.AllowRule.emailDomain("clinic.example")]
    for text in ["anna@clinic.example", "anna@CLINIC.Example"] { #expect(identity(identify(["email": .text(text)], allow: rule)) != nil) }
    for text in [
      "anna@evilclinic.example", "anna@clinic.example.evil.example", "anna@x.clinic.example", "a@evil.example@clinic.example",
      "a@clinic.example@evil.example", "clinic.example", "@clinic.example", "anna@clinic.example ", "anna@cl\u{131}nic.example",
    ] { #expect(identify(["email": .text(text)], allow: rule) == .failure(.notAllowed), "\(text)") }
    #expect(identify(without: ["email"], allow: rule) == .failure(.notAllowed))
    #expect(identify(["email": .text("a@\u{212A}.example")], allow: [.emailDomain("k.example")]) == .failure(.notAllowed))
  }

  @Test func aGroupIsTheSameText() {
    for group in ["Clinicians", "clinician", "clinicians ", ""] { #expect(identify(allow: [.group(group)]) == .failure(.notAllowed)) }
    #expect(identify(["groups": texts(["\u{212A}"])], allow: [.group("K")]) == .failure(.notAllowed))
    #expect(identify(["groups": texts(["x,clinicians"])], allow: [.group("clinicians")]) == .failure(.notAllowed))
  }

  @Test func aClaimIsTheValueOrHasIt() {
    func allows(_ claim: JSONValue?, _ value: String) -> Bool {
      identity(identify(claim.map { ["hd": $0] } ?? [:], allow: [.claim(name: "hd", value: value)])) != nil
    }
    #expect(allows(.text("x"), "x") && allows(.integer(7), "7") && allows(.bool(true), "true") && allows(.bool(false), "false"))
    #expect(allows(.array([.text("a"), .integer(7), .bool(true)]), "7"))
    #expect(!allows(.text("X"), "x") && !allows(nil, "x") && !allows(nil, "") && !allows(.null, "null") && !allows(.bool(true), "1"))
    #expect(!allows(.object(["x": .text("x")]), "x") && !allows(.array([.array([.text("x")])]), "x") && !allows(.number(7.5), "7"))
    #expect(!allows(.text("\u{212A}"), "K"))
  }

  @Test func ofManyTenantsTheNamedOnesComeFirst() {
    let any = "https://login.microsoftonline.com/organizations/v2.0"
    let rules: [OpenIDLoginSettings.AllowRule] = [.emailDomain("clinic.example"), .group("staff"), .claim(name: "tid", value: "t1")]
    #expect(identity(identify(["tid": .text("t1")], allow: rules, issuer: any)) != nil)
    #expect(identify(["tid": .text("t2")], allow: rules, issuer: any) == .failure(.notAllowed))
    #expect(identify(["tid": .text("t1")], issuer: any) == .failure(.notAllowed))
    #expect(identity(identify(["tid": .text("t2")], allow: rules)) != nil)
  }

  // MARK: userinfo

  @Test func userinfoFillsWhatIsMissingAlone() {
    let userinfo = JSONValue.object([
      "sub": .text("4711"), "name": .text("Other"), "preferred_username": .text("other"), "groups": texts(["g"]),
    ])
    let found = identity(identify(without: ["groups"], userinfo: userinfo))
    #expect(found?.groups == ["g"] && found?.user == "anna" && found?.name == "Anna Ärztin")
    #expect(identity(identify(without: ["groups"], userinfo: userinfo, allow: [.group("g")])) != nil)
  }

  @Test func userinfoIsAboutTheSamePerson() {
    for userinfo: JSONValue in [.object([:]), .object(["sub": .text("4712")]), .text("4711"), .null, .object(["sub": .integer(4711)])] {
      #expect(reason(identify(userinfo: userinfo)).contains("userinfo"))
    }
  }

  @Test func asksForMoreWhereSomethingIsMissing() {
    let rules = IdentityRules(
      OpenIDLoginSettings(issuer: "https://a.example", clientID: "a", allow: [.claim(name: "org.unit", value: "x")]))
    let all = good.merging(["org": .object(["unit": .text("y")])]) { $1 }
    #expect(!rules.wantsMore(than: .object(all)))
    for name in ["preferred_username", "name", "email", "groups", "org"] {
      #expect(rules.wantsMore(than: .object(all.filter { $0.key != name })), "\(name)")
      #expect(rules.wantsMore(than: .object(all.merging([name: .null]) { $1 })), "\(name)")
    }
  }
}
