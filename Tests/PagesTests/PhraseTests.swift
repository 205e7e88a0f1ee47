import Testing

@testable import Pages

@Suite("Phrase")
struct PhraseTests {
  @Test(
    "a wait is never said shorter than it is",
    arguments: [
      (-5, "a second"), (0, "a second"), (1, "a second"), (2, "2 seconds"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes"),
      (870, "15 minutes"), (7140, "119 minutes"), (7141, "about 2 hours"), (7201, "about 3 hours"),
    ])
  func wait(seconds: Int64, words: String) {
    #expect(Phrase.wait(seconds) == words)
  }

  @Test(
    "a time gone by is said in round figures",
    arguments: [
      (0, "just now"), (60, "about 1 minute ago"), (2820, "about 47 minutes ago"), (5400, "about 2 hours ago"),
      (43_200, "about 12 hours ago"),
    ])
  func ago(seconds: Int64, words: String) {
    #expect(Phrase.ago(seconds) == words)
  }

  @Test("the largest numbers do not overflow")
  func large() {
    #expect(Phrase.wait(.max).hasSuffix("hours") && Phrase.ago(.max).hasSuffix("ago") && Phrase.ago(.min) == "just now")
  }
}
