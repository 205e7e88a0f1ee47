import Testing

@testable import Gateway

@Suite struct ReloadHistoryTests {
  @Test("the last ten are kept, the latest at the end, and all are counted")
  func last() {
    var history = ReloadHistory()
    for number in 0..<13 {
      history.add(
        ReloadHistory.Entry(time: Int64(number), trigger: .signal, isReloaded: true, faults: 0, warnings: 0, milliseconds: 1))
    }
    #expect(history.entries.map(\.time) == Array(3..<13) && history.count == 13)
  }
}
