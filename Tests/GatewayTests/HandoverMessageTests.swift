import Session
import Testing

@testable import Gateway

@Suite struct HandoverMessageTests {
  private var all: [HandoverMessage] {
    let group = HandoverGift.Group(host: "::1", port: 0, isPassed: true, descriptors: [7, 8])
    return [
      .given(HandoverGift(process: 41, state: "/s", keys: "/k", lock: 5, admin: -1, adminPath: "", groups: [group, group])),
      .ready(unused: [3, 9]), .failed(isConfiguration: true, reason: "why"), .failed(isConfiguration: false, reason: ""), .stopped,
      .accepting,
      .pendingReturn(PendingReturn(id: [1], bytes: [2, 3], source: [], expires: -4)),
      .revoked(number: 6, [Revocation(id: .random(), until: 9), Revocation(id: .random(), until: 10)]), .kept(number: .max),
    ]
  }

  @Test("every message is read as it was written, and not when anything is cut off or added")
  func roundTrip() {
    for message in all {
      let bytes = message.bytes
      #expect(HandoverMessage(bytes) == message)
      for count in 0..<bytes.count { #expect(HandoverMessage(Array(bytes[..<count])) == nil) }
      #expect(HandoverMessage(bytes + [0]) == nil)
    }
    #expect(HandoverMessage([0]) == nil && HandoverMessage([99]) == nil)
  }

  @Test("a gift of another version is none of ours")
  func version() throws {
    var bytes = all[0].bytes
    bytes[1] += 1
    #expect(HandoverMessage(bytes) == nil)
  }

  @Test("a reason is cut to what fits")
  func reason() {
    let message = HandoverMessage(HandoverMessage.failed(isConfiguration: true, reason: String(repeating: "x", count: 100_000)).bytes)
    #expect(message == .failed(isConfiguration: true, reason: String(repeating: "x", count: HandoverMessage.longestReason)))
  }
}
