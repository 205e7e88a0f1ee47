import CLinux
import Glibc

// The one place where the gateway's data path meets the kernel. Each wrapper reads errno right after its call; each pointer comes from an
// array that lives for the call, with the length the array has: that is why `unsafe` is safe throughout this file.

/// What a read or write on a non-blocking socket came to.
package enum Transfer: Equatable {
  /// This many bytes moved, at least one.
  case moved(Int)
  /// Nothing can move now.
  case wouldBlock
  /// The peer sends no more (reads only).
  case end
  /// The connection is gone; the value is `errno`.
  case failed(Int32)
}

/// System calls for sockets and epoll.
package enum System {
  /// Closes a descriptor that the caller owns.
  package static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

  /// Reads into `bytes` from `start` up to its count.
  package static func receive(_ descriptor: Int32, into bytes: inout [UInt8], from start: Int) -> Transfer {
    receive(descriptor, into: &bytes, from: start, count: bytes.count - start, flags: 0)
  }

  /// Reads at most `count` bytes into `bytes` from `start`.
  package static func receive(_ descriptor: Int32, into bytes: inout [UInt8], from start: Int, count wanted: Int) -> Transfer {
    receive(descriptor, into: &bytes, from: start, count: wanted, flags: 0)
  }

  @inline(__always) private static func receive(
    _ descriptor: Int32, into bytes: inout [UInt8], from start: Int, count wanted: Int, flags: Int32
  ) -> Transfer {
    precondition(start >= 0 && wanted > 0 && wanted <= bytes.count - start)
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe recv(descriptor, base + start, wanted, flags)
      }
      if count > 0 { return .moved(count) }
      if count == 0 { return .end }
      let code = anteroom_errno()
      if code == EINTR { continue }
      return code == EAGAIN ? .wouldBlock : .failed(code)
    }
  }

  /// Reads what has arrived into `bytes` from `start` up to its count, and leaves it with the kernel all the same.
  package static func peek(_ descriptor: Int32, into bytes: inout [UInt8], from start: Int) -> Transfer {
    receive(descriptor, into: &bytes, from: start, count: bytes.count - start, flags: Int32(MSG_PEEK))
  }

  /// Sends `bytes[range]`.
  package static func send(_ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>) -> Transfer {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count && !range.isEmpty)
    while true {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe anteroom_send(descriptor, base + range.lowerBound, range.count)
      }
      if count >= 0 { return .moved(count) }
      let code = anteroom_errno()
      if code == EINTR { continue }
      return code == EAGAIN ? .wouldBlock : .failed(code)
    }
  }

  /// Sends `first[firstRange]` and then `second[secondRange]` with one call; neither range may be empty.
  package static func send(
    _ descriptor: Int32, _ first: [UInt8], _ firstRange: Range<Int>, _ second: [UInt8], _ secondRange: Range<Int>
  ) -> Transfer {
    precondition(firstRange.lowerBound >= 0 && firstRange.upperBound <= first.count && !firstRange.isEmpty)
    precondition(secondRange.lowerBound >= 0 && secondRange.upperBound <= second.count && !secondRange.isEmpty)
    while true {
      let count = unsafe first.withUnsafeBytes { a in
        unsafe second.withUnsafeBytes { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
          return unsafe anteroom_send_two(
            descriptor, a + firstRange.lowerBound, firstRange.count, b + secondRange.lowerBound, secondRange.count)
        }
      }
      if count >= 0 { return .moved(count) }
      let code = anteroom_errno()
      if code == EINTR { continue }
      return code == EAGAIN ? .wouldBlock : .failed(code)
    }
  }

  /// Moves at most `count` bytes between a pipe and a socket, in either direction, without their passing through this process.
  package static func splice(from: Int32, to: Int32, _ count: Int) -> Transfer {
    precondition(count > 0)
    while true {
      let moved = anteroom_splice(from, to, count)
      if moved > 0 { return .moved(moved) }
      if moved == 0 { return .end }
      let code = anteroom_errno()
      if code == EINTR { continue }
      return code == EAGAIN ? .wouldBlock : .failed(code)
    }
  }

  /// Tells the peer that nothing more will be sent.
  package static func shutdownWrite(_ descriptor: Int32) { _ = anteroom_shutdown_write(descriptor) }

  /// Makes `close` reset the connection, so that a peer never takes a cut answer for a whole one.
  package static func resetOnClose(_ descriptor: Int32) { _ = anteroom_reset_on_close(descriptor) }

  /// The error that a connection attempt ended with; 0 when it succeeded.
  package static func pendingError(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : anteroom_errno()
  }

  /// Accepts one connection, non-blocking and closed on exec; it sends without delay where its listener does (Linux hands TCP_NODELAY on).
  package static func accept(_ listener: Int32) -> Result<(Int32, SocketAddress), SystemError> {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = unsafe anteroom_accept4(listener, &storage, &length)
    guard descriptor >= 0 else { return .failure(SystemError("accept4", anteroom_errno())) }
    return .success((descriptor, SocketAddress(storage)))
  }

  /// Whether a connection waits to be accepted.
  package static func hasConnectionWaiting(_ listener: Int32) -> Bool { anteroom_is_readable(listener) != 0 }

  /// Sleeps until something can be read, or `milliseconds` have passed.
  package static func waitUntilReadable(_ descriptor: Int32, milliseconds: Int64) {
    _ = anteroom_wait(descriptor, 0, Int32(clamping: max(0, milliseconds)))
  }

  /// Sleeps until something can be written, or `milliseconds` have passed.
  package static func waitUntilWritable(_ descriptor: Int32, milliseconds: Int64) {
    _ = anteroom_wait(descriptor, 1, Int32(clamping: max(0, milliseconds)))
  }

  /// What the kernel holds of the bytes that were sent, because the peer has not taken them.
  package static func unsentBytes(_ descriptor: Int32) -> Int { Int(anteroom_unsent(descriptor)) }

  /// The descriptor that would be given next; `nil` when there is none.
  package static func nextDescriptor() -> Int32? {
    let descriptor = dup(0)
    // Nothing to copy is no lack of descriptors: then it is standard input's own.
    guard descriptor >= 0 else { return anteroom_errno() == EBADF ? 0 : nil }
    close(descriptor)
    return descriptor
  }

  /// Starts to connect; the socket becomes writable when it is decided.
  package static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
    let descriptor = anteroom_socket(address.isIPv6 ? AF_INET6 : AF_INET)
    guard descriptor >= 0 else { throw SystemError("socket", anteroom_errno()) }
    _ = anteroom_set_nodelay(descriptor)
    let (result, code) = unsafe address.withSockaddr { pointer, length in
      let result = unsafe anteroom_connect(descriptor, pointer, length)
      return (result, anteroom_errno())
    }
    if result != 0, code != EINPROGRESS {
      close(descriptor)
      throw SystemError("connect", code)
    }
    return descriptor
  }

  /// A listening socket that shares its port with the other loops (`SO_REUSEPORT`).
  package static func listen(on address: SocketAddress, backlog: Int32) throws(SystemError) -> Int32 {
    let descriptor = anteroom_socket(address.isIPv6 ? AF_INET6 : AF_INET)
    guard descriptor >= 0 else { throw SystemError("socket", anteroom_errno()) }
    _ = anteroom_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    _ = anteroom_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
    _ = anteroom_set_nodelay(descriptor)
    if address.isIPv6 { _ = anteroom_set_ipv6_only(descriptor) }
    let bound = unsafe address.withSockaddr { pointer, length in
      unsafe anteroom_bind(descriptor, pointer, length) == 0 ? 0 : anteroom_errno()
    }
    guard bound == 0 else {
      close(descriptor)
      throw SystemError("bind", bound)
    }
    guard Glibc.listen(descriptor, backlog) == 0 else {
      let code = anteroom_errno()
      close(descriptor)
      throw SystemError("listen", code)
    }
    return descriptor
  }

  /// Finds out whether nothing else listens on `address`.
  /// - Throws: `SystemError` of `bind` when something does.
  package static func checkIsFree(_ address: SocketAddress) throws(SystemError) {
    let descriptor = anteroom_socket(address.isIPv6 ? AF_INET6 : AF_INET)
    guard descriptor >= 0 else { throw SystemError("socket", anteroom_errno()) }
    defer { close(descriptor) }
    _ = anteroom_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    if address.isIPv6 { _ = anteroom_set_ipv6_only(descriptor) }
    let code = unsafe address.withSockaddr { pointer, length in
      unsafe anteroom_bind(descriptor, pointer, length) == 0 ? 0 : anteroom_errno()
    }
    if code != 0 { throw SystemError("bind", code) }
  }

  /// The address a socket is bound to.
  package static func localAddress(_ descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe anteroom_getsockname(descriptor, &storage, &length) == 0 ? SocketAddress(storage) : nil
  }

  /// Milliseconds of a clock that never goes back.
  package static func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Microseconds of a clock that never goes back.
  package static func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }

  /// Milliseconds since 1970 UTC.
  package static func wallMilliseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// CPUs that this process may use.
  package static func usableProcessors() -> Int { Int(anteroom_usable_cpus()) }

  /// Raises the number of descriptors this process may open to what it is allowed; the answer is that number.
  package static func raiseDescriptorLimit() -> Int { Int(anteroom_raise_descriptor_limit()) }
}
