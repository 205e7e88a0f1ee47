import Glibc
import Testing

@testable import Gateway

@Suite struct ListeningSocketsTests {
  @Test("each reason for which it cannot listen has a mend of its own")
  func mends() {
    #expect(ListeningSockets.mend(EADDRINUSE, 443).hasPrefix("stop what listens there"))
    #expect(ListeningSockets.mend(EADDRNOTAVAIL, 443).hasPrefix("name an address of this machine"))
    #expect(ListeningSockets.mend(EACCES, 1023).contains("CAP_NET_BIND_SERVICE"))
    #expect(!ListeningSockets.mend(EACCES, 1024).contains("CAP_NET_BIND_SERVICE"))
  }
}
