import Testing

@testable import Gateway

@Suite struct AdminServerTests {
  @Test("an answer is read as it was written", arguments: [AdminAnswer.Outcome.done, .refused, .failed])
  func answer(_ outcome: AdminAnswer.Outcome) {
    let answer = AdminAnswer(outcome, "two\nlines, ä\n")
    #expect(AdminAnswer(answer.bytes) == answer)
  }

  @Test(
    "what is cut short or is no answer is none",
    arguments: ["", "done", "done 3\nab", "done 3\nabcd", "done x\nabc", "sure 3\nabc", "done 3 4\nabc"])
  func none(_ text: String) { #expect(AdminAnswer([UInt8](text.utf8)) == nil) }

  @Test("a request is a line, and nothing else is one")
  func requests() {
    #expect(AdminRequest.statusJSON.line == [UInt8]("status json\n".utf8))
    #expect(AdminRequest(rawValue: "Reload") == nil && AdminRequest(rawValue: "") == nil)
  }
}
