import Testing

@testable import Session

struct ProviderTokensTests {
  @Test("tokens come back as they are, absent ones too; nothing else does")
  func encoding() {
    for tokens in [ProviderTokens(), ProviderTokens(refresh: ""), ProviderTokens(refresh: "a", access: "b", identity: "c")] {
      #expect(ProviderTokens(encoded: tokens.encoded) == tokens)
      #expect(ProviderTokens(encoded: tokens.encoded + [0]) == nil)
      #expect(ProviderTokens(encoded: Array(tokens.encoded.dropLast())) == nil)
    }
  }
}
