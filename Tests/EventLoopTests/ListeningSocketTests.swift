import Glibc
import Testing

@testable import EventLoop

@Suite struct ListeningSocketTests {
  /// What a process has inherited: blocking, and open for its children.
  private func inherited(_ family: Int32 = AF_INET, _ type: __socket_type = SOCK_STREAM, listens: Bool = true, only: Bool = true) throws
    -> Int32
  {
    let descriptor = socket(family, Int32(type.rawValue), 0)
    var yes: Int32 = only ? 1 : 0
    if family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4) }
    if listens { #expect(listen(descriptor, 4) == 0) }
    return descriptor
  }

  private func fault(_ descriptor: Int32) -> String {
    do throws(ListeningSocket.Fault) {
      _ = try ListeningSocket(adopting: descriptor, isPassed: true)
      return ""
    } catch {
      System.close(descriptor)
      return error.description
    }
  }

  @Test("one that was bound here knows its port, and is closed with its last reference")
  func bound() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    var made: ListeningSocket? = try ListeningSocket(on: any, backlog: 4)
    let address = try #require(made?.address)
    #expect(address.port != 0 && made?.isPassed == false)
    System.close(try System.connect(to: address))
    made = nil
    #expect(throws: Never.self) { try System.checkIsFree(address) }
  }

  @Test("an inherited one becomes non-blocking and is closed on exec")
  func adopted() throws {
    for family in [AF_INET, AF_INET6] {
      let made = try ListeningSocket(adopting: try inherited(family), isPassed: true)
      #expect(made.isPassed && made.address.isIPv6 == (family == AF_INET6) && made.address.port != 0)
      #expect(fcntl(made.descriptor, F_GETFL) & O_NONBLOCK != 0)
      #expect(fcntl(made.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
  }

  @Test("what is no listening TCP socket of one family is refused with its mend")
  func faults() throws {
    #expect(fault(try inherited(AF_UNIX, listens: false)).contains("no internet socket (write ListenStream="))
    #expect(fault(try inherited(AF_INET, SOCK_DGRAM, listens: false)).contains("does not listen"))
    #expect(fault(try inherited(listens: false)).contains("does not listen"))
    #expect(fault(try inherited(AF_INET6, only: false)).contains("BindIPv6Only=ipv6-only"))
    #expect(fault(100_000).contains("is no socket"))
  }
}
