import OpenID
import Testing

@testable import Gateway

@Suite struct CachedDocumentTests {
  private let fault = ProviderFault("down")

  /// What is wanted, as a word.
  private func word(_ want: CachedDocument<String>.Want) -> String {
    switch want {
    case .use(let value, let fetches): "\(value)\(fetches ? " and fetch" : "")"
    case .wait(let fetches): fetches ? "fetch" : "wait"
    case .fail(let fault): "\(fault)"
    }
  }

  private func document(lifetime: Int64 = 100) -> CachedDocument<String> {
    var document = CachedDocument<String>()
    _ = document.want(0)
    _ = document.arrived("a", lifetime: lifetime, 0)
    return document
  }

  @Test("the first who wants it has it fetched, the others wait, and then it is used until it runs out")
  func first() {
    var document = CachedDocument<String>()
    #expect(word(document.want(0)) == "fetch" && word(document.want(0)) == "wait" && word(document.want(9)) == "wait")
    #expect(document.arrived("a", lifetime: 100, 10) == false)
    #expect(word(document.want(109)) == "a" && document.fresh(109) == "a")
  }

  @Test("what has run out is used for a day while one fetches it anew, and no longer")
  func stale() {
    var document = document()
    #expect(document.fresh(100) == nil)
    #expect(word(document.want(100)) == "a and fetch" && word(document.want(101)) == "a")
    document.failed(fault, 101)
    #expect(word(document.want(105)) == "a" && word(document.want(106)) == "a and fetch")
    document.failed(fault, 106)
    #expect(word(document.want(100 + 86_399)) == "a and fetch" && word(document.want(100 + 86_400)) == "wait")
    document.failed(fault, 100 + 86_400)
    #expect(word(document.want(100 + 86_400)) == "down" && word(document.want(100 + 86_405)) == "fetch")
    #expect(document.arrived("b", lifetime: 100, 100 + 86_405) == true)
    #expect(word(document.want(100 + 86_405)) == "b")
  }

  @Test("a failure is remembered for five seconds")
  func failure() {
    var document = CachedDocument<String>()
    _ = document.want(0)
    document.failed(fault, 0)
    #expect(word(document.want(4)) == "down" && word(document.want(5)) == "fetch" && word(document.want(5)) == "wait")
  }

  @Test("a newer one is asked for once a minute at most, however many want it")
  func newer() {
    var document = document(lifetime: 10_000)
    #expect(word(document.wantNewer(than: 1, 10)) == "fetch" && word(document.wantNewer(than: 1, 10)) == "wait")
    _ = document.arrived("b", lifetime: 10_000, 11)
    // It had the old one, and the new one is there.
    #expect(word(document.wantNewer(than: 1, 12)) == "b")
    #expect(word(document.wantNewer(than: 2, 69)).contains("less than a minute") && word(document.wantNewer(than: 2, 70)) == "fetch")
    document.failed(fault, 71)
    #expect(word(document.wantNewer(than: 2, 72)) == "down" && word(document.want(72)) == "b")
    #expect(word(document.wantNewer(than: 2, 129)).contains("less than a minute") && word(document.wantNewer(than: 2, 130)) == "fetch")
  }

  @Test("it is fetched ahead of its end, by one, and not while a failure is remembered")
  func ahead() {
    var document = document()
    #expect(document.wantAhead(69, margin: 30) == false)
    #expect(document.wantAhead(70, margin: 30) && !document.wantAhead(70, margin: 30) && word(document.want(71)) == "a")
    document.failed(fault, 71)
    #expect(!document.wantAhead(75, margin: 30) && document.wantAhead(76, margin: 30))
    var never = CachedDocument<String>()
    #expect(never.wantAhead(0, margin: 30) && word(never.want(0)) == "wait")
  }
}
