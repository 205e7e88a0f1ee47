import Session
import Synchronization

/// A checker's answer, as requests are judged by it.
struct Checked: Sendable {
  let answer: CheckAnswer
  /// Shared by all whom this answer lets in, so that they can be ended together.
  let session = OutsideSession()
}

/// The answers of one checker that are believed for a while. All times are milliseconds of the same clock, which never goes back.
struct CheckedAnswers {
  private struct Entry {
    let checked: Checked
    let browser: CheckKey
    let until: Int64
    let number: UInt64
  }

  private var entries: [CheckKey: Entry] = [:]
  /// Keys in the order of their coming, which is that of their end; those before `first` are done with.
  private var order: [(key: CheckKey, number: UInt64)] = []
  private var first = 0
  private var number: UInt64 = 0
  /// The most that are remembered.
  var limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { entries.count }
  /// Places taken in the order, those that are done with included.
  var room: Int { order.count }

  func answer(_ key: CheckKey, now: Int64) -> Checked? {
    guard let entry = entries[key], now < entry.until, !entry.checked.session.isEnded else { return nil }
    return entry.checked
  }

  /// - Parameter lifetime: the same for all, but for a little.
  mutating func insert(_ checked: Checked, _ key: CheckKey, browser: CheckKey, lifetime: Int64, now: Int64) {
    while let next = oldest, entries[next].map({ $0.until <= now }) ?? true || entries.count >= limit { removeOldest() }
    number += 1
    entries[key] = Entry(checked: checked, browser: browser, until: now + lifetime, number: number)
    order.append((key, number))
  }

  /// Forgets, and ends, all answers about one browser.
  mutating func end(_ browser: CheckKey) {
    for (key, entry) in entries where entry.browser == browser {
      entry.checked.session.end()
      entries[key] = nil
    }
  }

  private var oldest: CheckKey? { first < order.count ? order[first].key : nil }

  private mutating func removeOldest() {
    let (key, number) = order[first]
    first += 1
    // One that has come again since has a later place too.
    if entries[key]?.number == number { entries[key] = nil }
    guard first > 1024, first > order.count / 2 else { return }
    order.removeFirst(first)
    first = 0
  }
}

/// What one checker has answered, for all loops: those that ask the same at the same time wait for one answer.
final class CheckedSessions: Sendable {
  private struct State {
    var answers: CheckedAnswers
    var waiting: [CheckKey: [CheckedContinuation<Checked, Never>]] = [:]
  }

  private let state: Mutex<State>

  init(limit: Int) { state = Mutex(State(answers: CheckedAnswers(limit: limit))) }

  func setLimit(_ limit: Int) { state.withLock { $0.answers.limit = limit } }

  /// Those that wait for an answer.
  var waitingCount: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

  /// What is believed now; never waits.
  func answer(_ key: CheckKey, now: Int64) -> Checked? { state.withLock { $0.answers.answer(key, now: now) } }

  /// Asks, unless somebody asks the same already, whose answer is this one's too.
  func ask(_ key: CheckKey, _ ask: @escaping @Sendable () async -> CheckAnswer, keep: @escaping @Sendable (Checked) -> Void) async
    -> Checked
  {
    await withCheckedContinuation { waiter in
      let isFirst = state.withLock { state in
        defer { state.waiting[key, default: []].append(waiter) }
        return state.waiting[key] == nil
      }
      guard isFirst else { return }
      // Not on a loop's own executor: those who wait on other loops are to learn of it when this one ends.
      Task {
        let checked = Checked(answer: await ask())
        keep(checked)
        let waiting = state.withLock { $0.waiting.removeValue(forKey: key) ?? [] }
        for waiter in waiting { waiter.resume(returning: checked) }
      }
    }
  }

  /// Keeps an answer for a while.
  func keep(_ checked: Checked, _ key: CheckKey, browser: CheckKey, lifetime: Int64, now: Int64) {
    state.withLock { $0.answers.insert(checked, key, browser: browser, lifetime: lifetime, now: now) }
  }

  /// Forgets, and ends, all answers about one browser.
  func end(_ browser: CheckKey) { state.withLock { $0.answers.end(browser) } }
}
