import EventLoop

/// The sockets of one listener: one for each worker where they were bound here, and as many as there were where they are another's.
struct SocketGroup: Sendable {
  /// As the configuration has it: the port may be 0.
  let configured: SocketAddress
  /// At least one.
  let sockets: [ListeningSocket]

  init(configured: SocketAddress, sockets: [ListeningSocket]) {
    self.configured = configured
    self.sockets = sockets
  }

  /// - Parameter checks: find out first whether somebody else listens there.
  init(binding address: SocketAddress, count: Int, checks: Bool) throws(SystemError) {
    if checks { try System.checkIsFree(address) }
    var sockets: [ListeningSocket] = []
    for _ in 0..<count {
      sockets.append(try ListeningSocket(on: sockets.first?.address ?? address, backlog: ListenerInfo.backlog))
    }
    self.init(configured: address, sockets: sockets)
  }

  /// Takes over what a service manager has bound.
  /// - Throws: `StartFault` for what is no listening TCP socket.
  static func passed(_ descriptors: [Int32]) throws(StartFault) -> [SocketGroup] {
    var sockets: [ListeningSocket] = []
    do throws(ListeningSocket.Fault) {
      for descriptor in descriptors { sockets.append(try ListeningSocket(adopting: descriptor, isPassed: true)) }
    } catch {
      throw StartFault("a socket that was passed cannot be used: \(error)")
    }
    var groups: [SocketGroup] = []
    for socket in sockets where !groups.contains(where: { $0.configured == socket.address }) {
      groups.append(SocketGroup(configured: socket.address, sockets: sockets.filter { $0.address == socket.address }))
    }
    return groups
  }

  /// Takes over what an earlier process has, in its order.
  static func given(_ groups: [HandoverGift.Group]) throws(StartFault) -> [SocketGroup] {
    var taken: [SocketGroup] = []
    for group in groups {
      guard let configured = SocketAddress(group.host, port: group.port) else { continue }
      var sockets: [ListeningSocket] = []
      do throws(ListeningSocket.Fault) {
        for descriptor in group.descriptors { sockets.append(try ListeningSocket(adopting: descriptor, isPassed: group.isPassed)) }
      } catch {
        throw StartFault("a socket that was handed over cannot be used: \(error)")
      }
      if !sockets.isEmpty { taken.append(SocketGroup(configured: configured, sockets: sockets)) }
    }
    return taken
  }

  /// With the port that the kernel chose.
  var address: SocketAddress { sockets.first?.address ?? configured }

  var isPassed: Bool { sockets.contains(where: \.isPassed) }

  /// What one worker accepts on. Every socket has somebody: its connections would wait forever else.
  func share(of worker: Int, workers: Int) -> SocketShare {
    if sockets.count < workers { return SocketShare(sockets: [sockets[worker % sockets.count]], isShared: true) }
    return SocketShare(sockets: sockets.enumerated().filter { $0.offset % workers == worker }.map(\.element), isShared: false)
  }
}

/// What one worker accepts on, of one listener.
struct SocketShare: Sendable {
  let sockets: [ListeningSocket]
  /// Other workers accept on the same.
  let isShared: Bool
}

extension [SocketGroup] {
  /// Where whoever connects would wait for nobody: what was passed and no listener names.
  func unnamed(_ listeners: [ListenerInfo]) -> [SocketAddress] {
    filter { group in group.isPassed && !listeners.contains { $0.entrance.address == group.address } }.map(\.address)
  }
}
