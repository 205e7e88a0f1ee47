import EventLoop
import OpenID
import Synchronization

/// A provider's document as all loops share it: however many want it at the same time, it is fetched once.
final class SharedDocument<Value: Sendable>: Sendable {
  /// The document with its number.
  struct Held: Sendable {
    let value: Value
    let version: Int
  }

  typealias Load = @Sendable (LoopHandle) async throws(ProviderFault) -> (value: Value, lifetime: Int64)

  private typealias Outcome = Result<Held, ProviderFault>
  private typealias Waiter = CheckedContinuation<Outcome, Never>

  private struct State {
    var document = CachedDocument<Value>()
    var waiting: [Waiter] = []
  }

  private let state = Mutex(State())
  private let clock: @Sendable () -> Int64
  private let load: Load
  private let report: @Sendable (_ fault: ProviderFault?) -> Void

  /// - Parameters:
  ///   - clock: seconds, never going back.
  ///   - load: fetches it, with a lifetime in seconds; its IO is done on the loop of the handle.
  ///   - report: told of every failure, and with `nil` of the end of failures.
  init(clock: @escaping @Sendable () -> Int64, load: @escaping Load, report: @escaping @Sendable (_ fault: ProviderFault?) -> Void) {
    self.clock = clock
    self.load = load
    self.report = report
  }

  /// The document, fetched if it is not there, or has run out for long.
  func value(on handle: LoopHandle) async throws(ProviderFault) -> Held {
    try await wait(on: handle) { document, now in document.want(now) }.get()
  }

  /// One that is newer than `version`; asked for once a minute at most.
  func newer(than version: Int, on handle: LoopHandle) async throws(ProviderFault) -> Held {
    try await wait(on: handle) { document, now in document.wantNewer(than: version, now) }.get()
  }

  /// The document, unless it may be out of date; never waits.
  var fresh: Value? {
    let now = clock()
    return state.withLock { $0.document.fresh(now) }
  }

  /// Has it fetched if it runs out within `margin` seconds; nobody waits for it.
  func refreshAhead(margin: Int64, on handle: LoopHandle) {
    let now = clock()
    if state.withLock({ $0.document.wantAhead(now, margin: margin) }) { fetch(on: handle) }
  }

  private func wait(
    on handle: LoopHandle, _ want: @Sendable (inout CachedDocument<Value>, Int64) -> CachedDocument<Value>.Want
  ) async -> Outcome {
    let now = clock()
    return await withCheckedContinuation { waiter in
      let (outcome, fetches) = state.withLock { state -> (Outcome?, Bool) in
        switch want(&state.document, now) {
        case .use(let value, let fetches): return (.success(Held(value: value, version: state.document.version)), fetches)
        case .fail(let fault): return (.failure(fault), false)
        case .wait(let fetches):
          state.waiting.append(waiter)
          return (nil, fetches)
        }
      }
      if let outcome { waiter.resume(returning: outcome) }
      if fetches { fetch(on: handle) }
    }
  }

  /// Not on the loop's own executor: those who wait on other loops are to learn of it when this one ends.
  private func fetch(on handle: LoopHandle) {
    Task {
      do throws(ProviderFault) { finish(.success(try await load(handle))) } catch { finish(.failure(error)) }
    }
  }

  private func finish(_ loaded: Result<(value: Value, lifetime: Int64), ProviderFault>) {
    let now = clock()
    let (waiting, outcome, isBack) = state.withLock { state -> ([Waiter], Outcome, Bool) in
      let waiting = state.waiting
      state.waiting = []
      switch loaded {
      case .success(let (value, lifetime)):
        let isBack = state.document.arrived(value, lifetime: lifetime, now)
        return (waiting, .success(Held(value: value, version: state.document.version)), isBack)
      case .failure(let fault):
        state.document.failed(fault, now)
        return (waiting, .failure(fault), false)
      }
    }
    if case .failure(let fault) = loaded { report(fault) } else if isBack { report(nil) }
    for waiter in waiting { waiter.resume(returning: outcome) }
  }
}
