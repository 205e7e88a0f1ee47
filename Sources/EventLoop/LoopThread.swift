import CLinux
import Glibc

/// A thread of the operating system.
package final class Thread: Sendable {
  private let id: pthread_t

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a thread that runs `body` and ends with it.
  /// - Parameter name: at most 15 characters; shown by `ps` and `top`.
  /// - Throws: `SystemError` when the system has no thread left.
  package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
    var id = pthread_t()
    // Safe: the retained box is handed to the new thread, which releases it, or released here if there is none.
    let result = unsafe pthread_create(
      &id, nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue()
        _ = unsafe anteroom_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      unsafe start.release()
      throw SystemError("pthread_create", result)
    }
    self.id = id
  }

  /// Waits until the thread has ended. To be called once.
  package func join() { _ = pthread_join(id, nil) }
}

/// A thread that owns one event loop.
package struct LoopThread: Sendable {
  /// The loop that runs on it.
  package let handle: LoopHandle
  private let thread: Thread

  /// Starts a thread, makes its loop, lets `prepare` register what belongs on it, and runs it until the loop is stopped.
  /// - Throws: `SystemError` when descriptors or threads run out.
  package init(name: String, inputBytes: Int = 64 << 10, _ prepare: @escaping @Sendable (EventLoop) -> Void) throws(SystemError) {
    let handle = try LoopHandle()
    self.handle = handle
    thread = try Thread(name: name) {
      guard let loop = try? EventLoop(handle: handle, inputBytes: inputBytes) else { fatalError("no descriptor left for an event loop") }
      prepare(loop)
      loop.run()
      loop.context = nil
    }
  }

  /// Asks the loop to end.
  package func stop() { handle.post { $0.stop() } }

  /// Waits until the thread has ended.
  package func join() { thread.join() }
}
