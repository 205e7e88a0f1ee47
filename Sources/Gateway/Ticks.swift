import EventLoop

/// Hands a worker's access lines to the writer a moment after the first of them.
final class LogTick: Pollable {
  static let milliseconds: Int64 = 200
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() { worker.accessLog?.flush() }
}

/// Looks every two seconds whether the files of certificates have changed; reading them is the pool's.
final class CertificatesTick: Pollable {
  private static let milliseconds: Int64 = 2000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    guard !worker.authorities.isEmpty || worker.settings.certificates.contains(where: { $0 != nil }) else { return }
    let certificates = worker.settings.certificates.compactMap { $0 }
    let events = worker.services.events
    let authorities = worker.authorities
    _ = worker.services.pool.offer {
      for one in certificates { one.refresh(events: events) }
      for one in authorities { one.refresh(events: events) }
    }
    worker.loop.setDeadline(self, at: worker.loop.now + Self.milliseconds)
  }
}

/// Looks once a second whether an accounts file has changed; reading it is the pool's.
final class AccountsTick: Pollable {
  private static let milliseconds: Int64 = 1000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    let settings = worker.settings
    let events = worker.services.events
    _ = worker.services.pool.offer {
      for site in settings.sites { site.accounts.refresh(events: events) }
    }
    worker.loop.setDeadline(self, at: worker.loop.now + Self.milliseconds)
  }
}
