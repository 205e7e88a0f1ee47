import Synchronization
import Testing

@testable import TLS

@Suite struct TicketKeysTests {
  private final class Clock: Sendable {
    let now = Mutex<Int64>(0)
    func pass(_ seconds: Int64) { now.withLock { $0 += seconds } }
  }

  private func names(_ keys: TicketKeys) -> [[UInt8]] { keys.keys.map(\.name) }

  @Test("a key makes tickets for its time, opens them for as long again, and is forgotten")
  func rotation() {
    let clock = Clock()
    let keys = TicketKeys(TicketSecrets { clock.now.withLock { $0 } }, settings: [1])
    let first = names(keys)
    #expect(first.count == 1)
    clock.pass(TicketSecrets.lifetime - 1)
    #expect(names(keys) == first)
    clock.pass(1)
    let second = names(keys)
    #expect(second.count == 2 && second[1] == first[0] && second[0] != first[0])
    clock.pass(TicketSecrets.lifetime)
    let third = names(keys)
    #expect(third.count == 2 && third[1] == second[0] && !third.contains(first[0]))
  }

  @Test("after a time without any visitor no old key opens anything")
  func pause() {
    let clock = Clock()
    let keys = TicketKeys(TicketSecrets { clock.now.withLock { $0 } }, settings: [1])
    let first = names(keys)
    clock.pass(2 * TicketSecrets.lifetime)
    #expect(names(keys).count == 1 && names(keys) != first)
  }

  @Test("other settings have other keys, and so have other secrets")
  func settings() {
    let secrets = TicketSecrets { 0 }
    #expect(names(TicketKeys(secrets, settings: [1])) == names(TicketKeys(secrets, settings: [1])))
    #expect(names(TicketKeys(secrets, settings: [1])) != names(TicketKeys(secrets, settings: [2])))
    #expect(names(TicketKeys(secrets, settings: [1])) != names(TicketKeys(TicketSecrets { 0 }, settings: [1])))
  }
}
