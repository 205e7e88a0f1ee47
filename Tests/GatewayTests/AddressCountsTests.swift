import Login
import Testing

@testable import Gateway

@Suite struct AddressCountsTests {
  private func network(_ text: String) throws -> ClientNetwork { try #require(ClientNetwork(text: text)) }

  @Test("an address has as many as the limit, and others have theirs")
  func limit() throws {
    let counts = AddressCounts(limit: 2)
    let one = try network("192.0.2.1")
    #expect(counts.enter(one) && counts.enter(one))
    #expect(!counts.enter(one))
    #expect(counts.enter(try network("192.0.2.2")))
    counts.leave(one)
    #expect(counts.enter(one))
    #expect(!counts.enter(one))
  }

  @Test("an IPv6 client counts by its /64")
  func prefix() throws {
    let counts = AddressCounts(limit: 1)
    #expect(counts.enter(try network("2001:db8:1:2::1")))
    #expect(!counts.enter(try network("2001:db8:1:2:ffff::9")))
    #expect(counts.enter(try network("2001:db8:1:3::1")))
  }

  @Test("an address without a connection is forgotten")
  func forgotten() throws {
    let counts = AddressCounts(limit: 2)
    for number in 0..<200 {
      let one = try network("10.0.0.\(number)")
      #expect(counts.enter(one) && counts.enter(one))
    }
    #expect(counts.addresses == 200)
    for number in 0..<200 {
      let one = try network("10.0.0.\(number)")
      counts.leave(one)
      counts.leave(one)
    }
    #expect(counts.addresses == 0)
    counts.leave(try network("10.0.0.1"))
    #expect(counts.addresses == 0)
  }

  @Test("without a limit nobody counts; with one again, only those who were counted give a place back")
  func off() throws {
    let counts = AddressCounts(limit: 1)
    let one = try network("192.0.2.1")
    #expect(counts.limit == 1 && counts.enter(one))
    counts.setLimit(nil)
    #expect(counts.limit == nil)
    counts.setLimit(1)
    #expect(!counts.enter(one) && counts.mostOfOne == 1)
  }
}
