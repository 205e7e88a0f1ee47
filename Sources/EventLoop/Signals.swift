import CLinux
import Glibc

/// Signals as a thing to wait for. `block` is called on the main thread before any other thread is started, so that all inherit it.
package enum Signals {
  /// The ones the gateway answers to.
  package enum Signal: Sendable { case terminate, reload, reopen }

  /// Keeps these signals from interrupting anything, and SIGPIPE from ending the process.
  package static func block() {
    var set = sigset_t()
    // Safe: the set is our own and initialised first.
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { unsafe sigaddset(&set, number) }
    _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Has this process end as if somebody had told it to.
  package static func terminate() { _ = kill(getpid(), SIGTERM) }

  /// Sleeps until one of them comes, or until `milliseconds` have passed (`nil`: no limit).
  package static func wait(milliseconds: Int64? = nil) -> Signal? {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { unsafe sigaddset(&set, number) }
    while true {
      let number: Int32
      if let milliseconds {
        var limit = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000 * 1_000_000))
        number = unsafe sigtimedwait(&set, nil, &limit)
      } else {
        number = unsafe sigwaitinfo(&set, nil)
      }
      switch number {
      case SIGTERM, SIGINT: return .terminate
      case SIGHUP: return .reload
      case SIGUSR1: return .reopen
      default: if anteroom_errno() == EAGAIN { return nil }
      }
    }
  }
}
