import EventLoop
import OpenID
import Synchronization
import Testing

@testable import Gateway

@Suite struct SharedDocumentTests {
  /// What is fetched, and how often.
  private final class Source: Sendable {
    let count = Atomic<Int>(0)
    let now = Atomic<Int64>(0)
    let isDown = Atomic<Bool>(false)
    let reports = Mutex<[String]>([])

    func document() -> SharedDocument<Int> {
      SharedDocument(
        clock: { self.now.load(ordering: .relaxed) },
        load: { _ async throws(ProviderFault) in
          try? await Task.sleep(for: .milliseconds(20))
          let number = self.count.add(1, ordering: .relaxed).newValue
          if self.isDown.load(ordering: .relaxed) { throw ProviderFault("down") }
          return (number, 100)
        }, report: { fault in self.reports.withLock { $0.append(fault.map { "\($0)" } ?? "back") } })
    }
  }

  @Test("a hundred who want it at the same time on two loops have it fetched once")
  func coalesced() async throws {
    let source = Source()
    let document = source.document()
    let loops = [try LoopThread(name: "a") { _ in }, try LoopThread(name: "b") { _ in }]
    let values = await withTaskGroup(of: Int?.self) { group in
      for index in 0..<100 {
        let handle = loops[index % 2].handle
        group.addTask(executorPreference: handle) { try? await document.value(on: handle).value }
      }
      return await group.reduce(into: [Int?]()) { $0.append($1) }
    }
    #expect(values == [Int?](repeating: 1, count: 100) && source.count.load(ordering: .relaxed) == 1)
    for loop in loops {
      loop.stop()
      loop.join()
    }
  }

  @Test("all who wait learn of a failure, which is told of, and so is its end")
  func failing() async throws {
    let source = Source()
    source.isDown.store(true, ordering: .relaxed)
    let document = source.document()
    let handle = try LoopHandle()
    async let first = Result { () async throws in try await document.value(on: handle).value }
    async let second = Result { () async throws in try await document.value(on: handle).value }
    for outcome in await [first, second] { #expect(throws: ProviderFault("down")) { try outcome.get() } }
    await #expect(throws: ProviderFault("down")) { _ = try await document.value(on: handle) }
    #expect(source.count.load(ordering: .relaxed) == 1 && document.fresh == nil)
    source.now.store(5, ordering: .relaxed)
    source.isDown.store(false, ordering: .relaxed)
    #expect(try await document.value(on: handle).value == 2)
    #expect(source.reports.withLock { $0 } == ["down", "back"] && document.fresh == 2)
  }

  @Test("what has run out is used at once while it is fetched")
  func stale() async throws {
    let source = Source()
    let document = source.document()
    let handle = try LoopHandle()
    _ = try await document.value(on: handle)
    source.now.store(100, ordering: .relaxed)
    #expect(try await document.value(on: handle).value == 1 && document.fresh == nil)
    while document.fresh != 2 { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test("whoever needs a newer one gets it once a minute")
  func newer() async throws {
    let source = Source()
    let document = source.document()
    let handle = try LoopHandle()
    let held = try await document.value(on: handle)
    let newer = try await document.newer(than: held.version, on: handle)
    #expect(newer.value == 2)
    #expect(try await document.newer(than: held.version, on: handle).value == 2)
    await #expect(throws: ProviderFault.self) { _ = try await document.newer(than: newer.version, on: handle) }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
