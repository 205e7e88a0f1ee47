import EventLoop

/// Hands a worker's access lines to the writer a moment after the first of them.
final class LogTick: Pollable {
  static let milliseconds: Int64 = 200
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() { worker.accessLog?.flush() }
}

/// Has a worker forget the opened sessions of people who are not there any more.
final class SessionsTick: Pollable {
  private static let milliseconds: Int64 = 60_000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    worker.rules.sealer.forgetUnused()
    if worker.watches {
      worker.services.forgetSessions(worker.services.providerSessions.purge(now: worker.loop.wallNow / 1000))
      worker.expireHeldForms()
    }
    worker.loop.setDeadline(self, at: worker.loop.now + Self.milliseconds)
  }
}

/// Looks every two seconds whether the files of certificates have changed; reading them is the pool's.
final class CertificatesTick: Pollable {
  private static let milliseconds: Int64 = 2000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    let generation = worker.rules.generation
    let certificates = generation.listeners.compactMap(\.certificates)
    let authorities = generation.upstreams.authorities
    if !certificates.isEmpty || !authorities.isEmpty {
      _ = worker.services.pool.offer { [events = worker.services.events] in
        for one in certificates { one.refresh(events: events) }
        for one in authorities { one.refresh(events: events) }
      }
    }
    worker.loop.setDeadline(self, at: worker.loop.now + Self.milliseconds)
  }
}

/// Has what is known of identity providers renewed before it is outdated, and once at the start.
final class ProvidersTick: Pollable {
  private static let milliseconds: Int64 = 10_000
  private unowned let worker: Worker

  init(worker: Worker) { self.worker = worker }

  override func deadlineReached() {
    let loop = worker.loop
    for login in worker.rules.generation.settings.openIDLogins {
      login.provider.refreshInBackground(on: loop.handle)
    }
    loop.setDeadline(self, at: loop.now + Self.milliseconds)
  }
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
