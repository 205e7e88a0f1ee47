import Config
import EventLoop
import Glibc
import TLS

/// The listeners of a configuration, and the sockets of those that are new.
struct ListeningSockets: Sendable {
  /// In the order of the configuration.
  private(set) var listeners: [ListenerInfo] = []
  /// In the same order; `nil` for a listener that goes on with the sockets that it has.
  private(set) var opened: [SocketGroup?] = []
  private let workers: Int

  /// Binds what is not bound yet. Nothing is accepted before a worker takes the sockets over.
  /// - Parameters:
  ///   - before: the generation whose listeners go on where the addresses are the same.
  ///   - inherited: sockets that this process was given, and that are used instead of binding where the addresses are the same.
  ///   - tickets: for TLS sessions that are taken up again.
  /// - Throws: `StartFault`; then nothing is left bound.
  static func open(
    _ listeners: [Listener], before: Generation?, inherited: [SocketGroup] = [], workers: Int, admission: Admission, tickets: TicketSecrets
  ) throws(StartFault) -> ListeningSockets {
    var sockets = ListeningSockets(workers: workers)
    var known = Array(zip(before?.configuration.listeners ?? [], before?.listeners ?? []))
    var inherited = inherited
    let ownPorts = Set(known.map(\.1.entrance.address.port) + inherited.flatMap { $0.sockets.map(\.address.port) })
    for listener in listeners {
      guard let address = SocketAddress(listener.address, port: listener.port) else {
        sockets.close()
        throw StartFault("cannot listen on \(listener.address): it is no numeric address")
      }
      let certificates: WatchedCertificates?
      do throws(Diagnostic) {
        certificates = try listener.tls.map { tls throws(Diagnostic) in try WatchedCertificates(tls, tickets: tickets) }
      } catch {
        sockets.close()
        throw StartFault("\(error)")
      }
      func info(_ entrance: Entrance) -> ListenerInfo {
        ListenerInfo(entrance: entrance, certificates: certificates, listener)
      }
      if let place = known.firstIndex(where: { SocketAddress($0.0.address, port: $0.0.port) == address }) {
        let entrance = known.remove(at: place).1.entrance
        sockets.listeners.append(info(entrance))
        sockets.opened.append(nil)
        continue
      }
      do throws(SystemError) {
        let group: SocketGroup
        if let place = inherited.firstIndex(where: { $0.configured == address }) {
          group = inherited.remove(at: place)
        } else {
          // Our own sockets share the port among themselves, and would share it with another process's just as willingly.
          let isOwn = ownPorts.contains(listener.port)
          group = try SocketGroup(binding: address, count: workers, checks: listener.port != 0 && !isOwn)
        }
        sockets.listeners.append(info(admission.open(group.address, limit: listener.connections)))
        sockets.opened.append(group)
      } catch {
        sockets.close()
        throw StartFault("cannot listen on \(address): \(error) (\(mend(error.code, listener.port)))")
      }
    }
    return sockets
  }

  private init(workers: Int) { self.workers = workers }

  static func mend(_ code: Int32, _ port: UInt16) -> String {
    switch code {
    case EADDRNOTAVAIL: "name an address of this machine, or 0.0.0.0 for all of them"
    case EACCES where port < 1024: "a port below 1024 takes CAP_NET_BIND_SERVICE: see `anteroom help https`"
    default: "stop what listens there, or choose another port"
    }
  }

  /// What one worker takes over.
  func share(of worker: Int) -> [SocketShare?] { opened.map { $0?.share(of: worker, workers: workers) } }

  /// Gives up what was bound here, before any worker has taken it over.
  mutating func close() {
    for (listener, group) in zip(listeners, opened) where group != nil { listener.entrance.shut() }
    opened = []
    listeners = []
  }
}
