import EventLoop
import Glibc
import Testing

@testable import Gateway

@Suite struct SocketGroupTests {
  private func group(_ count: Int) throws -> SocketGroup {
    try SocketGroup(binding: try #require(SocketAddress("127.0.0.1", port: 0)), count: count, checks: false)
  }

  private func passed() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(listen(descriptor, 4) == 0)
    return descriptor
  }

  @Test("every socket has a worker and every worker a socket, whatever their numbers", arguments: [1, 2, 3, 4, 7], [1, 2, 3, 4, 7])
  func shares(sockets: Int, workers: Int) throws {
    let group = try group(sockets)
    #expect(Set(group.sockets.map(\.address)).count == 1)
    let shares = (0..<workers).map { group.share(of: $0, workers: workers) }
    #expect(shares.allSatisfy { !$0.sockets.isEmpty })
    let taken = shares.flatMap { $0.sockets.map(\.descriptor) }
    #expect(Set(taken) == Set(group.sockets.map(\.descriptor)))
    #expect(shares.allSatisfy { $0.isShared == (sockets < workers) })
    if sockets >= workers { #expect(taken.count == sockets) }
  }

  @Test("passed sockets of one address are one group, and one that no listener names is told")
  func passing() throws {
    let one = try passed()
    let groups = try SocketGroup.passed([one, try passed(), dup(one)])
    #expect(groups.map(\.sockets.count) == [2, 1] && groups.allSatisfy(\.isPassed))
    let admission = Admission(limit: 10, perAddress: nil, loops: 1)
    let named = ListenerInfo(entrance: admission.open(groups[0].address, limit: nil))
    #expect(groups.unnamed([named]) == [groups[1].address])
    #expect(groups.unnamed([]) == groups.map(\.address))
    #expect(try [group(1)].unnamed([]) == [])
    #expect(throws: StartFault.self) { try SocketGroup.passed([2]) }
  }
}
