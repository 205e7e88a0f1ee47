import Audit
import Crypto
import EventLoop
import Login
import Session

extension Services {
  /// Writes a session that a provider stands for, as it is when the disk is ready, or takes it away once it has ended.
  func keep(_ session: ProviderSession, _ sealer: ProviderSessionSealer, now: Int64) {
    renewals.enter()
    let isQueued = pool.offer { [self] in
      defer { renewals.end() }
      do throws(StoreError) {
        try store.keepSession(session.facts.id) { session.isEnded ? nil : sealer.seal(session, now: now, using: CryptoContext()) }
      } catch {
        sessionWarning.warn(["reason": "\(error)"])
      }
    }
    guard !isQueued else { return }
    renewals.end()
    sessionWarning.warn(["reason": "too much waits for the disk"])
  }

  /// Ends a session that a provider stands for, everywhere and for good.
  func end(_ session: ProviderSession, _ sealer: ProviderSessionSealer, now: Int64) {
    providerSessions.remove(session.facts.id)
    session.end()
    keep(session, sealer, now: now)
  }

  /// Takes away what was written of sessions that have reached their lifetime.
  func forgetSessions(_ ids: [SessionID]) {
    guard !ids.isEmpty else { return }
    let isQueued = pool.offer { [self] in
      for id in ids {
        do throws(StoreError) {
          try store.keepSession(id) { nil }
        } catch {
          sessionWarning.warn(["reason": "\(error)"])
        }
      }
    }
    if !isQueued { sessionWarning.warn(["reason": "too much waits for the disk"]) }
  }

  /// Takes the sessions over that were kept before a restart. Waits for the disk.
  func restoreSessions(_ ring: KeyRing, now: Int64) {
    let sealer = ProviderSessionSealer(ring: ring)
    let crypto = CryptoContext()
    let revoked = RevocationView(store.revocations)
    do throws(StoreError) {
      for (path, bytes) in try store.loadSessions() {
        guard let session = sealer.session(bytes, using: crypto), session.facts.notAfter > now,
          !revoked.contains(session.facts.id, now: now)
        else {
          try store.forgetSession(at: path)
          continue
        }
        if let oldest = providerSessions.insert(session, now: now) { makeRoom(oldest, sealer, now: now) }
      }
    } catch {
      events.error("sessions cannot be read: whoever signed in at a provider signs in again", ["reason": "\(error)"])
    }
  }

  /// Ends the session in whose place another one has come.
  func makeRoom(_ oldest: ProviderSession, _ sealer: ProviderSessionSealer, now: Int64) {
    roomWarning.warn(["limit": "provider_sessions", "user": oldest.state.account.user])
    end(oldest, sealer, now: now)
  }
}
