import Audit
import Config
import EventLoop
import Session

/// What a process opens when it starts, and what it has from an earlier process or a service manager instead.
extension Gateway {
  /// What this process was given, if it fits this configuration: by an earlier process, or sockets by a service manager.
  static func take(_ inheritance: Inheritance, _ configuration: Configuration) throws(StartFault) -> (HandoverGift?, [SocketGroup]) {
    guard let gift = try inheritance.predecessor?.receiveGift() else { return (nil, try SocketGroup.passed(inheritance.passed)) }
    guard gift.state == configuration.state else {
      throw StartFault("`state` is \(gift.state) in the running process and \(configuration.state) here: that takes a restart")
    }
    return (gift, try SocketGroup.given(gift.groups))
  }

  static func openRing(_ configuration: Configuration, _ gift: HandoverGift?, now: Int64) throws(StartFault) -> KeyRing {
    let path = configuration.keys
    do throws(KeyRingError) {
      // A new key would end every session of a gateway that runs.
      return gift?.keys == path ? try KeyRingDirectory.reopen(path: path, now: now) : try KeyRingDirectory.open(path: path, now: now)
    } catch {
      throw StartFault("\(error)")
    }
  }

  static func openStore(
    _ directory: String?, _ configuration: Configuration, _ gift: HandoverGift?, now: Int64
  ) throws(StartFault) -> EmbeddedStore {
    do throws(StoreError) {
      return try EmbeddedStore(directory: directory, returnLimit: configuration.limits.pendingReturns, lock: gift?.lock, now: now)
    } catch {
      throw StartFault("\(error)")
    }
  }

  /// - Returns: how many files this process may have open.
  static func raiseDescriptorLimit(_ limits: Limits, _ events: Events) -> Int {
    let descriptors = System.raiseDescriptorLimit()
    if descriptors < 2 * limits.connections {
      events.warning(
        "the limit of open files is too low for the configured connections (raise it, as with LimitNOFILE in systemd)",
        ["open_files": "\(descriptors)", "connections": "\(limits.connections)"])
    }
    return descriptors
  }

  /// Whoever connects where nobody listens would wait forever.
  static func check(_ passed: [SocketGroup], _ sockets: ListeningSockets) throws(StartFault) {
    let unnamed = passed.unnamed(sockets.listeners)
    guard let first = unnamed.first else { return }
    let names = unnamed.map { "\($0)" }.joined(separator: ", ")
    throw StartFault(
      "a socket was passed that no listener names: \(names) (add `listen \(first)`, or take its ListenStream= out of the socket unit)")
  }
}
