import EventLoop

/// Hands a worker's access lines to the writer a moment after the first of them.
final class LogTick: Pollable {
  static let milliseconds: Int64 = 200
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() { worker.accessLog?.flush() }
}

/// Looks once a second whether an accounts file has changed; reading it is the pool's.
final class AccountsTick: Pollable {
  private static let milliseconds: Int64 = 1000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    let settings = worker.rules.generation.settings
    let events = worker.services.events
    _ = worker.services.pool.offer {
      for site in settings.sites { site.accounts.refresh(events: events) }
    }
    worker.loop.setDeadline(self, at: worker.loop.now + Self.milliseconds)
  }
}
