import Testing

@testable import OpenID

@Suite struct ProviderFaultTests {
  @Test func describesItself() { #expect(ProviderFault("the mend").description == "the mend") }
}
