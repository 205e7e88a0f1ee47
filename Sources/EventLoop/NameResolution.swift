import Glibc

extension SocketAddress {
  /// The stream addresses that `host` (a name or a numeric address) stands for, in the system's order; empty when there are none.
  ///
  /// Blocks for as long as the system's resolver takes: never on an event loop.
  package static func resolve(host: String, port: UInt16) -> [SocketAddress] {
    if let numeric = SocketAddress(host, port: port) { return [numeric] }
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    // Safe: the list is getaddrinfo's own until freeaddrinfo; each entry is read within its length, and copied.
    guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = unsafe list
    while let info = unsafe entry {
      if let raw = unsafe info.pointee.ai_addr, unsafe Int(info.pointee.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size {
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { buffer in
          unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: Int(info.pointee.ai_addrlen)))
        }
        var address = SocketAddress(storage)
        address.port = port
        if !addresses.contains(address) { addresses.append(address) }
      }
      unsafe entry = info.pointee.ai_next
    }
    return addresses
  }
}
