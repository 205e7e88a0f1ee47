import Config
import EventLoop
import Glibc
import TLS

/// The listeners of a configuration, and the sockets of those that are new.
struct ListeningSockets: Sendable {
  /// In the order of the configuration.
  private(set) var listeners: [ListenerInfo] = []
  /// For each listener one for each worker; `nil` for one that goes on with the sockets that it has.
  private(set) var descriptors: [[Int32]?] = []

  /// Binds what is not bound yet. Nothing is accepted before a worker takes the sockets over.
  /// - Parameters:
  ///   - before: the generation whose listeners go on where the addresses are the same.
  ///   - tickets: for TLS sessions that are taken up again.
  /// - Throws: `StartFault`; then nothing is left bound.
  static func open(
    _ listeners: [Listener], before: Generation?, workers: Int, admission: Admission, tickets: TicketSecrets
  ) throws(StartFault) -> ListeningSockets {
    var sockets = ListeningSockets()
    var known = Array(zip(before?.configuration.listeners ?? [], before?.listeners ?? []))
    let ownPorts = Set(known.map(\.1.entrance.address.port))
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
        sockets.descriptors.append(nil)
        continue
      }
      do throws(SystemError) {
        // Our own sockets share the port among themselves, and would share it with another process's just as willingly.
        let isOwn = ownPorts.contains(listener.port)
        let (bound, descriptors) = try bind(address, workers: workers, checks: listener.port != 0 && !isOwn)
        sockets.listeners.append(info(admission.open(bound, limit: listener.connections)))
        sockets.descriptors.append(descriptors)
      } catch {
        sockets.close()
        throw StartFault("cannot listen on \(address): \(error) (\(mend(error.code, listener.port)))")
      }
    }
    return sockets
  }

  static func mend(_ code: Int32, _ port: UInt16) -> String {
    switch code {
    case EADDRNOTAVAIL: "name an address of this machine, or 0.0.0.0 for all of them"
    case EACCES where port < 1024: "a port below 1024 takes CAP_NET_BIND_SERVICE: see `anteroom help https`"
    default: "stop what listens there, or choose another port"
    }
  }

  private static func bind(
    _ address: SocketAddress, workers: Int, checks: Bool
  ) throws(SystemError) -> (address: SocketAddress, descriptors: [Int32]) {
    if checks { try System.checkIsFree(address) }
    var address = address
    var descriptors: [Int32] = []
    do throws(SystemError) {
      for _ in 0..<workers {
        let descriptor = try System.listen(on: address, backlog: ListenerInfo.backlog)
        if let actual = System.localAddress(descriptor) { address = actual }
        descriptors.append(descriptor)
      }
    } catch {
      for descriptor in descriptors { System.close(descriptor) }
      throw error
    }
    return (address, descriptors)
  }

  /// What one worker takes over.
  func share(of worker: Int) -> [Int32?] { descriptors.map { $0?[worker] } }

  /// Gives up what was bound here, before any worker has taken it over.
  func close() {
    for (listener, descriptors) in zip(listeners, descriptors) {
      guard let descriptors else { continue }
      for descriptor in descriptors { System.close(descriptor) }
      listener.entrance.shut()
    }
  }
}
